namespace DenseEngine.Models;

/// <summary>Generalised focal loss (Li et al., 2020) on ResNet and FPN. Defaults are those of mmdetection's published models.</summary>
public sealed partial record GflConfig : AnchorConfig, IPresets {
    /// <summary>The largest edge distance in strides; one bin more than that.</summary>
    public int RegMax { get; init; } = 16;

    /// <summary>What the losses on boxes and edges are divided by.</summary>
    public WeightSum WeightSum { get; init; }

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
        ["gfl/gfl_r101_fpn_dconv_c3-c5_mstrain_2x_coco"] = new GflConfig {
            Backbone = new() { Depth = 101, FrozenStages = 1, Dcn = new(), StageWithDcn = [false, true, true, true] },
            Training = TwiceAsLong,
        },
        ["gfl/gfl_r18_demo"] = Demo(["circle", "square", "triangle", "star", "cross"]),
    };

    /// <inheritdoc/>
    public static IReadOnlyDictionary<string, string> Unsupported { get; } = new Dictionary<string, string> {
        ["gfl/gfl_x101_32x4d_fpn_mstrain_2x_coco"] = "the ResNeXt backbone",
        ["gfl/gfl_x101_32x4d_fpn_dconv_c4-c5_mstrain_2x_coco"] = "the ResNeXt backbone",
    };

    private static TrainingRecipe TwiceAsLong => new() { Epochs = 24, Steps = [16, 22], Scales = [[1333, 480], [1333, 800]] };

    /// <summary>A small network for pictures of 160×160 pixels, trained from scratch on a processor in minutes.</summary>
    /// <param name="classes">The classes' names.</param>
    public static GflConfig Demo(IReadOnlyList<string> classes) => Small(new GflConfig(), classes);

    internal override string Title => "GFL";

    internal override DenseHead CreateHead() => new GflHead(this);

    internal override void Validate() {
        base.Validate();
        if (RegMax is < 1 or > 256) throw new ConfigException($"GFL: regMax {RegMax} must be from 1 to 256.");
    }
}

/// <summary>What GFL's losses on boxes and edges are divided by: the sum of the positives' weights, and what keeps it from zero.</summary>
public enum WeightSum {
    /// <summary>At least 1 (mmdetection).</summary>
    AtLeastOne,

    /// <summary>Plus 10⁻⁶ (localization distillation).</summary>
    PlusEpsilon,

    /// <summary>The sum alone (GFL v2's official code); 1 without positives.</summary>
    Plain,
}
