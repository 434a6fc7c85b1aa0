using DenseEngine.Ops;

namespace DenseEngine.Models;

/// <summary>A centre that was found.</summary>
/// <param name="Picture">Its picture's number in the batch.</param>
/// <param name="Row">Its cell's row.</param>
/// <param name="Column">Its cell's column.</param>
/// <param name="X">Where it is, in cells.</param>
/// <param name="Y">Likewise, downwards.</param>
/// <param name="Width">The object's width in cells.</param>
/// <param name="Height">Its height.</param>
/// <param name="Score">How surely.</param>
/// <param name="Label">The class.</param>
public readonly record struct CenterFinding(int Picture, int Row, int Column, float X, float Y, float Width, float Height,
    float Score, int Label);

/// <summary>The centres that were found, best first in each picture, and how their cells lie in the pictures.</summary>
public sealed class CenterFindings {
    private const int Fields = 6;   // of a row of HeatPeaks

    private readonly CellGrid[] grids;

    /// <param name="rows">Those of <see cref="HeatPeaks"/>, picture after picture.</param>
    /// <param name="sizes">Width and height of each, in cells.</param>
    /// <param name="grids">How cells lie in each picture.</param>
    internal CenterFindings(float[] rows, float[] sizes, CellGrid[] grids) {
        this.grids = grids;
        PerPicture = rows.Length / Fields / grids.Length;
        Centers = [.. rows.Chunk(Fields).Select((row, i) => new CenterFinding(i / PerPicture, (int)row[3], (int)row[2], row[0], row[1],
            sizes[2 * i], sizes[2 * i + 1], row[4], (int)row[5]))];
    }

    /// <summary>All centres, picture after picture, best first.</summary>
    public IReadOnlyList<CenterFinding> Centers { get; }

    /// <summary>How many there are in each picture.</summary>
    public int PerPicture { get; }

    /// <summary>What <see cref="CenterPeaks.Maxima"/> gave.</summary>
    public Maximum[] Maxima(float[] rows) => [.. rows.Chunk(Fields).Select((row, i) =>
        new Maximum(i / (rows.Length / Fields / grids.Length), row[0], row[1], row[4]))];

    /// <summary>A maximum of a heat map.</summary>
    /// <param name="Picture">Its picture's number.</param>
    /// <param name="X">Where it is, in cells.</param>
    /// <param name="Y">Likewise, downwards.</param>
    /// <param name="Score">Its value.</param>
    public readonly record struct Maximum(int Picture, float X, float Y, float Score);

    /// <summary>A place in cells as one in pixels of its picture.</summary>
    public (float X, float Y) ToPicture(int picture, float x, float y) => (grids[picture].X(x), grids[picture].Y(y));
}
