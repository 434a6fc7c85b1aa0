using DenseEngine.Models;
using DenseEngine.Ops;
using DenseEngine.Training;

namespace DenseEngine.Benchmarks;

/// <summary>A step of the demonstration's training (GFL with ResNet-18 of 16 base channels, 8 pictures of 160 by 160 pixels), and its
/// parts, each with what comes before it. The pictures are decoded and normalised beforehand.</summary>
public class TrainingBenchmarks : WorkloadBenchmarks {
    private const int Pictures = 8;

    /// <inheritdoc/>
    protected override IEnumerable<Workload> Table => [
        Part("forward", run => ((DenseDetector)run.Detector).Forward(run.Batch)),
        Part("forward, losses", run => run.Losses()),
        Part("forward, losses, gradients", run => {
            LossTerm.Total(run.Losses()).Backward();
            run.Optimizer.ZeroGrad();
        }),
        // With a learning rate of zero, so that every step is the same work.
        Part("step", run => {
            LossTerm.Total(run.Losses()).Backward();
            GradientClip.Apply(run.Detector.Parameters().Select(entry => entry.Parameter.Value), 35);
            run.Optimizer.Step(0);
            run.Optimizer.ZeroGrad();
        }),
    ];

    private static Workload Part(string name, Action<Prepared> part) => new("gfl_r18_demo 8x160x160 " + name, _ => {
        var run = Prepared.Make();
        return () => {
            using var scope = new TensorScope();
            part(run);
        };
    });

    private sealed record Prepared(Detector Detector, Sgd Optimizer, Tensor Batch, ImageInfo[] Images, GroundTruth[] Truths) {
        public static Prepared Make() {
            ShapeScene[] scenes = [.. Enumerable.Range(0, Pictures).Select(number => new ShapeScene(DemoSet.PictureSize, 1, number))];
            Detector detector = Detector.Build(Presets.Find("gfl/gfl_r18_demo"));
            detector.Train();
            (Tensor batch, ImageInfo[] images) =
                detector.Config.Input.Prepare([.. scenes.Select(scene => new Picture(scene.Size, scene.Size, scene.Pixels))]);
            return new(detector, new Sgd(detector.Parameters().Select(entry => (entry.Name, entry.Parameter.Value))), batch, images,
                [.. scenes.Select(scene => new GroundTruth(
                    [.. scene.Shapes.Select(shape => new Box((float)shape.X1, (float)shape.Y1, (float)shape.X2, (float)shape.Y2))],
                    [.. scene.Shapes.Select(shape => (int)shape.Kind)]))]);
        }

        public IReadOnlyList<LossTerm> Losses() => Detector.Losses(Batch, Images, Truths);
    }
}
