using DenseEngine.Ops;

namespace DenseEngine.Models;

/// <summary>The points of FCOS (Tian et al., 2019, section 3.2), as mmdetection has them: a point finds an object in which it lies and whose
/// farthest edge is as far as its level's range says; of several the smallest, then the first.</summary>
/// <param name="RegressRanges">From and to, both inclusive, in pixels, for each level.</param>
/// <param name="Strides">Each level's stride.</param>
/// <param name="CenterRadius">How many strides a point may be from the object's middle, vertically and horizontally; null for anywhere
/// in the object.</param>
public sealed record PointAssigner(IReadOnlyList<IReadOnlyList<float>> RegressRanges, IReadOnlyList<int> Strides,
    float? CenterRadius = null) : Assigner {
    private const float NoArea = 1e8f;   // of an object that a point must not find; the original's limit to areas

    /// <inheritdoc/>
    /// <returns>Overlaps are 0.</returns>
    public override Assignment Assign(ReadOnlySpan<Box> anchors, IReadOnlyList<int> levelSizes, GroundTruth truth,
        Predictions? predictions = null) {
        int[] truths = new int[anchors.Length];
        float[] areas = new float[anchors.Length];
        Array.Fill(areas, float.PositiveInfinity);
        for (int k = 0; k < truth.Boxes.Length; k++) {
            Box box = truth.Boxes[k];
            float area = (box.X2 - box.X1) * (box.Y2 - box.Y1);
            int start = 0;
            for (int level = 0; level < levelSizes.Count; level++) {
                (float from, float to) = (RegressRanges[level][0], RegressRanges[level][1]);
                Box core = CenterRadius is { } radius ? Core(box, radius * Strides[level]) : box;
                for (int i = start; i < start + levelSizes[level]; i++) {
                    float x = (anchors[i].X1 + anchors[i].X2) / 2, y = (anchors[i].Y1 + anchors[i].Y2) / 2;
                    float farthest = Math.Max(Math.Max(x - box.X1, y - box.Y1), Math.Max(box.X2 - x, box.Y2 - y));
                    bool finds = x - core.X1 > 0 && y - core.Y1 > 0 && core.X2 - x > 0 && core.Y2 - y > 0
                        && farthest >= from && farthest <= to;
                    float size = finds ? area : NoArea;
                    if (!(size < areas[i])) continue;
                    (truths[i], areas[i]) = (k + 1, size);
                }
                start += levelSizes[level];
            }
        }
        for (int i = 0; i < truths.Length; i++)
            if (areas[i] == NoArea) truths[i] = 0;
        return new Assignment(truths, new float[anchors.Length]);
    }

    internal override void Validate() {
        if (RegressRanges.Count != Strides.Count || RegressRanges.Any(range => range is not [var from, var to] || !(from <= to)))
            throw new ConfigException($"Points: regressRanges needs two ascending numbers for each of the {Strides.Count} levels.");
        if (CenterRadius is not (null or (> 0 and < float.PositiveInfinity)))
            throw new ConfigException(FormattableString.Invariant($"Points: the radius {CenterRadius} must be above 0."));
    }

    /// <summary>The part of a box that is within a distance of its middle.</summary>
    private static Box Core(Box box, float distance) {
        float x = (box.X1 + box.X2) / 2, y = (box.Y1 + box.Y2) / 2;
        return new Box(Math.Max(x - distance, box.X1), Math.Max(y - distance, box.Y1), Math.Min(x + distance, box.X2),
            Math.Min(y + distance, box.Y2));
    }
}
