using DenseEngine.Ops;

namespace DenseEngine.Models;

/// <summary>Balanced feature pyramid (Pang et al., Libra R-CNN, 2019, section 3.2) as mmdetection has it: the mean of all levels at the
/// size of one, refined, is added to each. Finer maps shrink to the largest values of windows, coarser ones grow by nearest
/// neighbours.</summary>
public sealed class Bfp : Neck {
    private readonly BfpConfig config;
    private readonly int levels;
    private readonly Layer? refine;

    /// <summary>A neck to be initialised or loaded.</summary>
    /// <param name="config">What it consists of.</param>
    /// <param name="channels">Channels of every level.</param>
    /// <param name="levels">How many there are.</param>
    /// <exception cref="ConfigException">The level to refine is not among them.</exception>
    public Bfp(BfpConfig config, int channels, int levels) {
        if (config.RefineLevel < 0 || config.RefineLevel >= levels)
            throw new ConfigException($"Bfp: level {config.RefineLevel}, to be refined, is not among the pyramid's {levels}.");
        (this.config, this.levels) = (config, levels);
        refine = config.Refinement switch {
            Refinement.None => null,
            Refinement.Convolution => new ConvModule(channels, channels, 3, padding: 1, norm: config.Norm),
            Refinement kind => new NonLocal2d(channels, 1, useScale: false, kind == Refinement.DotProduct, config.Norm),
        };
    }

    /// <inheritdoc/>
    public override IEnumerable<(string Name, Module Module)> Children => refine is null ? [] : [("refine", refine)];

    /// <summary>The levels [N,h,w,C], each with what all have in common added.</summary>
    /// <exception cref="ShapeException">There are more or fewer levels than there should be.</exception>
    public override Tensor[] Forward(IReadOnlyList<Tensor> maps) {
        Check.That(maps.Count == levels, $"Bfp: {maps.Count} maps are given; it balances {levels}.");
        using var scope = new TensorScope();
        Pair size = Size(maps[config.RefineLevel]);
        Tensor sum = config.RefineLevel == 0 ? maps[0] : Op.AdaptiveMaxPool2d(maps[0], size);
        for (int i = 1; i < levels; i++)   // the first level itself is not to be written on
            sum = Op.AddNearest(sum, i < config.RefineLevel ? Op.AdaptiveMaxPool2d(maps[i], size) : maps[i], inPlace: sum != maps[0]);
        Tensor common = sum * (1f / levels);
        if (refine is not null) common = refine.Forward(common);
        Tensor[] balanced = [.. maps.Select((map, i) => i < config.RefineLevel ? Op.AddNearest(map, common)
            : map + (i == config.RefineLevel ? common : Op.AdaptiveMaxPool2d(common, Size(map))))];
        foreach (Tensor level in balanced) scope.Keep(level);
        return balanced;
    }

    /// <summary>He's normal weights for a convolution; attention begins as nothing.</summary>
    public override void Initialize(Philox random) {
        base.Initialize(random);
        if (refine is ConvModule convolution) Initializers.KaimingNormal(convolution.Convolution, random);
    }

    private static Pair Size(Tensor map) => (map.Shape[1], map.Shape[2]);
}
