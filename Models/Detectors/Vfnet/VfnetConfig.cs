namespace DenseEngine.Models;

/// <summary>VarifocalNet (H. Zhang et al., 2020) on ResNet and FPN. Defaults are those of mmdetection's published models.</summary>
public sealed partial record VfnetConfig : PointConfig, IPresets {
    /// <summary>The published network.</summary>
    public VfnetConfig() {
        StackedConvs = 3;
        Neck = Neck with { ReluBeforeExtraConvs = true };
    }

    /// <summary>Whether objects are assigned by <see cref="Assigner"/> to square anchors around the cells' corners; otherwise as FCOS
    /// does, to the cells' middles.</summary>
    public bool UseAtss { get; init; } = true;

    /// <summary>Which anchors are to find which object, with <see cref="UseAtss"/>.</summary>
    public Assigner Assigner { get; init; } = new AtssAssigner(9);

    /// <summary>The anchors' side in strides.</summary>
    public float OctaveBaseScale { get; init; } = 8;

    /// <summary>The anchors' centres, from which boxes are then predicted, in strides from their cells' corners.</summary>
    public float CenterOffset { get; init; }

    /// <summary>By how many pixels anchors that are assigned may leave the picture; negative for any.</summary>
    public float AllowedBorder { get; init; } = -1;

    /// <summary>What the first boxes are predicted in units of.</summary>
    public BoxUnit BoxUnit { get; init; }

    /// <summary>The share of the gradient that goes from the star's places on to the first box.</summary>
    public float GradientMul { get; init; } = 0.1f;

    /// <summary>Whether the class loss of a batch without positives is divided by 1 (<c>sync_num_pos</c>: the original clamps the number
    /// only where it averages it over devices); otherwise it is divided by 2⁻²³.</summary>
    public bool SyncNumPos { get; init; } = true;

    /// <summary>The loss on class scores, or null for <see cref="FocalLoss"/>.</summary>
    public VarifocalLoss? ClassLoss { get; init; } = new();

    /// <summary>The loss on class scores without <see cref="ClassLoss"/>.</summary>
    public FocalLoss FocalLoss { get; init; } = new();

    /// <summary>The loss on the first boxes.</summary>
    public BoxLoss BoxLoss { get; init; } = new GiouLoss(1.5f);

    /// <summary>The loss on the refined boxes.</summary>
    public BoxLoss RefinedBoxLoss { get; init; } = new GiouLoss(2);

    /// <inheritdoc/>
    public static IReadOnlyDictionary<string, DetectorConfig> Presets { get; } = new Dictionary<string, DetectorConfig> {
        ["vfnet/vfnet_r50_fpn_1x_coco"] = Published(50),
        ["vfnet/vfnet_r50_fpn_mstrain_2x_coco"] = Published(50, twice: true, scaled: true),
        ["vfnet/vfnet_r50_fpn_mdconv_c3-c5_mstrain_2x_coco"] = Deformable(50),
        ["vfnet/vfnet_r101_fpn_1x_coco"] = Published(101),
        ["vfnet/vfnet_r101_fpn_2x_coco"] = Published(101, twice: true),
        ["vfnet/vfnet_r101_fpn_mstrain_2x_coco"] = Published(101, twice: true, scaled: true),
        ["vfnet/vfnet_r101_fpn_mdconv_c3-c5_mstrain_2x_coco"] = Deformable(101),
        ["vfnet/vfnet_r18_demo"] = Demo(DemoClasses),
    };

    /// <inheritdoc/>
    public static IReadOnlyDictionary<string, string> Unsupported { get; } = new Dictionary<string, string> {
        ["vfnet/vfnet_r2_101_fpn_mstrain_2x_coco"] = "the Res2Net backbone",
        ["vfnet/vfnet_r2_101_fpn_mdconv_c3-c5_mstrain_2x_coco"] = "the Res2Net backbone",
        ["vfnet/vfnet_x101_32x4d_fpn_mstrain_2x_coco"] = "the ResNeXt backbone",
        ["vfnet/vfnet_x101_32x4d_fpn_mdconv_c3-c5_mstrain_2x_coco"] = "the ResNeXt backbone",
        ["vfnet/vfnet_x101_64x4d_fpn_mstrain_2x_coco"] = "the ResNeXt backbone",
        ["vfnet/vfnet_x101_64x4d_fpn_mdconv_c3-c5_mstrain_2x_coco"] = "the ResNeXt backbone",
    };

    /// <summary>A small network for pictures of 160×160 pixels, trained from scratch on a processor in minutes.</summary>
    /// <param name="classes">The classes' names.</param>
    public static VfnetConfig Demo(IReadOnlyList<string> classes) =>
        Small(new VfnetConfig(), classes) with { RegressRanges = [[-1, 64], [64, 128], [128, 256], [256, 1e8f]] };

    internal override string Title => "VFNet";

    internal override DenseHead CreateHead() => new VfnetHead(this);

    internal override AnchorGenerator Priors() => UseAtss
        ? new([.. Strides.Select(stride => (Ops.Pair)stride)], [1], AnchorGenerator.OctaveScales(OctaveBaseScale, 1),
            centerOffset: CenterOffset) : base.Priors();

    internal override Assigner PriorAssigner() => UseAtss ? Assigner : base.PriorAssigner();

    internal override float? Border => UseAtss ? AllowedBorder : base.Border;

    /// <summary>What a level's first boxes are predicted in units of, in pixels.</summary>
    internal float UnitOf(int level) => BoxUnit == BoxUnit.Stride ? Strides[level]
        : level < RegressRanges.Count - 1 ? RegressRanges[level][1] : 2 * RegressRanges[level - 1][1];

    internal override void Validate() {
        base.Validate();
        base.PriorAssigner().Validate();
        if (RegressRanges.Count < 2 || OctaveBaseScale is not (> 0 and < 1e6f) || !float.IsFinite(CenterOffset)
            || !Enum.IsDefined(BoxUnit) || !float.IsFinite(GradientMul)) {
            throw new ConfigException(FormattableString.Invariant($"VFNet: {RegressRanges.Count} regress ranges must be 2 at least, ")
                + FormattableString.Invariant($"octaveBaseScale {OctaveBaseScale} above 0, centerOffset {CenterOffset} finite, ")
                + FormattableString.Invariant($"gradientMul {GradientMul} a number."));
        }
    }

    private static VfnetConfig Published(int depth, bool twice = false, bool scaled = false) => new() {
        Backbone = new() { Depth = depth, FrozenStages = 1 },
        Training = new() {
            BiasRateFactor = 2,
            BiasDecayFactor = 0,
            WarmupRatio = 0.1f,
            Epochs = twice ? 24 : 12,
            Steps = twice ? [16, 22] : [8, 11],
            Scales = scaled ? [[1333, 480], [1333, 960]] : [[1333, 800]],
        },
    };

    private static VfnetConfig Deformable(int depth) {
        VfnetConfig plain = Published(depth, twice: true, scaled: true);
        return plain with {
            Backbone = plain.Backbone with { Dcn = new(Modulated: true), StageWithDcn = [false, true, true, true] },
            DcnOnLastConv = true,
        };
    }
}
