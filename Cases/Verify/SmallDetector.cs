using DenseEngine.Models;
using DenseEngine.Ops;
using DenseEngine.Training;

namespace DenseEngine.Cases;

/// <summary>The detector that <c>dense verify</c> runs: the demonstration's GFL with drawn weights, and two of its pictures.</summary>
internal sealed class SmallDetector : IDisposable {
    /// <summary>Width and height of the pictures.</summary>
    private const int Size = 128;

    private const int Pictures = 2;
    private readonly TensorScope scope = new();
    private readonly DenseDetector detector;
    private readonly Tensor batch;
    private readonly ImageInfo[] images;
    private readonly GroundTruth[] truths;

    /// <summary>Builds it on a device.</summary>
    /// <param name="device">Where it is.</param>
    /// <param name="training">Whether it is to be trained.</param>
    public SmallDetector(Device device, bool training) {
        detector = (DenseDetector)Detector.Build(Config, seed: 7);
        // Fresh heads are as good as sure that there is nothing; these find something everywhere.
        var random = new Philox(8);
        foreach (Conv2d convolution in detector.Head.Modules<Conv2d>()) Initializers.KaimingNormal(convolution, random);
        detector.To(device);
        detector.Train(training);
        ShapeScene[] scenes = [.. Enumerable.Range(0, Pictures).Select(i => new ShapeScene(Size, seed: 9, i))];
        (batch, images) = Config.Input.Prepare([.. scenes.Select(scene => new Picture(Size, Size, scene.Pixels))], device);
        truths = [.. scenes.Select(scene => new GroundTruth(
            [.. scene.Shapes.Select(shape => new Box((float)shape.X1, (float)shape.Y1, (float)shape.X2, (float)shape.Y2))],
            [.. scene.Shapes.Select(shape => (int)shape.Kind)]))];
    }

    private static DetectorConfig Config => GflConfig.Demo([.. DemoSet.Categories.Select(category => category.Name)]) with {
        Test = new(ScoreThreshold: 0.01f, MaxPerImage: 50)
    };

    /// <summary>What the network gives in evaluation mode: of each level scores, then boxes.</summary>
    public Tensor[] Outputs() {
        using var still = new NoGrad();
        return [.. detector.Forward(batch).SelectMany(output => (Tensor[])[Fetched(output.Scores), Fetched(output.Boxes)])];
    }

    /// <summary>What is found in the pictures.</summary>
    public IReadOnlyList<Detections> Detect() => detector.Detect(batch, images);

    /// <summary>The terms of the loss, each as a tensor.</summary>
    public Tensor[] Losses() => [.. detector.Losses(batch, images, truths).Select(term => Fetched(term.Value))];

    /// <summary>The gradient of every parameter, under its name.</summary>
    public Tensor[] Gradients() {
        LossTerm.Total(detector.Losses(batch, images, truths)).Backward();
        return [.. from each in detector.Parameters()
                   where each.Parameter.Trains
                   select Named(each.Parameter.Value.Grad is { } grad ? Fetched(grad)
                       : Tensor.Zeros(each.Parameter.Value.Shape).Persist(), each.Name)];
    }

    /// <summary>A trainer's steps on the same two pictures.</summary>
    /// <param name="steps">How many.</param>
    /// <returns>The loss of each step [steps].</returns>
    public Tensor Train(int steps) {
        using var sgd = new Sgd(detector.Parameters().Select(each => (each.Name, each.Parameter.Value)), 0.9f, 1e-4f);
        var losses = new float[steps];
        for (int step = 0; step < steps; step++) {
            using var inner = new TensorScope();
            Tensor loss = LossTerm.Total(detector.Losses(batch, images, truths));
            sgd.ZeroGrad();
            loss.Backward();
            sgd.Step(0.01f);
            losses[step] = loss.Item();
        }
        return Tensor.From(losses, [steps]).Persist();
    }

    /// <summary>Frees all.</summary>
    public void Dispose() {
        detector.Dispose();
        scope.Dispose();
    }

    private static Tensor Named(Tensor tensor, string name) {
        tensor.Name = name;
        return tensor;
    }

    private static Tensor Fetched(Tensor tensor) =>
        (tensor.Device == HostDevice.Default ? Tensor.From(tensor.ToArray(), tensor.Shape) : tensor.To(HostDevice.Default)).Persist();
}
