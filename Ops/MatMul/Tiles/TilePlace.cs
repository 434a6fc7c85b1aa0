namespace DenseEngine.Ops;

/// <summary>The tile of results that a group of threads has.</summary>
internal readonly struct TilePlace {
    /// <summary>Tiles down that follow each other, then the same rows of the next tiles across: what groups at work at the same time read
    /// of either side is then little, and stays in the device's cache.</summary>
    private const int Band = 16;

    /// <summary>The first row and column.</summary>
    public readonly int FirstRow, FirstColumn;

    /// <summary>The matrix; the part of the inner places, from one place to another.</summary>
    public readonly int Batch, Part, From, End;

    /// <summary>Tiles of a given size that a product takes, parts and all.</summary>
    public static int Count(in TileOutput to, int rows, int columns) =>
        checked((to.Rows + rows - 1) / rows * ((to.Columns + columns - 1) / columns) * to.Batches * to.Parts);

    /// <summary>The tile of a group.</summary>
    public TilePlace(int group, TileOutput to, int rows, int columns) {
        int down = (to.Rows + rows - 1) / rows, across = (to.Columns + columns - 1) / columns;
        int plane = group / (down * across), tile = group - plane * down * across;
        Part = plane / to.Batches;
        Batch = plane - Part * to.Batches;
        From = Part * to.InnerPart;
        End = Math.Min(From + to.InnerPart, to.Inner);
        int band = tile / (Band * across), height = Math.Min(Band, down - band * Band);
        tile -= band * Band * across;
        int column = tile / height;
        FirstRow = (band * Band + tile - column * height) * rows;
        FirstColumn = column * columns;
    }
}
