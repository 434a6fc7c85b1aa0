using DenseEngine.Models;
using Xunit;

namespace DenseEngine.Tests;

/// <summary>Weights that are read when they are needed: what a detector holds of its file, and what happens when that changes.</summary>
[Collection(nameof(Alone))]
public sealed class LoadedWeightsTests : IDisposable {
    private readonly TemporaryFolder folder = new();

    private static BlockPool Pool => HostDevice.Default.Pool;

    private string Saved() {
        var config = GflConfig.Demo(["a", "b", "c"]) with { Test = new(ScoreThreshold: 0.01f) };
        using Detector detector = Detector.Build(config, seed: 5);
        foreach (Conv2d convolution in ((DenseDetector)detector).Head.Modules<Conv2d>())
            Initializers.KaimingNormal(convolution, new Philox(6));
        detector.Save(folder["gfl.safetensors"]);
        return folder["gfl.safetensors"];
    }

    private static Picture Noise(int width, int height) {
        byte[] pixels = new byte[3 * width * height];
        new Random(width + height).NextBytes(pixels);
        return new Picture(width, height, pixels);
    }

    [Fact]
    public void Reading_later_finds_what_reading_at_once_finds() {
        string path = Saved();
        using Detector later = Detector.Load(path), now = Detector.Load(File.OpenRead(path));
        Picture picture = Noise(160, 120);
        Assert.NotEmpty(now.Detect(picture));
        Assert.Equal(now.Detect(picture), later.Detect(picture));
        using var scope = new TensorScope();
        foreach (((string name, Tensor expected), (_, Tensor actual)) in now.StateDict().Zip(later.StateDict()))
            Compare.SameBits(name, expected, actual);
        Assert.Equal(now.Detect(picture), later.Detect(picture));
    }

    [Fact]
    public void Inference_holds_packed_weights_only_and_gives_all_back() {
        string path = Saved();
        Pool.Trim();
        PoolStatistics before = Pool.Statistics;
        long raw;
        using (Detector detector = Detector.Load(path)) {
            raw = detector.State().Where(each => each.Value.Value.Count >= 1 << 14).Sum(each => 4L * each.Value.Value.Count);
            Assert.InRange(Pool.Statistics.LiveBytes - before.LiveBytes, 0, raw / 2);
            detector.Detect(Noise(160, 120));
            long packed = Pool.Statistics.LiveBytes;
            using (new TensorScope()) detector.StateDict();
            Assert.InRange(Pool.Statistics.LiveBytes - packed, raw, raw + raw / 2);   // now they are there
        }
        Pool.Trim();
        Assert.Equal((before.LiveBuffers, before.LiveBytes, before.ReservedBytes),
            (Pool.Statistics.LiveBuffers, Pool.Statistics.LiveBytes, Pool.Statistics.ReservedBytes));
    }

    [Fact]
    public void Other_sizes_of_pictures_take_no_more_memory_when_they_come_again() {
        using Detector detector = Detector.Load(Saved());
        Picture[] pictures = [Noise(160, 120), Noise(97, 150), Noise(160, 40), Noise(120, 120)];
        void Detect() {
            foreach (Picture picture in pictures) Assert.NotEmpty(detector.Detect(picture));
        }
        Detect();
        Detect();
        PoolStatistics before = Pool.Statistics;
        for (int i = 0; i < 10; i++) Detect();
        Assert.Equal((before.LiveBytes, before.ReservedBytes), (Pool.Statistics.LiveBytes, Pool.Statistics.ReservedBytes));
    }

    [Fact]
    public void Threads_that_use_a_new_detector_at_once_find_the_same() {
        string path = Saved();
        Picture[] pictures = [Noise(160, 120), Noise(97, 150)];
        using Detector whole = Detector.Load(File.OpenRead(path));
        Detections[] expected = [.. pictures.Select(picture => whole.Detect(picture))];
        for (int round = 0; round < 5; round++) {
            using Detector detector = Detector.Load(path);
            var found = new Detections[4];
            Thread[] threads = [.. Enumerable.Range(0, 4)
                .Select(number => new Thread(() => found[number] = detector.Detect(pictures[number % 2])))];
            foreach (Thread thread in threads) thread.Start();
            foreach (Thread thread in threads) thread.Join();
            for (int i = 0; i < found.Length; i++) Assert.Equal(expected[i % 2], found[i]);
        }
    }

    [Fact]
    public void A_file_that_was_changed_is_refused_and_one_that_was_replaced_is_not() {
        string path = Saved();
        using (Detector detector = Detector.Load(path)) {
            if (!OperatingSystem.IsWindows()) {
                File.Move(path, folder["elsewhere"]);
                File.WriteAllText(path, "another file");
                Assert.NotEmpty(detector.Detect(Noise(160, 120)));
                File.Move(folder["elsewhere"], path, overwrite: true);
            }
        }
        using (Detector detector = Detector.Load(path)) {
            byte[] bytes = File.ReadAllBytes(path);
            if (OperatingSystem.IsWindows()) {
                Assert.ThrowsAny<IOException>(() => File.WriteAllBytes(path, bytes));
                return;
            }
            // As another program would: .NET's own locks are only for .NET.
            using (System.Diagnostics.Process copy = System.Diagnostics.Process.Start("cp",
                [WithOtherBytes(bytes), path])!) copy.WaitForExit();
            Assert.Contains("was changed", Assert.Throws<CheckpointException>(() => detector.Detect(Noise(160, 120))).Message,
                StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_damaged_file_is_refused_when_it_is_opened() {
        string path = folder["gfl.pth"];
        using (var scope = new TensorScope()) {
            using Detector detector = Detector.Load(Saved());
            TorchWriter.Write(path, detector.StateDict(), new Dictionary<string,
                object?> { [Detector.ConfigKey] = detector.Config.ToJson() });
        }
        byte[] bytes = File.ReadAllBytes(path);
        Detector.Load(path).Dispose();
        bytes[bytes.Length / 2] ^= 1;   // in the midst of a large weight
        File.WriteAllBytes(path, bytes);
        Assert.Contains("is damaged", Assert.Throws<CheckpointException>(() => Detector.Load(path)).Message, StringComparison.Ordinal);
        File.Delete(path);   // nobody holds it
    }

    private string WithOtherBytes(byte[] bytes) {
        bytes[^1] ^= 1;
        File.WriteAllBytes(folder["other"], bytes);
        return folder["other"];
    }

    public void Dispose() => folder.Dispose();
}
