using ILGPU;

namespace DenseEngine.Ops;

/// <summary>One factor of a tiled product: a matrix of rows by inner places that may be stored in any way, or not at all (the patches of a
/// convolution). Each thread has its own copy, which walks along the inner places.</summary>
internal interface ITileSide {
    /// <summary>Whether the four values of a load follow each other along the inner places (else down the rows).</summary>
    bool AlongInner { get; }

    /// <summary>Goes to a row and an inner place, both multiples of 4 in their direction of loading, of a matrix of the batch.</summary>
    void Begin(int batch, int row, int inner);

    /// <summary>Four values from the place, zero beyond the matrix or <paramref name="end"/>, an inner place; then goes on by
    /// <see cref="Op.TileStep"/> inner places.</summary>
    Float4 Load(ArrayView<float> values, int end);
}
