using System.Text.Json.Serialization;

namespace DenseEngine.Models;

/// <summary>What makes one fine map of a backbone's, for CenterNet.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(CtResNetNeckConfig), "CTResNetNeck")]
[JsonDerivedType(typeof(DlaUpConfig), "DLAUp")]
public abstract record CenterNeckConfig {
    /// <summary>The neck, to be initialised or loaded.</summary>
    /// <param name="inputs">The channels of the backbone's maps, finest first.</param>
    /// <exception cref="ConfigException">It contradicts itself, or does not fit the maps.</exception>
    internal abstract Neck Create(IReadOnlyList<int> inputs);

    /// <summary>The channels of its map.</summary>
    /// <param name="inputs">The channels of the backbone's maps.</param>
    internal abstract int OutputChannels(IReadOnlyList<int> inputs);
}
