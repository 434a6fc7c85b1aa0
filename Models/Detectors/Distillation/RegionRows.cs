namespace DenseEngine.Models;

/// <summary>A region's rows of one level, over the whole batch.</summary>
/// <param name="Rows">Their numbers: picture, then cell, then anchor; ascending.</param>
/// <param name="Index">The same as a tensor [P].</param>
/// <param name="Weights">Each row's weight [P].</param>
/// <param name="LabelWeights">Each row's weight in the class loss [P].</param>
internal sealed record RegionRows(int[] Rows, Tensor Index, Tensor Weights, Tensor LabelWeights) {
    /// <summary>How many there are.</summary>
    public int Count => Rows.Length;
}
