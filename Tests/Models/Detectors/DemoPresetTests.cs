using DenseEngine.Models;
using DenseEngine.Training;
using Xunit;

namespace DenseEngine.Tests;

/// <summary>The small networks of <c>dense demo</c>.</summary>
public class DemoPresetTests {
    public static TheoryData<string> Names => [.. Presets.Names.Where(name => name.EndsWith("_demo", StringComparison.Ordinal))];

    /// <summary>Every weight that trains has a finite gradient, most of the head's are not zero, and a step changes the loss.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void It_takes_a_step(string name) {
        DetectorConfig config = Presets.Find(name) is DenseConfig dense ? dense with { Distillation = null } : Presets.Find(name);
        Assert.Equal((160, 160, 5), (config.Input.LongSide, config.Input.ShortSide, config.Classes.Count));
        using Detector detector = Detector.Build(config, seed: 2);
        detector.Train();
        ShapeScene[] scenes = [new(160, 4, 0), new(160, 4, 1)];
        using var scope = new TensorScope();
        (Tensor batch, ImageInfo[] images) = config.Input.Prepare([.. scenes.Select(scene => new Picture(160, 160, scene.Pixels))]);
        GroundTruth[] truths = [new([new(20, 30, 90, 110)], [1]), new([new(60, 10, 100, 60), new(5, 80, 45, 150)], [0, 4])];
        using var sgd = new Sgd(detector.Parameters().Select(each => (each.Name, each.Parameter.Value)), 0.9f, 1e-4f);
        Tensor loss = LossTerm.Total(detector.Losses(batch, images, truths, new TorchChoice(3)));
        loss.Backward();
        (string Name, float[] Grad)[] gradients = [.. detector.Parameters()
            .Where(each => each.Parameter.Trains)
            .Where(each => !each.Name.StartsWith("backbone.inters.", StringComparison.Ordinal))   // one stack uses none
            .Select(each => (each.Name, each.Parameter.Value.Grad!.ToArray()))];
        Assert.All(gradients, each => Assert.True(Array.TrueForAll(each.Grad, float.IsFinite), each.Name));
        (string Name, float[] Grad)[] head = [.. gradients.Where(each => each.Name.Contains("_head.", StringComparison.Ordinal))];
        Assert.True(2 * head.Count(each => Array.Exists(each.Grad, value => value != 0)) > head.Length);
        GradientClip.Apply(detector.Parameters().Select(each => each.Parameter.Value), 35);
        sgd.Step(0.01f);
        float after = LossTerm.Total(detector.Losses(batch, images, truths, new TorchChoice(3))).ToArray()[0];
        Assert.True(float.IsFinite(after) && after != loss.ToArray()[0]);
    }
}
