using System.Text.Json;
using System.Text.Json.Serialization;

namespace DenseEngine.Models;

/// <summary>Everything that a detector is built from. Immutable; a variant is made with <c>with</c>.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type", UnknownDerivedTypeHandling = JsonUnknownDerivedTypeHandling.FailSerialization)]
[JsonDerivedType(typeof(AtssConfig), "ATSS")]
[JsonDerivedType(typeof(CenterNetConfig), "CenterNet")]
[JsonDerivedType(typeof(DdodConfig), "DDOD")]
[JsonDerivedType(typeof(GflConfig), "GFL")]
[JsonDerivedType(typeof(VfnetConfig), "VFNet")]
[JsonDerivedType(typeof(RetinaConfig), "RetinaNet")]
[JsonDerivedType(typeof(FcosConfig), "FCOS")]
[JsonDerivedType(typeof(FasterRcnnConfig), "FasterRCNN")]
[JsonDerivedType(typeof(CornerNetConfig), "CornerNet")]
public abstract record DetectorConfig {
    private static readonly JsonSerializerOptions Json = new() {
        WriteIndented = true,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        Converters = { new JsonStringEnumConverter(), new CenterPropertyJson() },
        RespectNullableAnnotations = true,
        MaxDepth = 32,
    };

    /// <summary>The classes' names; their number is the number of outputs.</summary>
    public IReadOnlyList<string> Classes { get; init; } = ClassNames.Coco;

    /// <summary>How pictures are prepared.</summary>
    public InputConfig Input { get; init; } = new();

    /// <summary>How predictions become detections.</summary>
    public TestConfig Test { get; init; } = new();

    /// <summary>How it is trained.</summary>
    public TrainingRecipe Training { get; init; } = new();

    /// <summary>The network, its weights not yet initialised.</summary>
    /// <exception cref="ConfigException">The configuration contradicts itself, is out of range, or not supported.</exception>
    internal Detector Make() {
        Input.Validate();
        Training.Crop?.Validate();
        Test.Validate();
        if (!SeesViews && (Input.FlipTest || Input.ScaleFactors is { Count: > 1 }))
            throw new ConfigException("Input: this detector looks at each picture once: no flip test, one scale factor.");
        return Create();
    }

    /// <summary>Whether it can look at a picture mirrored and at several scales (<see cref="InputConfig.FlipTest"/>,
    /// <see cref="InputConfig.ScaleFactors"/>).</summary>
    [JsonIgnore]
    public virtual bool SeesViews => false;

    /// <summary>Checks its own settings and makes the network.</summary>
    internal abstract Detector Create();

    /// <summary>The configuration as JSON, which <see cref="FromJson"/> reads.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, Json);

    /// <summary>Reads a configuration.</summary>
    /// <exception cref="ConfigException">The text is no JSON, or has a member that is not known.</exception>
    public static DetectorConfig FromJson(string text) {
        try {
            return JsonSerializer.Deserialize<DetectorConfig>(text, Json) ?? throw new ConfigException("The configuration is null.");
        } catch (Exception e) when (e is JsonException or NotSupportedException) {
            throw new ConfigException($"The configuration cannot be read: {e.Message}", e);
        }
    }
}
