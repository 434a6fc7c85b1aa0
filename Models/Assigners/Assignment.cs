namespace DenseEngine.Models;

/// <summary>Which object each prior (anchor or point) is to find.</summary>
/// <param name="Truths">For each prior: 0 for none, -1 ignored, k + 1 for object k.</param>
/// <param name="Overlaps">For each prior the overlap that decided, as its assigner defines it.</param>
public sealed record Assignment(int[] Truths, float[] Overlaps);
