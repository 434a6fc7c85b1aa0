using DenseEngine.Ops;

namespace DenseEngine.Models;

/// <summary>What looks into regions: pooling, two fully connected layers, classes and boxes (mmdetection's <c>StandardRoIHead</c> with
/// <c>Shared2FCBBoxHead</c>). Defaults are those of its published models.</summary>
public sealed record RoiConfig {
    private const int MostChannels = 1 << 14, MostSize = 64, MostSamples = 64;

    /// <summary>The strides of the levels that are pooled: the neck's first ones.</summary>
    public IReadOnlyList<int> Strides { get; init; } = [4, 8, 16, 32];

    /// <summary>Regions whose size (the root of their area) is less than twice this, in pixels, are pooled from the finest level, those of
    /// up to twice that from the next, and so on.</summary>
    public float FinestScale { get; init; } = 56;

    /// <summary>Rows and columns of a pooled region.</summary>
    public int PooledSize { get; init; } = 7;

    /// <summary>Samples of each bin down and across; 0 for as many as the bin has pixels.</summary>
    public int SamplingRatio { get; init; }

    /// <summary>Whether pixels' centres are what coordinates count from, half a pixel off the old way.</summary>
    public bool Aligned { get; init; } = true;

    /// <summary>Outputs of the fully connected layers.</summary>
    public int FcChannels { get; init; } = 1024;

    /// <summary>Whether a region has one box, else one for each class.</summary>
    public bool ClassAgnostic { get; init; }

    /// <summary>How boxes are encoded.</summary>
    public DeltaXywhBoxCoder Coder { get; init; } = new(DeltaNumbers.All(0), new(0.1f, 0.1f, 0.2f, 0.2f));

    /// <summary>The loss on classes.</summary>
    public CrossEntropyLoss ClassLoss { get; init; } = new();

    /// <summary>The loss on encoded boxes; or on decoded ones, if it is one of overlaps.</summary>
    public RegressionLoss BoxLoss { get; init; } = new L1Loss();

    /// <summary>Whether the loss on boxes compares decoded ones, in pixels, even if it is none of overlaps.</summary>
    public bool DecodedBoxes { get; init; }

    /// <summary>Which regions are to find which object.</summary>
    public Assigner Assigner { get; init; } = new MaxIouAssigner(0.5f, 0.5f, LeastIou: 0.5f, LowQuality: false);

    /// <summary>Which of them take part in the losses.</summary>
    public Sampler Sampler { get; init; } = new RandomSampler(512, 0.25);

    /// <summary>What a positive region weighs in the loss on classes; negative ones weigh 1.</summary>
    public float PositiveWeight { get; init; } = 1;

    /// <summary>Checks what may come from a file.</summary>
    /// <exception cref="ConfigException">It is out of range.</exception>
    internal void Validate() {
        Assigner.Validate();
        Sampler.Validate();
        if (PooledSize is < 1 or > MostSize || SamplingRatio is < 0 or > MostSamples || FcChannels is < 1 or > MostChannels
            || Strides.Count == 0 || Strides.Any(stride => stride < 1) || !(FinestScale > 0) || !(PositiveWeight > 0)) {
            throw new ConfigException(
                $"Regions: the pooled size {PooledSize} must be from 1 to {MostSize}, the sampling ratio {SamplingRatio} "
                + $"from 0 to {MostSamples}, fcChannels {FcChannels} from 1 to {MostChannels}, strides, scale and weight above 0.");
        }
        if (ClassLoss.UseSigmoid || Assigner.NeedsPredictions)
            throw new ConfigException(
                "Regions: the classes' loss must be one of the softmax, and the assigner may not ask for predictions.");
    }
}
