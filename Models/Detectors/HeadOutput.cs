namespace DenseEngine.Models;

/// <summary>What a dense head says about one level.</summary>
/// <param name="Scores">Class logits [N,h,w,A·C].</param>
/// <param name="Boxes">Box codes [N,h,w,A·J].</param>
/// <param name="Quality">A third branch (centerness, IoU), or null.</param>
public sealed record HeadOutput(Tensor Scores, Tensor Boxes, Tensor? Quality = null);
