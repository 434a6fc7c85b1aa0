namespace DenseEngine.Models;

/// <summary>What the dense detectors without anchors have in common: a box from each point, its object found by size and place.</summary>
public abstract record PointConfig : DenseConfig {
    /// <summary>The largest of an object's four distances from a point of each level, from and to, both inclusive, in pixels.</summary>
    public IReadOnlyList<IReadOnlyList<float>> RegressRanges { get; init; } = [[-1, 64], [64, 128], [128, 256], [256, 512], [512, 1e8f]];

    /// <summary>Whether only points near an object's middle find it.</summary>
    public bool CenterSampling { get; init; }

    /// <summary>How near, in strides.</summary>
    public float CenterSampleRadius { get; init; } = 1.5f;

    /// <summary>Whether the towers' convolutions have a bias; null: if there is no norm.</summary>
    public bool? ConvBias { get; init; }

    /// <summary>Whether the towers' last convolutions are deformable, with a mask.</summary>
    public bool DcnOnLastConv { get; init; }

    /// <summary>Where boxes are predicted from, one a cell: its middle, as an anchor without size.</summary>
    internal virtual AnchorGenerator Priors() => new([.. Strides.Select(stride => (Ops.Pair)stride)], [1], [0], centerOffset: 0.5f);

    /// <summary>Which of them are to find which object.</summary>
    internal virtual Assigner PriorAssigner() => new PointAssigner(RegressRanges, Strides, CenterSampling ? CenterSampleRadius : null);

    /// <summary>Which of them are for the box branch, where that is to differ from the class branch; null if not.</summary>
    internal virtual Assigner? AssignerOfBoxes => null;

    /// <summary>By how many pixels those that are assigned may leave the picture; null if those of the padding count, too.</summary>
    internal virtual float? Border => null;

    internal override void Validate() {
        base.Validate();
        PriorAssigner().Validate();
        AssignerOfBoxes?.Validate();
    }
}
