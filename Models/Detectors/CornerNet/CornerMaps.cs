namespace DenseEngine.Models;

/// <summary>What the head says of one kind of corners, the upper left or the lower right ones.</summary>
/// <param name="Heat">Logits of there being a corner of a class [N,h,w,C].</param>
/// <param name="Embeddings">Numbers that are alike for the two corners of an object [N,h,w,1].</param>
/// <param name="Offsets">How far from its cell's own a corner lies, in cells, to the right and down [N,h,w,2].</param>
public sealed record CornerMaps(Tensor Heat, Tensor Embeddings, Tensor Offsets);

/// <summary>What the head says from one stack's map.</summary>
/// <param name="TopLeft">Of upper left corners.</param>
/// <param name="BottomRight">Of lower right ones.</param>
public sealed record CornerOutput(CornerMaps TopLeft, CornerMaps BottomRight) {
    /// <summary>Keeps its tensors from being freed with a scope.</summary>
    internal CornerOutput KeptFrom(TensorScope scope) {
        foreach (CornerMaps maps in (ReadOnlySpan<CornerMaps>)[TopLeft, BottomRight])
            foreach (Tensor map in (ReadOnlySpan<Tensor>)[maps.Heat, maps.Embeddings, maps.Offsets]) scope.Keep(map);
        return this;
    }
}
