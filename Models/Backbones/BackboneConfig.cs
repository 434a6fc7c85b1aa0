using System.Text.Json.Serialization;

namespace DenseEngine.Models;

/// <summary>Which backbone a detector has. A detector that allows one kind only names that kind's configuration.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(ResNetConfig), "ResNet")]
[JsonDerivedType(typeof(HourglassConfig), "Hourglass")]
[JsonDerivedType(typeof(DlaConfig), "DLA")]
public abstract record BackboneConfig {
    /// <summary>The backbone, to be initialised or loaded.</summary>
    /// <exception cref="ConfigException">The configuration contradicts itself.</exception>
    internal abstract Backbone Create();
}
