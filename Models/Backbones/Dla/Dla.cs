namespace DenseEngine.Models;

/// <summary>Deep layer aggregation (Yu, Wang, Shelhamer and Darrell, CVPR 2018): two levels of convolutions, then trees of residual
/// blocks. State names are those of the official CenterNet.</summary>
public sealed class Dla : Backbone {
    private readonly DlaConfig config;
    private readonly ConvStack[] lower;
    private readonly DlaTree[] trees;

    /// <summary>A network to be initialised or loaded.</summary>
    /// <exception cref="ConfigException">The configuration is out of range.</exception>
    public Dla(DlaConfig config) {
        config.Validate();
        this.config = config;
        IReadOnlyList<int> channels = config.Channels;
        lower = [Convolutions(3, channels[0], 7, 1, 1), Convolutions(channels[0], channels[0], 3, 1, config.Levels[0]),
            Convolutions(channels[0], channels[1], 3, 2, config.Levels[1])];
        trees = [.. Enumerable.Range(2, DlaConfig.Count - 2).Select(i =>
            new DlaTree(config.Levels[i], channels[i - 1], channels[i], 2, aggregatesInput: i > 2))];
    }

    /// <inheritdoc/>
    public override IReadOnlyList<int> Channels => [.. config.Channels.Skip(config.FirstOutput)];

    /// <inheritdoc/>
    public override IEnumerable<(string Name, Module Module)> Children => [
        ("base_layer", lower[0]), ("level0", lower[1]), ("level1", lower[2]), .. trees.Select((tree, i) => ($"level{i + 2}", (Module)tree)),
    ];

    /// <summary>[N,H,W,3] to the maps of the levels that are given, by default at strides 4, 8, 16 and 32.</summary>
    public override Tensor[] Forward(Tensor x) {
        using var scope = new TensorScope();
        var outputs = new List<Tensor>();
        x = lower[0].Forward(x);
        for (int level = 0; level < DlaConfig.Count; level++) {
            Tensor y = level < 2 ? lower[level + 1].Forward(x) : trees[level - 2].Forward(x);
            if (level <= config.FirstOutput) x.Dispose();   // what the gradient needs of it, it has
            x = y;
            if (level >= config.FirstOutput) outputs.Add(scope.Keep(x));
        }
        return [.. outputs];
    }

    /// <summary>He's normal weights.</summary>
    public override void Initialize(Philox random) {
        foreach (BatchNorm2d norm in Modules<BatchNorm2d>()) norm.Initialize(random);
        foreach (Conv2d convolution in Modules<Conv2d>()) Initializers.KaimingNormal(convolution, random);
    }

    private static ConvStack Convolutions(int inputs, int channels, int kernel, int stride, int count) => new(true,
        [.. Enumerable.Range(0, count).Select(i =>
            (new Conv2d(i == 0 ? inputs : channels, channels, kernel, i == 0 ? stride : 1, kernel / 2, bias: false),
            new BatchNorm2d(channels)))]);
}
