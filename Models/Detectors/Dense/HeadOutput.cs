using DenseEngine.Ops;

namespace DenseEngine.Models;

/// <summary>What a dense head says about one level.</summary>
/// <param name="Scores">Class logits [N,h,w,A·C].</param>
/// <param name="Boxes">Box codes [N,h,w,A·J].</param>
/// <param name="Quality">A third branch (centerness, IoU) [N,h,w,A], or null.</param>
/// <param name="Refined">Box codes of a second stage [N,h,w,A·J], or null.</param>
public sealed record HeadOutput(Tensor Scores, Tensor Boxes, Tensor? Quality = null, Tensor? Refined = null) {
    /// <summary>The level's cells.</summary>
    public Pair Size => new(Scores.Shape[1], Scores.Shape[2]);

    /// <summary>Keeps its tensors from being freed with a scope.</summary>
    internal HeadOutput KeptFrom(TensorScope scope) {
        foreach (Tensor? tensor in (ReadOnlySpan<Tensor?>)[Scores, Boxes, Quality, Refined])
            if (tensor is not null) scope.Keep(tensor);
        return this;
    }
}
