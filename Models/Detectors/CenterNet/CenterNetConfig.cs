using System.Text.Json.Serialization;

namespace DenseEngine.Models;

/// <summary>CenterNet (Zhou, Wang and Krähenbühl, Objects as Points, 2019). Defaults are those of mmdetection's published models; where the
/// official repository differs, the options say so.</summary>
public sealed partial record CenterNetConfig : DetectorConfig, IPresets {
    private const int MostClasses = 100_000, MostChannels = 4096, MostFound = 10_000;

    /// <summary>The backbone.</summary>
    public BackboneConfig Backbone { get; init; } = new ResNetConfig { Depth = 18, NormEval = false };

    /// <summary>What makes the map that is looked at of the backbone's; null where each of those has a head of its own
    /// (hourglasses).</summary>
    public CenterNeckConfig? Neck { get; init; } = new CtResNetNeckConfig();

    /// <summary>Channels inside each of the head's branches.</summary>
    public int FeatChannels { get; init; } = 64;

    /// <summary>The loss on heat maps.</summary>
    public GaussianFocalLoss HeatLoss { get; init; } = new();

    /// <summary>The loss on widths and heights.</summary>
    public RegressionLoss SizeLoss { get; init; } = new L1Loss(0.1f);

    /// <summary>The loss on offsets.</summary>
    public RegressionLoss OffsetLoss { get; init; } = new L1Loss();

    /// <summary>The IoU that boxes moved by a gaussian's radius keep; 0.7 in the official repository.</summary>
    public float MinOverlap { get; init; } = 0.3f;

    /// <summary>Whether the radius is the official repository's larger one, of sizes rounded up.</summary>
    public bool OfficialRadius { get; init; }

    /// <summary>In training probabilities stay this far from 0 and 1; 1e-4 in the official repository, null for no bound.</summary>
    public float? ProbabilityClamp { get; init; }

    /// <summary>Centres found in each picture.</summary>
    public int TopK { get; init; } = 100;

    /// <summary>The window in which a centre is the highest.</summary>
    public int LocalMaximumKernel { get; init; } = 3;

    /// <summary>Whether, of several views (a mirrored one, other scales), the detections suppress one another by <see
    /// cref="DetectorConfig.Test"/>; else all of them count.</summary>
    public bool SuppressesViews { get; init; }

    /// <summary>What else is predicted for each object.</summary>
    public IReadOnlyList<CenterProperty> Properties { get; init; } = [];

    /// <inheritdoc/>
    [JsonIgnore]
    public override bool SeesViews => true;

    internal override Detector Create() {
        Validate();
        Backbone backbone = Backbone.Create();
        IReadOnlyList<int> inputs = Neck is null ? backbone.Channels : [Neck.OutputChannels(backbone.Channels)];
        return new CenterNetDetector(this, backbone, Neck?.Create(backbone.Channels),
            [.. inputs.Select(channels => new CenterNetHead(this, channels))]);
    }

    private void Validate() {
        if (Classes.Count is 0 or > MostClasses || Classes.Contains(null!))
            throw new ConfigException($"CenterNet: there are {Classes.Count} classes; 1 to {MostClasses} names are needed.");
        if (FeatChannels is < 1 or > MostChannels)
            throw new ConfigException($"CenterNet: featChannels {FeatChannels} must be from 1 to {MostChannels}.");
        if (TopK is < 1 or > MostFound || LocalMaximumKernel is < 1 or > 99 || LocalMaximumKernel % 2 == 0)
            throw new ConfigException(
                $"CenterNet: topK {TopK} must be 1 to {MostFound}, localMaximumKernel {LocalMaximumKernel} odd, below 100.");
        if (!(MinOverlap is > 0 and < 1) || ProbabilityClamp is { } least && !(least is > 0 and < 0.5f))
            throw new ConfigException("CenterNet: minOverlap must lie between 0 and 1, probabilityClamp between 0 and 0.5.");
        if (SizeLoss.OfBoxes || OffsetLoss.OfBoxes)
            throw new ConfigException("CenterNet: sizes and offsets are no boxes; their losses must be differences.");
        foreach (CenterProperty property in Properties) property.Validate();
        string[] maps = [.. Properties.SelectMany(property => property.Maps).Select(map => map.Name)];
        if (maps.Distinct().Count() != maps.Length || maps.Any(name => name is "heatmap" or "wh" or "offset"))
            throw new ConfigException("CenterNet: two of the properties' maps have the same name, or one of the boxes' names.");
    }
}
