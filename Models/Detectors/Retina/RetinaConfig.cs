using DenseEngine.Ops;

namespace DenseEngine.Models;

/// <summary>RetinaNet (Lin et al., 2017) on ResNet and FPN. Defaults are those of mmdetection's published models.</summary>
public sealed partial record RetinaConfig : AnchorConfig, IPresets {
    /// <summary>RetinaNet as mmdetection has it.</summary>
    public RetinaConfig() {
        (Ratios, OctaveBaseScale, ScalesPerOctave) = ([0.5f, 1, 2], 4, 3);
        (Assigner, HeadNorm) = (new MaxIouAssigner(), null);
        Neck = Neck with { ExtraLevels = ExtraLevels.OnInput };
        Test = Test with { IouThreshold = 0.5f };
    }

    /// <summary>How boxes are encoded.</summary>
    public DeltaXywhBoxCoder Coder { get; init; } = new(DeltaNumbers.All(0), DeltaNumbers.All(1));

    /// <summary>The largest edge distance in strides, where boxes are distributions (LD's <c>RetinaGFLHead</c>), whose loss is one of
    /// overlaps; null where they are differences.</summary>
    public int? RegMax { get; init; }

    /// <summary>The loss on class scores.</summary>
    public FocalLoss ClassLoss { get; init; } = new();

    /// <summary>Whether the loss on boxes compares decoded ones, in pixels, even if it is none of overlaps, which always does.</summary>
    public bool DecodedBoxes { get; init; }

    /// <summary>The loss on encoded boxes; or on decoded ones, if it is one of overlaps.</summary>
    public RegressionLoss BoxLoss { get; init; } = new L1Loss();

    internal override int? LargestEdge => RegMax;

    internal override string Title => "RetinaNet";

    internal override DenseHead CreateHead() => new RetinaHead(this);

    internal override void Validate() {
        base.Validate();
        if (RegMax is not null && !BoxLoss.OfBoxes)
            throw new ConfigException("RetinaNet: boxes as distributions need a loss of overlaps; there is none on encoded boxes.");
    }
}
