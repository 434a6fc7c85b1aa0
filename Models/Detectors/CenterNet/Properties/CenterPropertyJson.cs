using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace DenseEngine.Models;

/// <summary>Properties in a configuration's JSON: the kind's name and its members. Kinds of one's own are made known by
/// <see cref="Register"/>; a file can name no others.</summary>
public sealed class CenterPropertyJson : JsonConverter<CenterProperty> {
    private const string KindKey = "kind";

    private static readonly ConcurrentDictionary<string, Type> Kinds = new() {
        ["depth"] = typeof(CenterDepth),
        ["size3d"] = typeof(CenterSize3d),
        ["orientation"] = typeof(CenterOrientation),
        ["keypoints"] = typeof(CenterKeypoints),
    };

    /// <summary>Makes a kind of property known under a name, which files then hold.</summary>
    /// <exception cref="ConfigException">Another kind has the name.</exception>
    public static void Register<T>(string kind) where T : CenterProperty {
        if (Kinds.GetOrAdd(kind, typeof(T)) != typeof(T)) throw new ConfigException($"CenterNet: the property '{kind}' is known already.");
    }

    /// <inheritdoc/>
    public override CenterProperty Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) {
        using JsonDocument json = JsonDocument.ParseValue(ref reader);
        if (json.RootElement.ValueKind != JsonValueKind.Object || !json.RootElement.TryGetProperty(KindKey, out JsonElement kind)
            || kind.ValueKind != JsonValueKind.String || !Kinds.TryGetValue(kind.GetString()!, out Type? type))
            throw new JsonException($"a property needs a '{KindKey}' among {string.Join(", ", Kinds.Keys.Order(StringComparer.Ordinal))}");
        var members = json.RootElement.EnumerateObject().Where(member => member.Name != KindKey)
            .ToDictionary(member => member.Name, member => member.Value);
        return (CenterProperty)JsonSerializer.SerializeToElement(members).Deserialize(type, options)!;
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, CenterProperty value, JsonSerializerOptions options) {
        string kind = Kinds.FirstOrDefault(known => known.Value == value.GetType()).Key
            ?? throw new NotSupportedException($"The property {value.GetType().Name} is not registered.");
        writer.WriteStartObject();
        writer.WriteString(KindKey, kind);
        JsonElement members = JsonSerializer.SerializeToElement(value, value.GetType(), options);
        foreach (JsonProperty member in members.EnumerateObject()) member.WriteTo(writer);
        writer.WriteEndObject();
    }
}
