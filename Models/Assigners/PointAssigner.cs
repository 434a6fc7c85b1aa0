using System.Numerics;
using System.Runtime.Intrinsics;
using DenseEngine.Ops;
using I = System.Runtime.Intrinsics.Vector512<int>;
using V = System.Runtime.Intrinsics.Vector512<float>;

namespace DenseEngine.Models;

/// <summary>The points of FCOS (Tian et al., 2019, section 3.2), as mmdetection has them: a point finds an object in which it lies and
/// whose farthest edge is as far as its level's range says; of several the smallest, then the first.</summary>
/// <param name="RegressRanges">From and to, both inclusive, in pixels, for each level.</param>
/// <param name="Strides">Each level's stride.</param>
/// <param name="CenterRadius">How many strides a point may be from the object's middle, vertically and horizontally; null for anywhere
/// in the object.</param>
public sealed record PointAssigner(IReadOnlyList<IReadOnlyList<float>> RegressRanges, IReadOnlyList<int> Strides,
    float? CenterRadius = null) : Assigner {
    private const int BlocksPerRange = 64;
    private const float NoArea = 1e8f;   // of an object that a point must not find; the original's limit to areas

    /// <inheritdoc/>
    /// <returns>Overlaps are 0.</returns>
    public override Assignment Assign(ReadOnlySpan<Box> anchors, IReadOnlyList<int> levelSizes, GroundTruth truth,
        Predictions? predictions = null) {
        int[] truths = new int[anchors.Length];
        if (truth.Boxes.Length == 0) return new Assignment(truths, new float[anchors.Length]);
        using var points = new PointColumns(anchors, levelSizes);
        using var boxes = new BoxColumns(truth.Boxes);
        for (int level = 0; level < levelSizes.Count; level++) {
            PointLevel of = points.Level(level);
            (float from, float to) = (RegressRanges[level][0], RegressRanges[level][1]);
            using var cores = new BoxColumns(CenterRadius is { } radius
                ? Array.ConvertAll(truth.Boxes, box => Core(box, radius * Strides[level])) : truth.Boxes);
            HostDevice.Default.Workers.ForRange(of.Blocks, BlocksPerRange, (first, end) => {
                for (int block = first; block < end; block++) {
                    I found = Smallest(points, of.FirstBlock + block, boxes, cores, Vector512.Create(from), Vector512.Create(to));
                    for (int lane = 0, i = block * I.Count; lane < I.Count && i < of.Count; lane++, i++) truths[of.Start + i] = found[lane];
                }
            });
        }
        return new Assignment(truths, new float[anchors.Length]);
    }

    internal override void Validate() {
        if (RegressRanges.Count != Strides.Count || RegressRanges.Any(range => range is not [var from, var to] || !(from <= to)))
            throw new ConfigException($"Points: regressRanges needs two ascending numbers for each of the {Strides.Count} levels.");
        if (CenterRadius is not (null or (> 0 and < float.PositiveInfinity)))
            throw new ConfigException(FormattableString.Invariant($"Points: the radius {CenterRadius} must be above 0."));
    }

    /// <summary>What each point of a block finds.</summary>
    private static I Smallest(PointColumns points, int block, BoxColumns boxes, BoxColumns cores, V from, V to) {
        (V x, V y) = points.Block(block);
        V least = Vector512.Create(float.PositiveInfinity);
        I smallest = I.Zero, finds = I.Zero;
        for (int some = 0; some < boxes.Blocks; some++) {
            for (uint held = points.Holding(cores.Block(some), block); held != 0; held &= held - 1) {
                int k = some * V.Count + BitOperations.TrailingZeroCount(held);
                BoxLanes box = boxes[k], core = cores[k];
                V farthest = Vector512.Max(Vector512.Max(x - box.X1, y - box.Y1), Vector512.Max(box.X2 - x, box.Y2 - y));
                V found = Vector512.GreaterThan(x, core.X1) & Vector512.GreaterThan(y, core.Y1) & Vector512.LessThan(x, core.X2)
                    & Vector512.LessThan(y, core.Y2) & Vector512.GreaterThanOrEqual(farthest, from)
                    & Vector512.LessThanOrEqual(farthest, to);
                finds -= found.AsInt32();
                found &= Vector512.LessThan(box.Area, least);
                (least, smallest) = (Vector512.ConditionalSelect(found, box.Area, least),
                    Vector512.ConditionalSelect(found.AsInt32(), Vector512.Create(k + 1), smallest));
            }
        }
        // An object that is not found has the limit for its area: it comes before larger ones, and is none.
        I counts = Vector512.LessThan(least, Vector512.Create(NoArea)).AsInt32()
            | (Vector512.Equals(finds, Vector512.Create(boxes.Count)) & Vector512.GreaterThan(least, Vector512.Create(NoArea)).AsInt32());
        return smallest & counts;
    }

    /// <summary>The part of a box that is within a distance of its middle.</summary>
    private static Box Core(Box box, float distance) {
        float x = (box.X1 + box.X2) / 2, y = (box.Y1 + box.Y2) / 2;
        return new Box(Math.Max(x - distance, box.X1), Math.Max(y - distance, box.Y1), Math.Min(x + distance, box.X2),
            Math.Min(y + distance, box.Y2));
    }
}
