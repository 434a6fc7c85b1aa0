namespace DenseEngine;

/// <summary>A tensor as a file of weights describes it.</summary>
/// <param name="Name">Its name; in files that nest, the keys on the way to it, joined with slashes.</param>
/// <param name="Type">The element type in safetensors' words: F32, F16, BF16, F64, I8, U8, I16, I32, I64, BOOL, ….</param>
/// <param name="Shape">The sizes of its axes, of any rank.</param>
public record CheckpointEntry(string Name, string Type, IReadOnlyList<long> Shape) {
    /// <summary>The number of elements.</summary>
    public long Count => Shape.Aggregate(1L, (product, size) => product * size);
}
