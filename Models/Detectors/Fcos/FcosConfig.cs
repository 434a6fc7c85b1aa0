namespace DenseEngine.Models;

/// <summary>FCOS (Tian et al., 2019) on ResNet and FPN, plain and improved. Defaults are those of mmdetection's head.</summary>
public sealed partial record FcosConfig : PointConfig, IPresets {
    /// <summary>FCOS as mmdetection has it.</summary>
    public FcosConfig() => (Neck, Test) = (Neck with { ReluBeforeExtraConvs = true }, Test with { IouThreshold = 0.5f });

    /// <summary>The largest edge distance in strides, where boxes are distributions (LD's <c>FCOSGFLHead</c>); null where they are four
    /// distances.</summary>
    public int? RegMax { get; init; }

    /// <summary>Whether boxes are predicted in strides, by a clamp instead of an exponential.</summary>
    public bool NormOnBbox { get; init; }

    /// <summary>Whether centre-ness is predicted beside the box, else beside the class.</summary>
    public bool CenternessOnReg { get; init; }

    /// <summary>The loss on class scores.</summary>
    public FocalLoss ClassLoss { get; init; } = new();

    /// <summary>The loss on boxes.</summary>
    public BoxLoss BoxLoss { get; init; } = new IouLoss();

    /// <summary>The loss on centre-ness.</summary>
    public CrossEntropyLoss CenternessLoss { get; init; } = new(UseSigmoid: true);

    internal override int? LargestEdge => RegMax;

    internal override string Title => "FCOS";

    internal override DenseHead CreateHead() => new FcosHead(this);
}
