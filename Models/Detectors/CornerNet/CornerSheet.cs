using DenseEngine.Ops;

namespace DenseEngine.Models;

/// <summary>The targets of one kind of corners while they are drawn.</summary>
/// <param name="pictures">N.</param>
/// <param name="cells">The maps' size.</param>
/// <param name="classes">C.</param>
internal sealed class CornerSheet(int pictures, Pair cells, int classes) {
    private readonly Tensor heat = Tensor.Zeros([pictures, cells.Vertical, cells.Horizontal, classes]),
        offsets = Tensor.Zeros([pictures, cells.Vertical, cells.Horizontal, 2]),
        mask = Tensor.Zeros([pictures, cells.Vertical, cells.Horizontal, 1]);
    private readonly HashSet<int> peaks = [], filled = [];

    /// <summary>Draws a corner.</summary>
    /// <param name="picture">Its picture's number.</param>
    /// <param name="label">Its class.</param>
    /// <param name="x">Where it lies, in cells; beyond the map, the outermost cell is taken.</param>
    /// <param name="y">Likewise, downwards.</param>
    /// <param name="radius">The gaussian's.</param>
    /// <returns>Its cell.</returns>
    public (int Row, int Column) Draw(int picture, int label, float x, float y, int radius) {
        (int row, int column) = (Cell(y, cells.Vertical), Cell(x, cells.Horizontal));
        int area = cells.Vertical * cells.Horizontal, cell = picture * area + row * cells.Horizontal + column;
        new HeatMap(heat.Span.Slice(picture * area * classes, area * classes), cells.Vertical, cells.Horizontal, classes)
            .Draw(label, column, row, radius);
        (offsets.Span[2 * cell], offsets.Span[2 * cell + 1], mask.Span[cell]) = (x - column, y - row, 1);
        peaks.Add(cell * classes + label);
        filled.Add(cell);
        return (row, column);
    }

    /// <summary>What was drawn.</summary>
    public CornerTarget To(Device device) => new(heat.To(device), offsets.To(device), mask.To(device), peaks.Count, filled.Count);

    private static int Cell(float place, int size) => Math.Max(0, (int)MathF.Min(place, size - 1));
}
