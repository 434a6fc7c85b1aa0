using System.Text.Json;
using System.Text.Json.Serialization;

namespace DenseEngine.Benchmarks;

/// <summary>An item of the comparison with other systems (items.json): its kind, and the numbers that its kind has.</summary>
internal sealed record PeerItem(string Name, string Kind) {
    public int Size { get; init; }
    public int Stride { get; init; } = 1;
    public int Groups { get; init; }
    public int Bins { get; init; }
    public int Samples { get; init; }
    public int Channels { get; init; }
    public string Refine { get; init; } = "";
    public int Classes { get; init; }
    public string Loss { get; init; } = "";
    public string Side { get; init; } = "";

    /// <summary>All items, from the file beside the scripts.</summary>
    public static IReadOnlyDictionary<string, PeerItem> Read() {
        byte[] text = File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "items.json"));
        return JsonSerializer.Deserialize(text, PeerItems.Default.PeerItemArray)!.ToDictionary(item => item.Name);
    }
}

/// <summary>Reads the items without reflection.</summary>
[JsonSerializable(typeof(PeerItem[]))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
internal sealed partial class PeerItems : JsonSerializerContext;
