using DenseEngine.Ops;

namespace DenseEngine.Models;

/// <summary>CenterNet's head (Zhou et al., 2019, section 4): a heat map of centres for each class, sizes and offsets, and a branch for each
/// map of a further property.</summary>
public sealed class CenterNetHead : Module {
    private readonly CenterNetConfig config;
    private readonly CenterBranch heat, sizes, offsets;
    private readonly (CenterMap Map, CenterBranch Branch)[] further;

    /// <summary>A head to be initialised or loaded, on a map of so many channels.</summary>
    public CenterNetHead(CenterNetConfig config, int inputs) {
        this.config = config;
        (heat, sizes, offsets) = (Branch(config.Classes.Count), Branch(2), Branch(2));
        further = [.. config.Properties.SelectMany(property => property.Maps).Select(map => (map, Branch(map.Channels)))];

        CenterBranch Branch(int outputs) => new(inputs, config.FeatChannels, outputs);
    }

    /// <inheritdoc/>
    public override IEnumerable<(string Name, Module Module)> Children =>
        [("heatmap_head", heat), ("wh_head", sizes), ("offset_head", offsets),
            .. further.Select(each => ($"{each.Map.Name}_head", (Module)each.Branch))];

    /// <summary>The predictions from a map [N,h,w,inputs].</summary>
    public CenterOutput Forward(Tensor x) {
        using var scope = new TensorScope();
        Tensor probabilities = Op.Sigmoid(heat.Forward(x));
        if (IsTraining && config.ProbabilityClamp is { } least) probabilities = Op.Clamp(probabilities, least, 1 - least);
        return new CenterOutput(probabilities, sizes.Forward(x), offsets.Forward(x),
            further.ToDictionary(each => each.Map.Name, each => each.Branch.Forward(x))).KeptFrom(scope);
    }

    /// <summary>The terms of the loss: those of boxes by mmdetection's names, then the properties'.</summary>
    /// <param name="output">What was predicted.</param>
    /// <param name="targets">What should have been.</param>
    public IReadOnlyList<LossTerm> Losses(CenterOutput output, CenterTargets targets) {
        int peaks = Math.Max(1, targets.Peaks);
        return [
            new("loss_center_heatmap", config.HeatLoss.Apply(output.Heat, targets.Heat, null, peaks)),
            new("loss_wh", config.SizeLoss.Apply(output.Sizes, targets.Sizes, targets.Weights, 2 * peaks)),
            new("loss_offset", config.OffsetLoss.Apply(output.Offsets, targets.Offsets, targets.Weights, 2 * peaks)),
            .. config.Properties.SelectMany(property => property.Losses(new CenterTraining(property, output, targets))),
        ];
    }

    /// <summary>mmdetection's: heat maps' biases so that all probabilities are 0.1, sizes and offsets small.</summary>
    public override void Initialize(Philox random) {
        base.Initialize(random);
        heat.Last.Bias!.Fill(Initializers.BiasFor(0.1f));
        sizes.InitializeSmall(random);
        offsets.InitializeSmall(random);
        foreach ((CenterMap map, CenterBranch branch) in further) branch.Last.Bias!.Fill(map.Bias);
    }
}
