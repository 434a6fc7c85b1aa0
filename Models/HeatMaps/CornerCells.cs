namespace DenseEngine.Models;

/// <summary>The cells that an object's corners lie in.</summary>
/// <param name="Top">The row of the corner at the top left.</param>
/// <param name="Left">Its column.</param>
/// <param name="Bottom">The row of the corner at the bottom right.</param>
/// <param name="Right">Its column.</param>
public readonly record struct CornerCells(int Top, int Left, int Bottom, int Right);
