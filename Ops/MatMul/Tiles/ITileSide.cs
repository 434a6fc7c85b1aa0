using ILGPU;

namespace DenseEngine.Ops;

/// <summary>One factor of a tiled product: a matrix of rows by inner places that may be stored in any way, or not at all (the patches of a
/// convolution). Each thread has its own copy, which walks along the inner places; all rows that the thread brings share it.</summary>
internal interface ITileSide {
    /// <summary>Whether the four values of a load follow each other along the inner places (else down the rows).</summary>
    bool AlongInner { get; }

    /// <summary>What loads need of a row (or of four, a multiple of 4, where a load goes down the rows) of a matrix of the batch. One
    /// beyond the matrix is allowed; it loads zeros.</summary>
    TileRow Row(int batch, int row);

    /// <summary>Goes to an inner place, a multiple of 4 where loads are along the inner places.</summary>
    void Go(int inner);

    /// <summary>1 where <see cref="LoadFour"/> loads them: where all lie at multiples of 16 bytes.</summary>
    int Vectors { get; }

    /// <summary>As <see cref="Load"/>, in one access. A loop that multiplies while values are on their way has no other load in it:
    /// where two ways of loading meet, a device's compiler may move what was loaded, and then waits for it.</summary>
    Float4 LoadFour(ArrayView<float> values, TileRow row, int end);

    /// <summary>Four values of a row at the inner place, zero beyond the matrix or <paramref name="end"/>, an inner place.</summary>
    Float4 Load(ArrayView<float> values, TileRow row, int end);

    /// <summary>Goes on by some inner places, a multiple of 4.</summary>
    void Advance(int places);
}

/// <summary>What a side knows of a row: each its own things.</summary>
internal readonly struct TileRow(int at, int top = 0, int start = 0) {
    /// <summary>A line or column so far out that no step leads from it into a picture.</summary>
    public const int Outside = int.MinValue / 2;

    /// <summary>Where its values begin; lines and columns to count from.</summary>
    public readonly int At = at, Top = top, Start = start;
}
