using DenseEngine.Ops;

namespace DenseEngine.Models;

/// <summary>DDOD (Chen et al., 2021) on ResNet and FPN. Each of its three parts can be left out: deformable first convolutions
/// (<see cref="DenseConfig.FirstConv"/>), assigners that weigh predictions, each branch with its own
/// (<see cref="AnchorConfig.Assigner"/>, <see cref="AnchorConfig.BoxAssigner"/>), and levels that weigh more the fewer positives they have
/// (<see cref="DenseConfig.LevelBalance"/>). Defaults are those of mmdetection's published model.</summary>
public sealed partial record DdodConfig : AnchorConfig, IPresets {
    /// <summary>DDOD as mmdetection has it.</summary>
    public DdodConfig() => (Assigner, BoxAssigner, FirstConv, LevelBalance) =
        (new AtssAssigner(9, Alpha: 0.8f), new AtssAssigner(9, Alpha: 0.5f), new DcnConfig(), new LevelBalance());

    /// <summary>How boxes are told from anchors.</summary>
    public DeltaXywhBoxCoder BoxCoder { get; init; } = new(DeltaNumbers.All(0), new(0.1f, 0.1f, 0.2f, 0.2f));

    /// <summary>The loss on class scores.</summary>
    public FocalLoss ClassLoss { get; init; } = new();

    /// <summary>The loss on boxes.</summary>
    public BoxLoss BoxLoss { get; init; } = new GiouLoss(2);

    /// <summary>The loss on the expected IoU.</summary>
    public CrossEntropyLoss IouLoss { get; init; } = new(UseSigmoid: true);

    /// <inheritdoc/>
    public static IReadOnlyDictionary<string, DetectorConfig> Presets { get; } = new Dictionary<string, DetectorConfig> {
        ["ddod/ddod_r50_fpn_1x_coco"] = new DdodConfig(),
        ["ddod/ddod_r18_demo"] = Small(new DdodConfig(), DemoClasses),
    };

    /// <inheritdoc/>
    public static IReadOnlyDictionary<string, string> Unsupported { get; } = new Dictionary<string, string>();

    internal override string Title => "DDOD";

    internal override DenseHead CreateHead() => new DdodHead(this);

    internal override void Validate() {
        base.Validate();
        if (!IouLoss.UseSigmoid) throw new ConfigException("DDOD: the loss on the IoU must be binary (useSigmoid).");
    }
}
