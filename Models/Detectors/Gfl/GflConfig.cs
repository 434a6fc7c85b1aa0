namespace DenseEngine.Models;

/// <summary>Generalised focal loss (Li et al., 2020), and with a quality predictor GFL v2 (Li et al., 2021), on ResNet and FPN. Defaults
/// are those of mmdetection's published models.</summary>
public sealed partial record GflConfig : AnchorConfig, IPresets {
    /// <summary>The largest edge distance in strides; one bin more than that.</summary>
    public int RegMax { get; init; } = 16;

    /// <summary>GFL v2's quality predictor (Li et al., 2021), or null for GFL.</summary>
    public QualityPredictorConfig? Quality { get; init; }

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
        ["gfl/gfl_r101_fpn_mstrain_2x_coco"] = Variants.OfDepth(new GflConfig { Training = TwiceAsLong }, 101),
        ["gfl/gfl_r101_fpn_dconv_c3-c5_mstrain_2x_coco"] = new GflConfig { Backbone = Deformable, Training = TwiceAsLong },
        ["gfocal_official/gfocal_r50_fpn_1x"] = Second,
        ["gfocal_official/gfocal_r50_fpn_ms2x"] = Second with { Training = TwiceAsLongSecond },
        ["gfocal_official/gfocal_r101_fpn_ms2x"] = Variants.OfDepth(Second with { Training = TwiceAsLongSecond }, 101),
        ["gfocal_official/gfocal_r101_dcn_fpn_ms2x"] = Second with { Backbone = Deformable, Training = TwiceAsLongSecond },
        ["gfl/gfl_r18_demo"] = Demo(DemoClasses),
        ["gfl/gflv2_r18_demo"] = Small(Second, DemoClasses),
    };

    /// <inheritdoc/>
    public static IReadOnlyDictionary<string, string> Unsupported { get; } = new Dictionary<string, string> {
        ["gfl/gfl_x101_32x4d_fpn_mstrain_2x_coco"] = "the ResNeXt backbone",
        ["gfl/gfl_x101_32x4d_fpn_dconv_c4-c5_mstrain_2x_coco"] = "the ResNeXt backbone",
        ["gfocal_official/gfocal_x101_dcn_fpn_ms2x"] = "the ResNeXt backbone",
        ["gfocal_official/gfocal_r2n101_dcn_fpn_ms2x"] = "the Res2Net backbone",
    };

    private static GflConfig Second => new() { Quality = new(), ClassLoss = new(Activated: true), WeightSum = WeightSum.Plain };

    private static ResNetConfig Deformable =>
        new() { Depth = 101, FrozenStages = 1, Dcn = new(), StageWithDcn = [false, true, true, true] };

    private static TrainingRecipe TwiceAsLongSecond => TwiceAsLong with { Scales = [[1333, 480], [1333, 960]] };

    private static TrainingRecipe TwiceAsLong => Variants.TwiceAsLong(new() { Scales = Variants.WideScales });

    /// <summary>A small network for pictures of 160×160 pixels, trained from scratch on a processor in minutes.</summary>
    /// <param name="classes">The classes' names.</param>
    public static GflConfig Demo(IReadOnlyList<string> classes) {
        GflConfig small = Small(new GflConfig(), classes);
        return small with { Training = small.Training with { Epochs = 44, Steps = [30, 40] } };
    }

    /// <summary>Channels of the class branch: with a loss on probabilities one more than classes, which learns to be 0.</summary>
    internal int ClassOutputs => Classes.Count + (ClassLoss.Activated ? 1 : 0);

    internal override int? LargestEdge => RegMax;

    internal override string Title => "GFL";

    internal override DenseHead CreateHead() => new GflHead(this);

    internal override void Validate() {
        base.Validate();
        if (ClassLoss.Activated != Quality is not null)
            throw new ConfigException("GFL: a class loss on probabilities and a quality predictor go together.");
        Quality?.Validate(RegMax);
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
