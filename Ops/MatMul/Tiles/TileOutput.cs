namespace DenseEngine.Ops;

/// <summary>Sizes of a tiled product and where its results go: result (row, column) of a matrix of the batch stands at Start + batch ·
/// BatchStride + row · Pitch + column.</summary>
/// <param name="rows">Rows of a matrix.</param>
/// <param name="columns">Its columns.</param>
/// <param name="inner">Products of a result.</param>
/// <param name="batches">Matrices.</param>
/// <param name="start">The first result's place.</param>
/// <param name="pitch">From a row to the next.</param>
/// <param name="batchStride">From a matrix to the next.</param>
internal readonly struct TileOutput(int rows, int columns, int inner, int batches, int start, int pitch, int batchStride) {
    public readonly int Rows = rows, Columns = columns, Inner = inner, Batches = batches;
    private readonly int start = start, pitch = pitch, batchStride = batchStride;

    /// <summary>1 where four neighbouring results can be stored at once.</summary>
    public readonly int Vectors = ((columns | start | pitch | batchStride) & 3) == 0 ? 1 : 0;

    /// <summary>Where the rows are pixels of a part of pictures: its lines and columns; 0 where rows follow each other.</summary>
    public int GridHeight { get; init; }

    /// <inheritdoc cref="GridHeight"/>
    public int GridWidth { get; init; }

    /// <summary>From a line of such a grid to the next; from a picture to the next.</summary>
    public int LinePitch { get; init; }

    /// <inheritdoc cref="LinePitch"/>
    public int PicturePitch { get; init; }

    /// <summary>Parts that the inner places are cut into, a multiple of <see cref="TileChoice.PartStep"/> each but the last; every part
    /// writes results of its own, <see cref="PartStride"/> after those of the part before.</summary>
    public int Parts { get; init; } = 1;

    /// <inheritdoc cref="Parts"/>
    public int InnerPart { get; init; } = inner;

    /// <inheritdoc cref="Parts"/>
    public int PartStride { get; init; }

    /// <summary>Whether the results, parts aside, are all of a tensor of some elements, one after the other.</summary>
    public bool Covers(int count) => GridWidth == 0 && start == 0 && count == Rows * Columns * Batches;

    /// <summary>Where a result goes.</summary>
    public int Place(int part, int batch, int row, int column) {
        int at = start + part * PartStride + batch * batchStride + column;
        if (GridWidth == 0) return at + row * pitch;
        int line = row / GridWidth, picture = line / GridHeight;
        return at + (row - line * GridWidth) * pitch + (line - picture * GridHeight) * LinePitch + picture * PicturePitch;
    }
}
