using BenchmarkDotNet.Attributes;
using DenseEngine.Models;
using DenseEngine.Ops;
using DenseEngine.Training;

namespace DenseEngine.Benchmarks;

/// <summary>A step of the demonstration's training (GFL with ResNet-18 of 16 base channels, 8 pictures of 160 by 160 pixels), and its
/// parts, each with what comes before it. The pictures are decoded and normalised beforehand.</summary>
[Config(typeof(OperationsConfig))]
public class TrainingBenchmarks : IDisposable {
    private const int Pictures = 8;
    private Detector detector = null!;
    private Sgd optimizer = null!;
    private Tensor batch = null!;
    private ImageInfo[] images = [];
    private GroundTruth[] truths = [];

    [GlobalSetup]
    public void Setup() {
        ShapeScene[] scenes = [.. Enumerable.Range(0, Pictures).Select(number => new ShapeScene(DemoSet.PictureSize, 1, number))];
        detector = Detector.Build(Presets.Find("gfl/gfl_r18_demo"));
        detector.Train();
        optimizer = new Sgd(detector.Parameters().Select(entry => (entry.Name, entry.Parameter.Value)));
        (batch, images) = detector.Config.Input.Prepare([.. scenes.Select(scene => new Picture(scene.Size, scene.Size, scene.Pixels))]);
        truths = [.. scenes.Select(scene => new GroundTruth(
            [.. scene.Shapes.Select(shape => new Box((float)shape.X1, (float)shape.Y1, (float)shape.X2, (float)shape.Y2))],
            [.. scene.Shapes.Select(shape => (int)shape.Kind)]))];
    }

    [GlobalCleanup]
    public void Dispose() {
        optimizer.Dispose();
        detector.Dispose();
        batch.Dispose();
        GC.SuppressFinalize(this);
    }

    [Benchmark]
    public void Forward() {
        using var scope = new TensorScope();
        ((DenseDetector)detector).Forward(batch);
    }

    [Benchmark]
    public void Losses() {
        using var scope = new TensorScope();
        detector.Losses(batch, images, truths);
    }

    [Benchmark]
    public void Gradients() {
        using var scope = new TensorScope();
        LossTerm.Total(detector.Losses(batch, images, truths)).Backward();
        optimizer.ZeroGrad();
    }

    /// <summary>With a learning rate of zero, so that every step is the same work.</summary>
    [Benchmark(Baseline = true)]
    public void Step() {
        using var scope = new TensorScope();
        LossTerm.Total(detector.Losses(batch, images, truths)).Backward();
        GradientClip.Apply(detector.Parameters().Select(entry => entry.Parameter.Value), 35);
        optimizer.Step(0);
        optimizer.ZeroGrad();
    }
}
