using DenseEngine.Ops;

namespace DenseEngine.Models;

/// <summary>The layers for one kind of corners: for each stack two corner pools, and behind them three pairs of convolutions.</summary>
/// <param name="config">The sizes.</param>
/// <param name="vertical">The side of the first pool.</param>
/// <param name="horizontal">That of the second.</param>
internal sealed class CornerBranches(CornerNetConfig config, CornerSide vertical, CornerSide horizontal) {
    /// <summary>The probability that heat maps begin with.</summary>
    private const float FirstProbability = 0.1f;

    public ModuleList<BiCornerPool> Pools { get; } =
        new(Stacks(config, () => new BiCornerPool(config.Channels, config.PoolChannels, config.Channels, vertical, horizontal)));

    public ModuleList<Sequential> Heat { get; } = Branch(config, config.Classes.Count);

    public ModuleList<Sequential> Embeddings { get; } = Branch(config, 1);

    public ModuleList<Sequential> Offsets { get; } = Branch(config, 2);

    public CornerMaps Forward(Tensor map, int stack) {
        using var scope = new TensorScope();
        Tensor pooled = Pools[stack].Forward(map);
        return new CornerMaps(scope.Keep(Heat[stack].Forward(pooled)), scope.Keep(Embeddings[stack].Forward(pooled)),
            scope.Keep(Offsets[stack].Forward(pooled)));
    }

    /// <summary>All convolutions as mmcv's <c>ConvModule</c> has them, but the last of each branch as PyTorch has it.</summary>
    public void Initialize(Philox random) {
        foreach (Module module in (ReadOnlySpan<Module>)[Pools, Heat, Embeddings, Offsets]) {
            foreach (Conv2d layer in module.Modules<Conv2d>()) Initializers.KaimingNormal(layer, random);
            foreach (BatchNorm2d norm in module.Modules<BatchNorm2d>()) norm.Initialize(random);
            foreach (Sequential branch in module.Modules<Sequential>()) Initializers.Default(branch.Modules<Conv2d>().Last(), random);
        }
        foreach (Sequential branch in Heat.Modules<Sequential>())
            branch.Modules<Conv2d>().Last().Bias!.Fill(Initializers.BiasFor(FirstProbability));
    }

    private static ModuleList<Sequential> Branch(CornerNetConfig config, int outputs) => new(Stacks(config, () => new Sequential(
        new ConvModule(config.Channels, config.FeatChannels, 3, padding: 1),
        new ConvModule(config.FeatChannels, outputs, 1, relu: false))));

    private static IEnumerable<T> Stacks<T>(CornerNetConfig config, Func<T> make) =>
        Enumerable.Range(0, config.Backbone.Stacks).Select(_ => make());
}
