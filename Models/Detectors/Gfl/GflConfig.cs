namespace DenseEngine.Models;

/// <summary>Generalised focal loss (Li et al., 2020) on ResNet and FPN. Defaults are those of mmdetection's published models.</summary>
public sealed partial record GflConfig : DetectorConfig, IPresets {
    private const int MaxClasses = 100_000;

    /// <summary>The backbone.</summary>
    public ResNetConfig Backbone { get; init; } = new() { Depth = 50, FrozenStages = 1 };

    /// <summary>The neck.</summary>
    public FpnConfig Neck { get; init; } = new() { StartLevel = 1, ExtraLevels = ExtraLevels.OnOutput, Levels = 5 };

    /// <summary>Each level's stride in pixels; as many as the neck has levels.</summary>
    public IReadOnlyList<int> Strides { get; init; } = [8, 16, 32, 64, 128];

    /// <summary>The anchors' side in strides: they only serve the assigner.</summary>
    public int OctaveBaseScale { get; init; } = 8;

    /// <summary>Convolutions in each of the head's two towers.</summary>
    public int StackedConvs { get; init; } = 4;

    /// <summary>Channels of the towers.</summary>
    public int FeatChannels { get; init; } = 256;

    /// <summary>The norm of the towers.</summary>
    public NormConfig? HeadNorm { get; init; } = new(NormKind.Group, 32);

    /// <summary>The largest edge distance in strides; one bin more than that.</summary>
    public int RegMax { get; init; } = 16;

    /// <summary>Which anchors are to find which object.</summary>
    public AtssAssigner Assigner { get; init; } = new(9);

    /// <summary>By how many pixels anchors that are assigned may leave the picture; negative for any.</summary>
    public float AllowedBorder { get; init; } = -1;

    /// <summary>The loss on class scores.</summary>
    public QualityFocalLoss ClassLoss { get; init; } = new();

    /// <summary>The loss on boxes.</summary>
    public BoxLoss BoxLoss { get; init; } = new GiouLoss(2);

    /// <summary>The loss on edge distributions.</summary>
    public DistributionFocalLoss DistributionLoss { get; init; } = new();

    /// <inheritdoc/>
    public static IReadOnlyDictionary<string, DetectorConfig> Presets { get; } = new Dictionary<string, DetectorConfig> {
        ["gfl/gfl_r50_fpn_1x_coco"] = new GflConfig(),
        ["gfl/gfl_r50_fpn_mstrain_2x_coco"] = new GflConfig { Training = TwiceAsLong },
        ["gfl/gfl_r101_fpn_mstrain_2x_coco"] = new GflConfig { Backbone = new() { Depth = 101, FrozenStages = 1 }, Training = TwiceAsLong },
        ["gfl/gfl_r18_demo"] = Demo(["circle", "square", "triangle", "star", "cross"]),
    };

    /// <inheritdoc/>
    public static IReadOnlyDictionary<string, string> Unsupported { get; } = new Dictionary<string, string> {
        ["gfl/gfl_r101_fpn_dconv_c3-c5_mstrain_2x_coco"] = "deformable convolution",
        ["gfl/gfl_x101_32x4d_fpn_mstrain_2x_coco"] = "the ResNeXt backbone",
        ["gfl/gfl_x101_32x4d_fpn_dconv_c4-c5_mstrain_2x_coco"] = "the ResNeXt backbone and deformable convolution",
    };

    private static TrainingRecipe TwiceAsLong => new() { Epochs = 24, Steps = [16, 22], Scales = [[1333, 480], [1333, 800]] };

    /// <summary>A small network for pictures of 160×160 pixels, trained from scratch on a processor in minutes.</summary>
    /// <param name="classes">The classes' names.</param>
    public static GflConfig Demo(IReadOnlyList<string> classes) => new() {
        Classes = classes,
        Backbone = new() { Depth = 18, BaseChannels = 16, NormEval = false },
        Neck = new() { OutChannels = 48, StartLevel = 1, Levels = 4, ExtraLevels = ExtraLevels.OnOutput },
        Strides = [8, 16, 32, 64],
        OctaveBaseScale = 8,
        StackedConvs = 2,
        FeatChannels = 48,
        HeadNorm = new(NormKind.Group, 16),
        Input = new() { LongSide = 160, ShortSide = 160 },
        Training = new() { LearningRate = 0.02f, ReferenceBatch = 8, BatchSize = 8, Scales = [[160, 160]] },
    };

    internal override Detector Create() {
        Validate();
        var backbone = new ResNet(Backbone);
        return new DenseDetector(this, backbone, new Fpn(Neck, backbone.Channels), new GflHead(this));
    }

    private void Validate() {
        if (Classes.Count is 0 or > MaxClasses || Classes.Contains(null!))
            throw new ConfigException($"GFL: there are {Classes.Count} classes; 1 to {MaxClasses} names are needed.");
        if (Strides.Count != Neck.Levels)
            throw new ConfigException($"GFL: {Strides.Count} strides do not fit the neck's {Neck.Levels} levels.");
        if (Strides.Any(stride => stride < 1) || OctaveBaseScale < 1)
            throw new ConfigException("GFL: strides and the anchors' scale must be at least 1.");
        if (RegMax is < 1 or > 256 || StackedConvs is < 0 or > 32 || FeatChannels is < 1 or > 4096 || Assigner.TopK is < 1 or > 10_000) {
            throw new ConfigException($"GFL: regMax {RegMax} must be from 1 to 256, stackedConvs {StackedConvs} from 0 to 32, featChannels "
                + $"{FeatChannels} from 1 to 4096, topK {Assigner.TopK} from 1 to 10000.");
        }
    }
}
