using DenseEngine.Ops;

namespace DenseEngine.Models;

/// <summary>Feature pyramid network (Lin et al., 2017) as mmdetection has it: 1×1 laterals, the coarser one added at nearest neighbours to
/// the exact size of the finer, a 3×3 convolution on each, further levels by stride 2.</summary>
public sealed class Fpn : Neck {
    private const int MaxChannels = 4096, MaxLevels = 16;

    private readonly FpnConfig config;
    private readonly int endLevel;   // one past the last map used
    private readonly ModuleList<ConvModule> laterals, outputs;

    /// <summary>A pyramid to be initialised or loaded.</summary>
    /// <param name="config">What it consists of.</param>
    /// <param name="inputs">The channels of the backbone's maps, finest first.</param>
    /// <exception cref="ConfigException">The levels do not fit the maps.</exception>
    public Fpn(FpnConfig config, IReadOnlyList<int> inputs) {
        this.config = config;
        bool toTheEnd = config.EndLevel == -1 || config.EndLevel == inputs.Count - 1;
        endLevel = toTheEnd ? inputs.Count : config.EndLevel + 1;
        int used = endLevel - config.StartLevel;
        if (config.OutChannels is < 1 or > MaxChannels || config.Levels > MaxLevels)
            throw new ConfigException(
                $"Fpn: {config.OutChannels} channels on {config.Levels} levels; at most {MaxChannels} on {MaxLevels}.");
        if (config.StartLevel < 0 || used < 1 || endLevel > inputs.Count)
            throw new ConfigException(
                $"Fpn: levels {config.StartLevel} to {endLevel - 1} are not among the backbone's {inputs.Count} maps.");
        if (config.Levels < used || (!toTheEnd && config.Levels != used))
            throw new ConfigException(
                $"Fpn: {config.Levels} levels cannot be made from the backbone's maps {config.StartLevel} to {endLevel - 1}.");
        NormConfig? lateralNorm = config.NoNormOnLateral ? null : config.Norm;
        int width = config.OutChannels;
        laterals = new(Enumerable.Range(config.StartLevel, used)
            .Select(i => new ConvModule(inputs[i], width, 1, norm: lateralNorm, relu: config.Relu)));
        List<ConvModule> convolutions =
            [.. Enumerable.Range(0, used).Select(_ => new ConvModule(width, width, 3, padding: 1, norm: config.Norm, relu: config.Relu))];
        if (config.ExtraLevels != ExtraLevels.Subsample) {
            for (int i = used; i < config.Levels; i++) {
                int channels = i == used && config.ExtraLevels == ExtraLevels.OnInput ? inputs[endLevel - 1] : width;
                convolutions.Add(new ConvModule(channels, width, 3, 2, 1, config.Norm, config.Relu));
            }
        }
        outputs = new(convolutions);
    }

    /// <inheritdoc/>
    public override IEnumerable<(string Name, Module Module)> Children => [("lateral_convs", laterals), ("fpn_convs", outputs)];

    /// <inheritdoc/>
    public override Tensor[] Forward(IReadOnlyList<Tensor> maps) {
        using var scope = new TensorScope();
        int used = laterals.Count;
        Tensor[] merged = [.. Enumerable.Range(0, used).Select(i => laterals[i].Forward(maps[config.StartLevel + i]))];
        for (int i = used - 1; i > 0; i--)
            merged[i - 1] = Op.AddNearest(merged[i - 1], merged[i], inPlace: true);
        var levels = new List<Tensor>();
        for (int i = 0; i < used; i++) levels.Add(outputs[i].Forward(merged[i]));
        for (int i = used; i < config.Levels; i++) {
            Tensor source = i > used ? levels[^1] : config.ExtraLevels switch {
                ExtraLevels.OnInput => maps[endLevel - 1],
                ExtraLevels.OnLateral => merged[^1],
                _ => levels[^1],
            };
            if (i > used && config.ReluBeforeExtraConvs) source = Op.Relu(source);
            levels.Add(config.ExtraLevels == ExtraLevels.Subsample ? Op.MaxPool2d(levels[^1], 1, 2) : outputs[i].Forward(source));
        }
        foreach (Tensor level in levels) scope.Keep(level);
        return [.. levels];
    }

    /// <summary>Xavier's uniform weights.</summary>
    public override void Initialize(Philox random) {
        base.Initialize(random);
        foreach (Conv2d convolution in Modules<Conv2d>()) Initializers.XavierUniform(convolution, random);
    }
}
