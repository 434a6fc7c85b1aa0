using DenseEngine.Models;
using Xunit;

namespace DenseEngine.Tests;

/// <summary>What callers of a detector rely on: batches like singles, cancellation at any moment, many threads, disposal
/// meanwhile.</summary>
public class DetectorCallsTests {
    private static readonly Picture[] Pictures = [
        Noise(160, 120, 1), Noise(120, 160, 2), Noise(97, 33, 3), Noise(160, 120, 4), Noise(40, 160, 5), Noise(160, 120, 6)];

    /// <summary>A detector with something to find everywhere, wide enough that its convolutions take the fast paths.</summary>
    private static Detector Detector(Device? device = null) {
        var config = GflConfig.Demo(["a", "b", "c"]) with { Test = new(ScoreThreshold: 0.01f) };
        Detector detector = Models.Detector.Build(config, seed: 5);
        foreach (Conv2d convolution in ((DenseDetector)detector).Head.Modules<Conv2d>())
            Initializers.KaimingNormal(convolution, new Philox(6));
        if (device is not null) detector.To(device);
        return detector;
    }

    [Fact]
    public void A_batch_of_pictures_of_any_sizes_equals_them_one_by_one() {
        using Detector detector = Detector();
        IReadOnlyList<Detections> together = detector.Detect(Pictures);
        Assert.True(together.All(found => found.Count > 5));
        for (int i = 0; i < Pictures.Length; i++) Same(detector.Detect(Pictures[i]), together[i]);
        Assert.Empty(detector.Detect(Array.Empty<Picture>()));
        Assert.Empty(detector.Detect(Tensor.Zeros([0, 64, 64, 3]), []));
    }

    [Fact]
    public void Files_streams_and_pictures_give_the_same() {
        using Detector detector = Detector();
        string path = Path.Combine(Path.GetTempPath(), $"dense-{Guid.NewGuid():N} ä.png");
        try {
            Pictures[0].SavePng(path);
            Detections expected = detector.Detect(Pictures[0]);
            Same(expected, detector.Detect(path));
            using FileStream stream = File.OpenRead(path);
            Same(expected, detector.Detect(stream));
        } finally {
            File.Delete(path);
        }
    }

    [Fact]
    public void A_call_can_be_cancelled_at_every_operation_and_nothing_stays_behind() {
        using var device = new HostDevice(1);
        using Detector detector = Detector(device);
        Detections expected = detector.Detect(Pictures[0]);
        long buffers = device.Pool.Statistics.LiveBuffers;
        int operations = Count(detector);
        Assert.InRange(operations, 100, 1000);
        for (int at = 0; at < operations; at += 1 + operations / 200) {
            using var source = new CancellationTokenSource();
            using (CancelScope.Watch(CancelAt(at, source)))
                Assert.Throws<OperationCanceledException>(() => detector.Detect(Pictures[0], source.Token));
            Assert.Equal(buffers, device.Pool.Statistics.LiveBuffers);
        }
        Same(expected, detector.Detect(Pictures[0]));
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        Assert.Throws<OperationCanceledException>(() => detector.Detect("no such file", cancelled.Token));
    }

    [Fact]
    public void Calls_that_run_when_a_detector_is_disposed_end_and_later_ones_are_refused() {
        float[][] expected;
        using (Detector whole = Detector()) expected = [.. Pictures.Select(picture => Flat(whole.Detect(picture)))];
        for (int round = 0; round < 6; round++) {
            Detector detector = Detector();
            int done = 0, refused = 0;
            Thread[] threads = [.. Enumerable.Range(0, 8).Select(number => new Thread(() => {
                try {
                    for (int i = 0; ; i++) {
                        int picture = (number + i) % Pictures.Length;
                        Assert.Equal(expected[picture], Flat(detector.Detect(Pictures[picture])));
                        Interlocked.Increment(ref done);
                    }
                } catch (ObjectDisposedException) {
                    Interlocked.Increment(ref refused);
                }
            }))];
            foreach (Thread thread in threads) thread.Start();
            SpinWait.SpinUntil(() => Volatile.Read(ref done) >= round);
            detector.Dispose();
            detector.Dispose();
            foreach (Thread thread in threads) thread.Join();
            Assert.Equal(8, refused);
            Assert.Throws<ObjectDisposedException>(() => detector.Detect(Pictures[0]));
            Assert.True(detector.State().First().Value.Value.IsDisposed);
        }
    }

    private static int Count(Detector detector) {
        int count = 0;
        using (CancelScope.Watch(() => count++)) detector.Detect(Pictures[0]);
        return count;
    }

    private static Action CancelAt(int operation, CancellationTokenSource source) => () => {
        if (operation-- == 0) source.Cancel();
    };

    private static void Same(Detections expected, Detections actual) => Assert.Equal(Flat(expected), Flat(actual));

    private static float[] Flat(Detections found) =>
        [.. found.SelectMany(one => new[] { one.Box.X1, one.Box.Y1, one.Box.X2, one.Box.Y2, one.Score, one.Label })];

    private static Picture Noise(int width, int height, int seed) {
        byte[] pixels = new byte[3 * width * height];
        new Random(seed).NextBytes(pixels);
        return new Picture(width, height, pixels);
    }
}
