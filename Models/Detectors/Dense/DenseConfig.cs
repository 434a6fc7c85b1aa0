namespace DenseEngine.Models;

/// <summary>What the dense detectors have in common: ResNet, FPN, and a head that predicts at every cell of every level. Defaults are those
/// of mmdetection's published models.</summary>
public abstract record DenseConfig : PyramidConfig {
    /// <summary>With the neck of most of them: levels from stride 8 on, two more by convolutions.</summary>
    protected DenseConfig() => Neck = new() { StartLevel = 1, ExtraLevels = ExtraLevels.OnOutput, Levels = 5 };

    /// <summary>Each level's stride in pixels; as many as the neck has levels.</summary>
    public IReadOnlyList<int> Strides { get; init; } = [8, 16, 32, 64, 128];

    /// <summary>Convolutions in each of the head's two towers.</summary>
    public int StackedConvs { get; init; } = 4;

    /// <summary>Channels of the towers.</summary>
    public int FeatChannels { get; init; } = 256;

    /// <summary>The norm of the towers.</summary>
    public NormConfig? HeadNorm { get; init; } = new(NormKind.Group, 32);

    /// <summary>Fixed factors of the levels' losses, or null for 1.</summary>
    public LevelWeights? LevelWeights { get; init; }

    /// <summary>Factors of the levels' losses that follow the counts of positives, or null for none.</summary>
    public LevelBalance? LevelBalance { get; init; }

    /// <summary>The deformable convolution that stands in the first one's place in each tower, or null.</summary>
    public DcnConfig? FirstConv { get; init; }

    /// <summary>What it learns from a teacher, or null for nothing.</summary>
    public Distillation? Distillation { get; init; }

    /// <summary>The largest distance, in strides, of a box' edges, where they are distributions (Li et al., 2020); null where boxes are
    /// four numbers.</summary>
    internal virtual int? LargestEdge => null;

    /// <summary>The head, its weights not yet initialised.</summary>
    internal abstract DenseHead CreateHead();

    private protected override Detector Create(Backbone backbone, Neck neck) => new DenseDetector(this, backbone, neck, CreateHead());

    internal override void Validate() {
        base.Validate();
        if (Strides.Count != Neck.Levels)
            throw new ConfigException($"{Title}: {Strides.Count} strides do not fit the neck's {Neck.Levels} levels.");
        if (Strides.Any(stride => stride < 1)) throw new ConfigException($"{Title}: strides must be at least 1.");
        if (StackedConvs is < 0 or > 32 || FeatChannels is < 1 or > 4096) {
            throw new ConfigException($"{Title}: stackedConvs {StackedConvs} must be from 0 to 32, featChannels {FeatChannels} from 1 to "
                + "4096.");
        }
        if (LargestEdge is < 1 or > 256) throw new ConfigException($"{Title}: regMax {LargestEdge} must be from 1 to 256.");
        LevelWeights?.Validate(Title);
        Distillation?.Validate(Title);
    }

    /// <summary>The same detector small, for pictures of 160×160 pixels, trained from scratch on a processor in minutes.</summary>
    /// <param name="config">The detector.</param>
    /// <param name="classes">The classes' names.</param>
    internal static T Small<T>(T config, IReadOnlyList<string> classes) where T : DenseConfig {
        DenseConfig small = SmallPyramid((DenseConfig)config, classes);
        return (T)(small with {
            Strides = [8, 16, 32, 64],
            StackedConvs = 2,
            FeatChannels = 48,
            HeadNorm = config.HeadNorm is null ? null : new(NormKind.Group, 16),
        });
    }
}
