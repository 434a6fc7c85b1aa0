using DenseEngine.Ops;

namespace DenseEngine.Models;

/// <summary>A region proposal network (Ren et al., 2015). Defaults are those of mmdetection's published models.</summary>
public sealed record RpnConfig {
    private const int MostChannels = 4096, MostNumbers = 64;

    /// <summary>Channels between its convolutions.</summary>
    public int FeatChannels { get; init; } = 256;

    /// <summary>Each level's stride in pixels; as many as the neck has levels.</summary>
    public IReadOnlyList<int> Strides { get; init; } = [4, 8, 16, 32, 64];

    /// <summary>The anchors' heights over their widths.</summary>
    public IReadOnlyList<float> Ratios { get; init; } = [0.5f, 1, 2];

    /// <summary>The anchors' sides in strides.</summary>
    public IReadOnlyList<float> Scales { get; init; } = [8];

    /// <summary>The anchors' centres, in strides from their cells' corners.</summary>
    public float CenterOffset { get; init; }

    /// <summary>How boxes are encoded.</summary>
    public DeltaXywhBoxCoder Coder { get; init; } = new(DeltaNumbers.All(0), DeltaNumbers.All(1));

    /// <summary>The loss on whether an anchor holds an object.</summary>
    public CrossEntropyLoss ClassLoss { get; init; } = new(UseSigmoid: true);

    /// <summary>The loss on encoded boxes; or on decoded ones, if it is one of overlaps.</summary>
    public RegressionLoss BoxLoss { get; init; } = new L1Loss();

    /// <summary>Whether the loss on boxes compares decoded ones, in pixels, even if it is none of overlaps.</summary>
    public bool DecodedBoxes { get; init; }

    /// <summary>Which anchors are to find which object.</summary>
    public Assigner Assigner { get; init; } = new MaxIouAssigner(0.7f, 0.3f, LeastIou: 0.3f);

    /// <summary>Which of them take part in the losses.</summary>
    public Sampler Sampler { get; init; } = new RandomSampler(256, 0.5, AddTruths: false);

    /// <summary>By how many pixels anchors that are assigned may leave the picture; negative for any.</summary>
    public float AllowedBorder { get; init; } = -1;

    /// <summary>What a positive anchor weighs in the loss on classes; negative ones weigh 1.</summary>
    public float PositiveWeight { get; init; } = 1;

    /// <summary>How proposals are selected in training; their score has no threshold.</summary>
    public TestConfig TrainProposals { get; init; } = Selection(2000);

    /// <summary>How proposals are selected in the test.</summary>
    public TestConfig TestProposals { get; init; } = Selection(1000);

    /// <summary>The selection of proposals: the best of each level, without those that overlap better ones of their level.</summary>
    /// <param name="beforeNms">How many of each level.</param>
    internal static TestConfig Selection(int beforeNms) => new(-1, beforeNms, 0.7f, 1000) { MinBoxSize = 0 };

    /// <summary>The anchors.</summary>
    internal AnchorGenerator Anchors() =>
        new([.. Strides.Select(stride => (Pair)stride)], Ratios, Scales, centerOffset: CenterOffset);

    /// <summary>Checks what may come from a file.</summary>
    /// <exception cref="ConfigException">It is out of range.</exception>
    internal void Validate() {
        Assigner.Validate();
        Sampler.Validate();
        TrainProposals.Validate();
        TestProposals.Validate();
        bool shaped = Scales.Count is > 0 and <= MostNumbers && Ratios.Count is > 0 and <= MostNumbers
            && Scales.Concat(Ratios).All(value => value is > 0 and < 1e6f) && float.IsFinite(CenterOffset);
        if (!shaped || FeatChannels is < 1 or > MostChannels || Strides.Any(stride => stride < 1) || !(PositiveWeight > 0))
            throw new ConfigException(
                $"RPN: featChannels {FeatChannels} must be from 1 to {MostChannels}, strides and the positives' weight "
                + $"above 0, the anchors' ratios and scales from 1 to {MostNumbers} numbers above 0.");
        if (Sampler.AddTruths) throw new ConfigException("RPN: objects are no anchors: its sampler must not add them.");
        if (!ClassLoss.UseSigmoid || Sampler.NeedsLosses || Assigner.NeedsPredictions)
            throw new ConfigException(
                "RPN: its classes' loss must be a binary one, and neither assigner nor sampler may ask for predictions.");
    }
}
