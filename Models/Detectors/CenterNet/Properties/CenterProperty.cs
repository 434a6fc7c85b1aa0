using System.Text.Json.Serialization;

namespace DenseEngine.Models;

/// <summary>A map that a property of objects needs, a branch of the head.</summary>
/// <param name="Name">Its name; the branch's state is <c>name_head</c>.</param>
/// <param name="Channels">Numbers a cell.</param>
/// <param name="Bias">What the numbers are before training, about.</param>
public sealed record CenterMap(string Name, int Channels, float Bias = 0);

/// <summary>Something more that CenterNet predicts for each object at its centre (Zhou et al., 2019, section 4.1): see
/// <see cref="CenterRegression"/> for what is some numbers an object. What is known of an object stands in
/// <see cref="GroundTruth.Properties"/>, what was found in <see cref="Detection.Properties"/>.</summary>
/// <param name="Name">Its name there and in the terms of the loss.</param>
public abstract record CenterProperty(string Name) {
    /// <summary>The maps that it needs.</summary>
    [JsonIgnore]
    public abstract IReadOnlyList<CenterMap> Maps { get; }

    /// <summary>Its terms of the loss.</summary>
    public abstract IReadOnlyList<LossTerm> Losses(CenterTraining training);

    /// <summary>What its values follow from, read where the maps are; the host gets it together with the detections.</summary>
    public abstract IReadOnlyList<Tensor> Read(CenterPeaks peaks);

    /// <summary>Its value for each centre that was found, in the order of <see cref="CenterFindings.Centers"/>.</summary>
    /// <param name="found">The centres.</param>
    /// <param name="read">What <see cref="Read"/> gave.</param>
    public abstract IReadOnlyList<float[]> Decode(CenterFindings found, IReadOnlyList<float[]> read);

    /// <exception cref="ConfigException">It is out of range.</exception>
    internal virtual void Validate() {
        if (string.IsNullOrEmpty(Name) || Maps.Count == 0 || Maps.Any(map => map.Channels is < 1 or > 4096 || !float.IsFinite(map.Bias)
            || string.IsNullOrEmpty(map.Name) || map.Name.Contains('.', StringComparison.Ordinal)))
            throw new ConfigException($"CenterNet: the property '{Name}' needs a name, and maps with names and 1 to 4096 channels.");
    }
}
