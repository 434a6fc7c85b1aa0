using DenseEngine.Ops;

namespace DenseEngine.Models;

/// <summary>What the maps of one kind of corners are to learn.</summary>
/// <param name="Heat">Gaussians around corners, 1 at the corners [N,h,w,C].</param>
/// <param name="Offsets">Corners' places in their cells [N,h,w,2]; of several in a cell the last one's.</param>
/// <param name="Mask">1 in the cells that hold corners [N,h,w,1].</param>
/// <param name="Peaks">How many places of the heat maps are 1: corners of a class in the same cell count once.</param>
/// <param name="Cells">How many cells hold corners.</param>
public sealed record CornerTarget(Tensor Heat, Tensor Offsets, Tensor Mask, int Peaks, int Cells);

/// <summary>What CornerNet is to learn from a batch.</summary>
/// <param name="TopLeft">Of upper left corners.</param>
/// <param name="BottomRight">Of lower right ones.</param>
/// <param name="Objects">The cells of each picture's objects' corners.</param>
public sealed record CornerTargets(CornerTarget TopLeft, CornerTarget BottomRight, IReadOnlyList<IReadOnlyList<CornerCells>> Objects) {
    /// <summary>The targets of a batch, drawn on the host.</summary>
    /// <param name="config">Classes, and how radii are found.</param>
    /// <param name="truths">The pictures' objects, in pixels of the input.</param>
    /// <param name="inputs">The input's size in pixels.</param>
    /// <param name="cells">The maps' size in cells.</param>
    /// <param name="device">Where they go.</param>
    public static CornerTargets Of(CornerNetConfig config, IReadOnlyList<GroundTruth> truths, Pair inputs, Pair cells, Device device) {
        float across = (float)((double)cells.Horizontal / inputs.Horizontal), down = (float)((double)cells.Vertical / inputs.Vertical);
        CornerSheet topLeft = new(truths.Count, cells, config.Classes.Count), bottomRight = new(truths.Count, cells, config.Classes.Count);
        var objects = new List<CornerCells[]>();
        foreach ((int picture, GroundTruth truth) in truths.Index()) {
            truth.Validate(config.Classes.Count);
            objects.Add([.. truth.Boxes.Select((box, i) => {
                (float x1, float y1, float x2, float y2) = (box.X1 * across, box.Y1 * down, box.X2 * across, box.Y2 * down);
                int radius = config.Radius(MathF.Ceiling(y2 - y1), MathF.Ceiling(x2 - x1));
                (int top, int left) = topLeft.Draw(picture, truth.Labels[i], x1, y1, radius);
                (int bottom, int right) = bottomRight.Draw(picture, truth.Labels[i], x2, y2, radius);
                return new CornerCells(top, left, bottom, right);
            })]);
        }
        return new CornerTargets(topLeft.To(device), bottomRight.To(device), objects);
    }
}
