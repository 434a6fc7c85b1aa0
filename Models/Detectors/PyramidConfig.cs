namespace DenseEngine.Models;

/// <summary>What the detectors on ResNet and FPN have in common. Defaults are those of mmdetection's published models.</summary>
public abstract record PyramidConfig : DetectorConfig {
    private const int MaxClasses = 100_000;

    /// <summary>What the demonstration's pictures show.</summary>
    internal static readonly IReadOnlyList<string> DemoClasses = ["circle", "square", "triangle", "star", "cross"];

    /// <summary>The backbone.</summary>
    public ResNetConfig Backbone { get; init; } = new() { Depth = 50, FrozenStages = 1 };

    /// <summary>The neck.</summary>
    public FpnConfig Neck { get; init; } = new();

    /// <summary>The network's name in messages.</summary>
    internal abstract string Title { get; }

    internal override Detector Create() {
        Validate();
        var backbone = new ResNet(Backbone);
        return Create(backbone, Neck.Create(backbone.Channels));
    }

    /// <summary>The detector on its backbone and neck.</summary>
    private protected abstract Detector Create(Backbone backbone, Neck neck);

    /// <summary>Checks what may come from a file.</summary>
    /// <exception cref="ConfigException">It contradicts itself or is out of range.</exception>
    internal virtual void Validate() {
        if (Classes.Count is 0 or > MaxClasses || Classes.Contains(null!))
            throw new ConfigException($"{Title}: there are {Classes.Count} classes; 1 to {MaxClasses} names are needed.");
    }

    /// <summary>The same detector on a small network, for pictures of 160×160 pixels, trained from scratch on a processor in
    /// minutes.</summary>
    /// <param name="config">The detector.</param>
    /// <param name="classes">The classes' names.</param>
    private protected static T SmallPyramid<T>(T config, IReadOnlyList<string> classes) where T : PyramidConfig =>
        (T)((PyramidConfig)config with {
            Classes = classes,
            Backbone = new() { Depth = 18, BaseChannels = 16, NormEval = false },
            Neck = config.Neck with { OutChannels = 48, Levels = 4 },
            Input = new() { LongSide = 160, ShortSide = 160 },
            Training = new() {
                LearningRate = 0.02f,
                ReferenceBatch = 8,
                BatchSize = 8,
                Epochs = 66,
                Steps = [44, 60],
                Scales = [[160, 160]],
            },
        });
}
