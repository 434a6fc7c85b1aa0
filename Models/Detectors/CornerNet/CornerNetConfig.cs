using System.Text.Json.Serialization;

namespace DenseEngine.Models;

/// <summary>CornerNet (Law and Deng, 2018). Defaults are those of mmdetection's published models; where the official repository differs,
/// the options say so.</summary>
public sealed partial record CornerNetConfig : DetectorConfig, IPresets {
    private const int MostClasses = 100_000, MostChannels = 4096, MostCorners = 1000;

    /// <summary>CornerNet as mmdetection has it: Gaussian soft suppression of the best thousand boxes.</summary>
    public CornerNetConfig() => Test = new(-0.1f, 1000, 0.5f, 100) { Soft = new(Ops.SoftNmsMethod.Gaussian) };

    /// <summary>The backbone.</summary>
    public HourglassConfig Backbone { get; init; } = new();

    /// <summary>Channels of the corner pools.</summary>
    public int PoolChannels { get; init; } = 128;

    /// <summary>Channels inside each of the head's branches.</summary>
    public int FeatChannels { get; init; } = 256;

    /// <summary>The loss on heat maps.</summary>
    public GaussianFocalLoss HeatLoss { get; init; } = new();

    /// <summary>The loss on embeddings.</summary>
    public AssociativeEmbeddingLoss EmbeddingLoss { get; init; } = new(0.1f, 0.1f);

    /// <summary>The loss on offsets.</summary>
    public RegressionLoss OffsetLoss { get; init; } = new SmoothL1Loss();

    /// <summary>The IoU that boxes moved by a gaussian's radius keep; 0.7 in the official repository.</summary>
    public double MinOverlap { get; init; } = 0.3;

    /// <summary>Whether the radius is the official repository's larger one (<see cref="GaussianRadius.Official"/>).</summary>
    public bool OfficialRadius { get; init; }

    /// <summary>Corners of each kind found in each picture.</summary>
    public int TopK { get; init; } = 100;

    /// <summary>The window in which a corner is the highest.</summary>
    public int LocalMaximumKernel { get; init; } = 3;

    /// <summary>How far apart the embeddings of an object's corners may be.</summary>
    public float DistanceThreshold { get; init; } = 0.5f;

    /// <summary>Whether boxes are found as in the official repository: corners may share a row or column, mirrored boxes are turned back
    /// with what pads the picture, and boxes end with the picture on all sides.</summary>
    public bool OfficialBoxes { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public override bool SeesViews => true;

    /// <summary>Channels of the backbone's maps.</summary>
    internal int Channels => Backbone.FeatChannels;

    /// <summary>The radius of the gaussians at a box' corners.</summary>
    internal int Radius(double height, double width) => GaussianRadius.Whole(OfficialRadius
        ? GaussianRadius.Official(height, width, MinOverlap) : GaussianRadius.Of(height, width, MinOverlap));

    internal override Detector Create() {
        Validate();
        return new CornerNetDetector(this);
    }

    private void Validate() {
        Backbone.Validate();
        if (Classes.Count is 0 or > MostClasses || Classes.Contains(null!))
            throw new ConfigException($"CornerNet: there are {Classes.Count} classes; 1 to {MostClasses} names are needed.");
        if (PoolChannels is < 1 or > MostChannels || FeatChannels is < 1 or > MostChannels)
            throw new ConfigException(
                $"CornerNet: poolChannels {PoolChannels}, featChannels {FeatChannels} must be from 1 to {MostChannels}.");
        if (TopK is < 1 or > MostCorners || LocalMaximumKernel is < 1 or > 99 || LocalMaximumKernel % 2 == 0) {
            throw new ConfigException(
                $"CornerNet: topK {TopK} must be from 1 to {MostCorners}, localMaximumKernel {LocalMaximumKernel} odd, "
                + "below 100.");
        }
        if (!(MinOverlap is > 0 and < 1) || !(DistanceThreshold >= 0)) {
            throw new ConfigException(FormattableString.Invariant($"CornerNet: minOverlap {MinOverlap} must lie between 0 and 1, ")
                + FormattableString.Invariant($"distanceThreshold {DistanceThreshold} be at least 0."));
        }
        if (OffsetLoss.OfBoxes) throw new ConfigException("CornerNet: offsets are no boxes; their loss must be one of differences.");
    }
}
