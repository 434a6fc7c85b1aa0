using DenseEngine.Ops;

namespace DenseEngine.Models;

/// <summary>ATSS (Zhang et al., 2020) on ResNet and FPN: one square anchor a cell, and a centerness that scores are multiplied by. Defaults
/// are those of mmdetection's published models.</summary>
public sealed partial record AtssConfig : AnchorConfig, IPresets {
    /// <summary>How boxes are told from anchors.</summary>
    public DeltaXywhBoxCoder BoxCoder { get; init; } = new(DeltaNumbers.All(0), new(0.1f, 0.1f, 0.2f, 0.2f));

    /// <summary>The largest edge distance in strides, where boxes are distributions of their edges as GFL has them (LD's
    /// <c>ATSSGFLHead</c>); null where they are deltas.</summary>
    public int? RegMax { get; init; }

    /// <summary>The side of the last convolutions' windows (<c>pred_kernel_size</c>).</summary>
    public int PredKernelSize { get; init; } = 3;

    /// <summary>The loss on class scores.</summary>
    public FocalLoss ClassLoss { get; init; } = new();

    /// <summary>The loss on boxes.</summary>
    public BoxLoss BoxLoss { get; init; } = new GiouLoss(2);

    /// <summary>The loss on the centerness.</summary>
    public CrossEntropyLoss CenternessLoss { get; init; } = new(UseSigmoid: true);

    /// <inheritdoc/>
    public static IReadOnlyDictionary<string, DetectorConfig> Presets { get; } = new Dictionary<string, DetectorConfig> {
        ["atss/atss_r50_fpn_1x_coco"] = new AtssConfig(),
        ["atss/atss_r101_fpn_1x_coco"] = Variants.OfDepth(new AtssConfig(), 101),
        ["atss/atss_r18_demo"] = Demo(),
    };

    /// <inheritdoc/>
    public static IReadOnlyDictionary<string, string> Unsupported { get; } = new Dictionary<string, string>();

    private static AtssConfig Demo() {
        AtssConfig small = Small(new AtssConfig(), DemoClasses);
        return small with { Training = small.Training with { Epochs = 100, Steps = [66, 90] } };
    }

    internal override int? LargestEdge => RegMax;

    internal override string Title => "ATSS";

    internal override DenseHead CreateHead() => new AtssHead(this);

    internal override void Validate() {
        base.Validate();
        if (PredKernelSize is < 1 or > 31 || PredKernelSize % 2 == 0)
            throw new ConfigException($"ATSS: predKernelSize {PredKernelSize} must be odd, from 1 to 31.");
        if (!CenternessLoss.UseSigmoid) throw new ConfigException("ATSS: the loss on centre-ness must be binary (useSigmoid).");
    }
}
