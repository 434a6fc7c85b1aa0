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

    /// <summary>Which points are to find which object, by what the network predicts, instead of by size and place (DDOD's second part);
    /// null for those.</summary>
    public Assigner? Assigner { get; init; }

    /// <summary>Likewise for boxes and centre-ness, where that is to differ from the classes; null if not.</summary>
    public Assigner? BoxAssigner { get; init; }

    internal override Assigner PriorAssigner() => Assigner ?? base.PriorAssigner();

    internal override Assigner? AssignerOfBoxes => BoxAssigner;

    internal override float? Border => Assigner is null && BoxAssigner is null ? null : -1;

    internal override int? LargestEdge => RegMax;

    internal override string Title => "FCOS";

    internal override DenseHead CreateHead() => new FcosHead(this);

    internal override void Validate() {
        base.Validate();
        if (Assigner is { NeedsPredictions: false } || BoxAssigner is { NeedsPredictions: false })
            throw new ConfigException("FCOS: points have no overlaps; an assigner of their own must weigh predictions (alpha).");
        if (!CenternessLoss.UseSigmoid) throw new ConfigException("FCOS: the loss on centre-ness must be binary (useSigmoid).");
    }
}
