using DenseEngine.Models;
using DenseEngine.Ops;

namespace DenseEngine.Tests;

/// <summary>Calls losses as the unit fixtures' cases say: their settings are read as those of a configuration.</summary>
internal static class LossUnits {
    public static Outputs Boxes(FixtureCase c) => OfPairs(c, MmdetHeads.BoxLoss);

    public static Outputs Differences(FixtureCase c) => OfPairs(c, MmdetHeads.Regression);

    public static Outputs Quality(FixtureCase c) {
        bool activated = c.Attribute("config").TryGetProperty("activated", out var given) && given.GetBoolean();
        QualityFocalLoss loss = Read(c, section => MmdetHeads.QualityFocal(section, activated));
        return new(("loss", loss.Apply(c.Leaf("pred"), c.Leaf("label"), c.Leaf("score"), c.Optional("weight"), Factor(c), ReductionOf(c))));
    }

    public static Outputs GaussianFocal(FixtureCase c) => new(("loss", Read(c, MmdetHeads.GaussianFocal).Apply(c.Leaf("pred"),
        c.Leaf("target"), c.Optional("weight"), Factor(c), ReductionOf(c))));

    public static Outputs Distribution(FixtureCase c) => new(("loss", Read(c, MmdetHeads.DistributionFocal).Apply(c.Leaf("pred"),
        c.Leaf("target"), c.Optional("weight"), Factor(c), ReductionOf(c))));

    public static Outputs Focal(FixtureCase c) => new(("loss", Read(c, MmdetHeads.Focal).Apply(c.Leaf("pred"), c.Leaf("target"),
        c.Optional("weight"), Factor(c), ReductionOf(c))));

    public static Outputs CrossEntropy(FixtureCase c) => new(("loss", Read(c, MmdetHeads.CrossEntropy).Apply(c.Leaf("pred"),
        c.Leaf("target"), c.Optional("weight"), Factor(c), ReductionOf(c))));

    public static Outputs Distillation(FixtureCase c) => new(("loss", Read(c, MmdetHeads.KnowledgeDistillation).Apply(c.Leaf("pred"),
        c.Leaf("target"), c.Optional("weight"), Factor(c), ReductionOf(c))));

    /// <summary>The cases give a quality to every entry; where a row has at most one above 0, heads' form must do.</summary>
    public static Outputs Varifocal(FixtureCase c) {
        Tensor pred = c.Leaf("pred"), target = c.Leaf("target");
        float[][] qualities = [.. target.ToArray().Chunk(pred.Shape[1])];
        VarifocalLoss loss = Read(c, MmdetHeads.Varifocal);
        if (qualities.Any(row => row.Count(quality => quality > 0) > 1))
            return new(("loss", loss.ApplyDense(pred, target, c.Optional("weight"), Factor(c), ReductionOf(c))));
        int[] labels = [.. qualities.Select(row => Array.FindIndex(row, quality => quality > 0))];
        Tensor scores = Tensor.From([.. qualities.Select(row => row.Max())], [qualities.Length], c.Device);
        return new(("loss", loss.Apply(pred, Tensor.From(labels, [labels.Length], c.Device), scores, c.Optional("weight"), Factor(c),
            ReductionOf(c))));
    }

    private static Outputs OfPairs(FixtureCase c, Func<ConfigSection, RegressionLoss> read) => new(("loss", Read(c, read).Apply(
        c.Leaf("pred"), c.Leaf("target"), c.Optional("weight"), Factor(c), ReductionOf(c))));

    /// <summary>What the case's configuration says.</summary>
    public static T Read<T>(FixtureCase c, Func<ConfigSection, T> read) {
        ConfigSection config = new ConfigSection("", PythonConfig.Parse(PythonWriter.Assignments(c.Attributes))).Needed("config");
        T loss = read(config);
        config.Done();
        return loss;
    }

    private static float? Factor(FixtureCase c) => c.Given("avg_factor") ? c.Float("avg_factor") : null;

    private static Reduction ReductionOf(FixtureCase c) =>
        c.Given("reduction_override") ? Enum.Parse<Reduction>(c.Text("reduction_override"), ignoreCase: true) : Reduction.Mean;
}
