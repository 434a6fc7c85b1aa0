namespace DenseEngine.Models;

/// <summary>Stacked hourglasses (Newell et al., 2016) as CornerNet and mmdetection have them: a stem to a quarter of the size, hourglasses
/// with residual blocks and convolutions of stride 2 in the place of pools, and between two of them a block on what went into the first
/// and came out of it. One map a stack.</summary>
public sealed class HourglassNet : Backbone {
    private readonly ConvModule stem;
    private readonly ResidualBlock stemBlock;
    private readonly ModuleList<Hourglass> hourglasses;
    private readonly ModuleList<ResidualBlock> inters;
    private readonly ModuleList<ConvModule> conv1x1s, outConvs, remapConvs;
    private readonly int features;

    /// <summary>A network to be initialised or loaded.</summary>
    /// <exception cref="ConfigException">The configuration contradicts itself.</exception>
    public HourglassNet(HourglassConfig config) {
        config.Validate();
        int width = config.StageChannels[0], stacks = config.Stacks;
        features = config.FeatChannels;
        var norm = new NormConfig(NormKind.Batch, Trains: config.NormTrains);
        stem = new ConvModule(3, width / 2, 7, 2, 3, norm);
        stemBlock = ResidualBlock.Basic(width / 2, width, 2, 1);
        hourglasses = new(Enumerable.Range(0, stacks).Select(_ => new Hourglass(config)));
        // One stack has no use for a block; mmdetection's has one all the same.
        inters = new(Enumerable.Range(0, Math.Max(1, stacks - 1)).Select(_ => ResidualBlock.Basic(width, width, 1, 1)));
        conv1x1s = new(Enumerable.Range(1, stacks - 1).Select(_ => new ConvModule(width, width, 1, norm: norm, relu: false)));
        outConvs = new(Enumerable.Range(0, stacks).Select(_ => new ConvModule(width, features, 3, padding: 1, norm: norm)));
        remapConvs = new(Enumerable.Range(1, stacks - 1).Select(_ => new ConvModule(features, width, 1, norm: norm, relu: false)));
        if (config.NormTrains) return;
        foreach (BatchNorm2d each in ((Module[])[stemBlock, inters]).SelectMany(module => module.Modules<BatchNorm2d>())) each.Freeze();
    }

    /// <inheritdoc/>
    public override IReadOnlyList<int> Channels => [.. Enumerable.Repeat(features, hourglasses.Count)];

    /// <inheritdoc/>
    public override IEnumerable<(string Name, Module Module)> Children => [
        ("stem", new Sequential(stem, new Sequential(stemBlock))), ("hourglass_modules", hourglasses), ("inters", inters),
        ("conv1x1s", conv1x1s), ("out_convs", outConvs), ("remap_convs", remapConvs),
    ];

    /// <summary>[N,H,W,3] to a map for each stack, at stride 4.</summary>
    public override Tensor[] Forward(Tensor x) {
        using var scope = new TensorScope();
        var outputs = new Tensor[hourglasses.Count];
        using (Tensor first = stem.Forward(x)) x = stemBlock.Forward(first);
        for (int i = 0; i < outputs.Length; i++) {
            using (Tensor y = hourglasses[i].Forward(x)) outputs[i] = scope.Keep(outConvs[i].Forward(y));
            if (i == outputs.Length - 1) break;
            using Tensor given = x, narrowed = conv1x1s[i].Forward(given), joined = remapConvs[i].Join(outputs[i], narrowed);
            x = inters[i].Forward(joined);
        }
        return outputs;
    }

    /// <summary>Convolutions as PyTorch makes them, as mmdetection resets them for this network.</summary>
    public override void Initialize(Philox random) {
        foreach (BatchNorm2d norm in Modules<BatchNorm2d>()) norm.Initialize(random);
        foreach (Conv2d convolution in Modules<Conv2d>()) Initializers.Default(convolution, random);
    }
}
