namespace DenseEngine.Ops;

/// <summary>How the cells of a map lie in a picture.</summary>
/// <param name="CellWidth">Pixels of the network's input that a cell is wide.</param>
/// <param name="CellHeight">The same downwards.</param>
/// <param name="Left">Pixels before the picture.</param>
/// <param name="Top">Pixels above it.</param>
/// <param name="ScaleX">By what pixels are then divided.</param>
/// <param name="ScaleY">The same downwards.</param>
public readonly record struct CellGrid(float CellWidth, float CellHeight, float Left = 0, float Top = 0, float ScaleX = 1,
    float ScaleY = 1) {
    /// <summary>A column of the map as x in the picture.</summary>
    public float X(float column) => X(column, 0);

    /// <summary>A row of the map as y in the picture.</summary>
    public float Y(float row) => Y(row, 0);

    internal float X(float column, int zero) => (Op.Unfused(column * CellWidth, zero) - Left) / ScaleX;

    internal float Y(float row, int zero) => (Op.Unfused(row * CellHeight, zero) - Top) / ScaleY;
}
