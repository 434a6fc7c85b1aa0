using DenseEngine.Ops;

namespace DenseEngine.Models;

/// <summary>Iterative deep aggregation (Yu et al., 2018, section 3.1) of maps, finest first, of which each but the first is projected,
/// enlarged and added to what has come of those before it. State names: proj_1, up_1, node_1, proj_2, …</summary>
internal sealed class DlaMerge : Module {
    private readonly (ConvModule Project, ConvTranspose2d Enlarge, ConvModule Node)[] steps;

    /// <summary>Aggregation to some channels.</summary>
    /// <param name="channels">Those of the result, and of the first map.</param>
    /// <param name="inputs">Those of the other maps.</param>
    /// <param name="factors">How many times smaller each of those is.</param>
    /// <param name="dcn">The deformable convolutions, or null for plain ones.</param>
    public DlaMerge(int channels, IReadOnlyList<int> inputs, IReadOnlyList<int> factors, DcnConfig? dcn) {
        steps = [.. inputs.Zip(factors, (from, factor) => (Unit(from),
            new ConvTranspose2d(channels, channels, 2 * factor, factor, factor / 2, groups: channels), Unit(channels)))];

        // The norm makes a plain convolution's bias useless; deformable ones have it in the original.
        ConvModule Unit(int from) => new(from, channels, 3, padding: 1, norm: new(NormKind.Batch), bias: dcn is not null, dcn: dcn);
    }

    /// <inheritdoc/>
    public override IEnumerable<(string Name, Module Module)> Children => steps.SelectMany((step, i) => ((string, Module)[])[
        ($"proj_{i + 1}", step.Project), ($"up_{i + 1}", step.Enlarge), ($"node_{i + 1}", step.Node)]);

    /// <summary>What comes of each map together with those before it, the first map unchanged.</summary>
    public Tensor[] Forward(IReadOnlyList<Tensor> maps) {
        using var scope = new TensorScope();
        Tensor[] merged = [.. maps];
        for (int i = 0; i < steps.Length; i++) {
            using Tensor narrow = steps[i].Project.Forward(maps[i + 1]), large = steps[i].Enlarge.Forward(narrow), sum = large + merged[i];
            merged[i + 1] = scope.Keep(steps[i].Node.Forward(sum));
        }
        return merged;
    }

    /// <inheritdoc/>
    public override void Initialize(Philox random) {
        base.Initialize(random);
        foreach ((_, ConvTranspose2d enlarge, _) in steps) enlarge.InitializeBilinear(random);
        foreach (Conv2d convolution in Modules<Conv2d>()) Initializers.Default(convolution, random);
    }
}
