using DenseEngine.Models;
using Xunit;

namespace DenseEngine.Tests;

/// <summary>Detectors in use: memory, threads, files of weights.</summary>
public class DetectorUseTests {
    private static DetectorConfig Tiny => GflConfig.Demo(["a", "b", "c"]) with { Test = new(ScoreThreshold: 0.01f) };

    private static Tensor Batch(Device device, int pictures = 2) => Draws.Normal(pictures, 64, 96, 3)(new Philox(8), device);

    private static ImageInfo[] Images(int pictures = 2) => [.. Enumerable.Repeat(new ImageInfo(90, 60, 96, 64, 1.5f, 0.75f), pictures)];

    /// <summary>A detector whose predictions differ from cell to cell.</summary>
    private static Detector Trained(Device device) {
        Detector detector = Detector.Build(Tiny, seed: 5);
        foreach (Conv2d convolution in ((DenseDetector)detector).Head.Modules<Conv2d>())
            Initializers.KaimingNormal(convolution, new Philox(6));
        detector.To(device);
        return detector;
    }

    [Fact]
    public void Inferences_leave_live_buffers_where_they_were() {
        using var device = new HostDevice(2);
        using Detector detector = Trained(device);
        using Tensor batch = Batch(device);
        Assert.NotEmpty(detector.Detect(batch, Images())[0]);
        long buffers = device.Pool.Statistics.LiveBuffers;
        for (int i = 0; i < 1000; i++) detector.Detect(batch, Images());
        Assert.Equal(buffers, device.Pool.Statistics.LiveBuffers);
    }

    [Fact]
    public void A_training_step_leaves_only_gradients_behind() {
        using var device = new HostDevice(2);
        using Detector detector = Trained(device);
        detector.Train();
        using Tensor batch = Batch(device);
        GroundTruth[] truths = [new([new(10, 10, 50, 40)], [1]), new([], [])];
        long before = device.Pool.Statistics.LiveBuffers;
        for (int i = 0; i < 3; i++) {
            using var scope = new TensorScope();
            LossTerm.Total(detector.Losses(batch, Images(), truths)).Backward();
        }
        Assert.Equal(before + detector.Parameters().Count(each => each.Parameter.Trains), device.Pool.Statistics.LiveBuffers);
    }

    [Theory]
    [InlineData("bbox_head.gfl_reg.weight", float.NaN)]
    [InlineData("bbox_head.gfl_reg.bias", float.NaN)]
    [InlineData("bbox_head.gfl_reg.bias", float.PositiveInfinity)]
    [InlineData("bbox_head.scales.0.scale", 3e38f)]
    [InlineData("bbox_head.gfl_cls.bias", float.PositiveInfinity)]
    [InlineData("backbone.conv1.weight", 1e30f)]
    public void Weights_that_are_not_finite_or_too_large_find_nothing_impossible(string name, float value) {
        using Detector detector = Trained(HostDevice.Default);
        Tensor weights = detector.State().Single(each => each.Name == name).Value.Value;
        for (int i = 0; i < weights.Count; i += 3) weights.Span[i] = value;   // so that some anchors stay whole
        using Tensor batch = Batch(HostDevice.Default);
        foreach (Detection found in detector.Detect(batch, Images()).SelectMany(each => each)) {
            Assert.InRange(found.Score, 0f, 1f);
            Assert.InRange(found.Box.X2, found.Box.X1, 90 / 1.5f);
            Assert.InRange(found.Box.Y2, found.Box.Y1, 60 / 0.75f);
            Assert.True(found.Box.X1 >= 0 && found.Box.Y1 >= 0);
        }
    }

    [Fact]
    public void Bits_do_not_depend_on_threads() {
        float[]? first = null;
        foreach (int threads in (int[])[1, 2, 3]) {
            using var device = new HostDevice(threads);
            using Detector detector = Trained(device);
            detector.Train();
            using var scope = new TensorScope();
            LossTerm.Total(detector.Losses(Batch(device), Images(), [new([new(10, 10, 50, 40), new(20, 5, 88, 55)], [1, 0]), new([], [])]))
                .Backward();
            float[] gradients = [.. detector.Parameters().SelectMany(each => each.Parameter.Value.Grad!.ToArray())];
            detector.Train(false);
            float[] all = [.. gradients, .. Flat(detector.Detect(Batch(device), Images()))];
            first ??= all;
            Assert.Equal(first.Select(BitConverter.SingleToInt32Bits), all.Select(BitConverter.SingleToInt32Bits));
        }
        Assert.True(first!.Length > 1000);
    }

    [Fact]
    public void Four_threads_at_once_get_the_same_bits() {
        using var device = new HostDevice(2);
        using Detector detector = Trained(device);
        float[] expected = Flat(detector.Detect(Batch(device), Images()));
        float[][] found = new float[4][];
        Thread[] threads = [.. Enumerable.Range(0, 4).Select(number => new Thread(() => {
            using Tensor batch = Batch(device);
            for (int i = 0; i < 5; i++) found[number] = Flat(detector.Detect(batch, Images()));
        }))];
        foreach (Thread thread in threads) thread.Start();
        foreach (Thread thread in threads) thread.Join();
        foreach (float[] one in found)
            Assert.Equal(expected.Select(BitConverter.SingleToInt32Bits), one.Select(BitConverter.SingleToInt32Bits));
    }

    [Fact]
    public void Boxes_are_scaled_back_and_stay_in_the_picture() {
        using var device = new HostDevice(1);
        using Detector detector = Trained(device);
        foreach (Detection found in detector.Detect(Batch(device), Images()).SelectMany(each => each)) {
            Assert.InRange(found.Box.X2, found.Box.X1, 90 / 1.5f);
            Assert.InRange(found.Box.Y2, found.Box.Y1, 60 / 0.75f);
            Assert.True(found.Box.X1 >= 0 && found.Box.Y1 >= 0);
        }
    }

    [Fact]
    public void A_saved_detector_finds_the_same() {
        string path = Path.Combine(Path.GetTempPath(), $"dense-{Guid.NewGuid():N}.safetensors");
        try {
            using Detector detector = Trained(HostDevice.Default);
            detector.Save(path);
            using Detector loaded = Detector.Load(path);
            using Tensor batch = Batch(HostDevice.Default);
            Assert.Equal(Flat(detector.Detect(batch, Images())), Flat(loaded.Detect(batch, Images())));
        } finally {
            File.Delete(path);
        }
    }

    [Fact]
    public void Weights_that_do_not_fit_are_listed_and_change_nothing() {
        using var scope = new TensorScope();
        using Detector source = Detector.Build(Tiny, seed: 1), target = Detector.Build(Tiny, seed: 2);
        Dictionary<string, Tensor> state = source.StateDict().ToDictionary(each => each.Name, each => each.Tensor);
        state.Remove("neck.fpn_convs.0.conv.bias");
        state["backbone.conv1.weight"] = Tensor.Zeros([16, 3, 7, 6]);
        state["somewhere.else"] = Tensor.Zeros([1]);
        float[] before = target.State().First().Value.Value.ToArray();
        string message = Assert.Throws<CheckpointException>(() => target.Load(state)).Message;
        foreach (string part in (string[])["1 missing: neck.fpn_convs.0.conv.bias", "1 unexpected: somewhere.else",
            "backbone.conv1.weight (file [16, 3, 7, 6], network [16, 3, 7, 7])"])
            Assert.Contains(part, message, StringComparison.Ordinal);
        Assert.Throws<CheckpointException>(() => target.LoadToFineTune(state));
        Assert.Equal(before, target.State().First().Value.Value.ToArray());
    }

    [Fact]
    public void Fine_tuning_skips_and_lists_a_head_of_other_classes() {
        using var scope = new TensorScope();
        using Detector source = Detector.Build(Tiny, seed: 1), target = Detector.Build(GflConfig.Demo(["x", "y"]), seed: 2);
        Dictionary<string, Tensor> state = source.StateDict().ToDictionary(each => each.Name, each => each.Tensor);
        Assert.Throws<CheckpointException>(() => target.Load(state));
        IReadOnlyList<string> skipped = target.LoadToFineTune(state);
        Assert.Equal(2, skipped.Count);
        Assert.StartsWith("bbox_head.gfl_cls.weight (file [3, 48, 3, 3], network [2, 48, 3, 3])", skipped[0]);
        Assert.StartsWith("bbox_head.gfl_cls.bias", skipped[1]);
        foreach ((string name, Tensor tensor) in target.StateDict().Where(each => !each.Name.Contains("gfl_cls", StringComparison.Ordinal)))
            Compare.SameBits(name, state[name], tensor);
    }

    [Fact]
    public void Detection_in_training_mode_and_wrong_batches_are_refused() {
        using Detector detector = Detector.Build(Tiny);
        using Tensor batch = Batch(HostDevice.Default);
        Assert.Contains("[1, height, width, 3]", Assert.Throws<ShapeException>(() => detector.Detect(batch, Images(1))).Message,
            StringComparison.Ordinal);
        detector.Train();
        Assert.Contains("training mode", Assert.Throws<GraphException>(() => detector.Detect(batch, Images())).Message,
            StringComparison.Ordinal);
        Assert.Throws<DatasetException>(() => detector.Losses(batch, Images(), [new([new(1, 1, 9, 9)], [3]), new([], [])]));
    }

    private static float[] Flat(IReadOnlyList<Detections> found) =>
        [.. found.SelectMany(each => each)
            .SelectMany(one => new[] { one.Box.X1, one.Box.Y1, one.Box.X2, one.Box.Y2, one.Score, one.Label })];
}
