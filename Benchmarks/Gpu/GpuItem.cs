using System.Text.Json.Serialization;

namespace DenseEngine.Benchmarks;

/// <summary>Something that is timed on the GPU: its kind, and the numbers that the kind has. Both sides draw the same inputs from
/// them.</summary>
/// <param name="Name">What the table says.</param>
/// <param name="Kind">Which work it is: GpuWork and peer/gpu_items.py know the kinds by these names.</param>
internal sealed record GpuItem(string Name, string Kind) {
    /// <summary>float32, tf32 or bf16: what matrix products may be computed in.</summary>
    public string Precision { get; init; } = "float32";

    public int N { get; init; }
    public int H { get; init; }
    public int W { get; init; }
    public int C { get; init; }

    /// <summary>Output channels.</summary>
    public int K { get; init; }

    /// <summary>A kernel's side.</summary>
    public int Size { get; init; }
    public int Stride { get; init; } = 1;
    public int Count { get; init; }

    /// <summary>What of a kind: a gradient's name, a corner pool's side, a loss.</summary>
    public string Part { get; init; } = "";

    /// <summary>Bytes that must be read and written, each once for a pass that must have ended before the next can begin.</summary>
    public double Bytes { get; init; }

    /// <summary>Arithmetic operations of the direct sum, a multiply-add being two.</summary>
    public double Operations { get; init; }

    /// <summary>The share of its roof that is asked for: of a copy's bandwidth, or of the library's matrix rate.</summary>
    public double AskedShare { get; init; }

    /// <summary>How many times as fast as PyTorch it is asked to be.</summary>
    public double AskedRatio { get; init; }

    /// <summary>Whether this item measures a roof: others are compared with the best of both sides here.</summary>
    [JsonIgnore]
    public bool IsRoof => Kind is "copy" or "matmul" && Part.Length == 0;
}

/// <summary>Writes items without reflection.</summary>
[JsonSerializable(typeof(GpuItem))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
internal sealed partial class GpuItemJson : JsonSerializerContext;
