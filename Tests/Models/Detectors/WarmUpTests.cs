using DenseEngine.Models;
using DenseEngine.Training;
using Xunit;

namespace DenseEngine.Tests;

/// <summary>After <see cref="Detector.WarmUp"/> nothing is left to be compiled.</summary>
public class WarmUpTests {
    private const int Size = 64;

    public static TheoryData<string> Names => ["gfl/gfl_r18_demo", "centernet/centernet_r18_demo", "faster_rcnn/faster_rcnn_r18_demo"];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_detection_after_it_loads_no_kernel(string name) {
        using GpuDevice gpu = GpuCase.All[0].Open();
        using var detector = Detector.Build(Presets.Find(name), seed: 3);
        Assert.Empty(gpu.Kernels);
        detector.To(gpu);
        detector.WarmUp(Size, Size);
        var loaded = gpu.Kernels.ToHashSet();
        Assert.NotEmpty(loaded);
        detector.Detect(Scene(1));
        Assert.Empty(gpu.Kernels.Except(loaded));
    }

    [Fact]
    public void Losses_and_gradients_after_it_load_no_kernel_and_it_changes_nothing() {
        using GpuDevice gpu = GpuCase.All[0].Open();
        using var scope = new TensorScope();
        // Batch norms that count, as they do in training from scratch.
        var config = (GflConfig)Presets.Find("gfl/gfl_r18_demo");
        using var detector = Detector.Build(config, seed: 3);
        detector.To(gpu);
        detector.Train();
        float[][] before = State();
        detector.WarmUp(Size, Size, 2);
        Assert.True(detector.IsTraining);
        Assert.Equal(before, State());
        Assert.DoesNotContain(detector.Parameters(), each => each.Parameter.Value.Grad is not null);
        var loaded = gpu.Kernels.ToHashSet();
        (Tensor batch, ImageInfo[] images) = config.Input.Prepare([Scene(1), Scene(2)], gpu);
        LossTerm.Total(detector.Losses(batch, images, [new([new(3, 5, 40, 33)], [1]), new([], [])])).Backward();
        Assert.Empty(gpu.Kernels.Except(loaded));
        Assert.NotEqual(before, State());   // a step does change statistics

        float[][] State() => [.. detector.StateDict().Select(each =>
            each.Tensor.DType == DType.Float32 ? each.Tensor.ToArray() : [.. each.Tensor.ToIntArray().Select(value => (float)value)])];
    }

    [Fact]
    public void Sizes_that_no_picture_has_are_refused() {
        using var detector = Detector.Build(Presets.Find("gfl/gfl_r18_demo"));
        Assert.Contains("0×5", Assert.Throws<ImageException>(() => detector.WarmUp(0, 5)).Message, StringComparison.Ordinal);
        Assert.Throws<ImageException>(() => detector.WarmUp(5, 5, 0));
        Assert.Throws<ImageException>(() => detector.WarmUp(100_000, 100_000));
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        Assert.Throws<OperationCanceledException>(() => detector.WarmUp(Size, Size, cancel: cancelled.Token));
        detector.WarmUp(Size, Size);
    }

    private static Picture Scene(int number) => new(Size, Size, new ShapeScene(Size, seed: 2, number).Pixels);
}
