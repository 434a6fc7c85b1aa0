using System.Numerics;
using System.Runtime.Intrinsics;
using DenseEngine.Ops;
using I = System.Runtime.Intrinsics.Vector512<int>;
using V = System.Runtime.Intrinsics.Vector512<float>;

namespace DenseEngine.Models;

/// <summary>Assignment by the largest IoU (Faster R-CNN, RetinaNet), as mmdetection's <c>MaxIoUAssigner</c>. An anchor whose largest IoU
/// reaches the positive threshold goes to that object (the first on a tie); one whose largest IoU lies in the negative range to none;
/// the others are ignored. Then each object in turn may take the anchors that fit it best, whatever they had.</summary>
/// <param name="PositiveIou">From where on an anchor is positive.</param>
/// <param name="NegativeIou">Below which it is negative.</param>
/// <param name="NegativeFrom">From where on, if below that; anchors under it are ignored.</param>
/// <param name="LeastIou">Objects whose best IoU is at least this take their best anchors. At 0 an object that meets no anchor takes every
/// anchor that it does not meet, as in the original.</param>
/// <param name="LowQuality">Whether they take any.</param>
/// <param name="AllBest">Whether they take every anchor whose IoU equals their best, else the first such.</param>
/// <param name="IgnoreIofThreshold">Anchors with more than this share in a box to ignore are ignored; 0 or less for never.</param>
/// <param name="IgnoreByAnchor">Whether that is the share of the anchor, else of the box to ignore.</param>
public sealed record MaxIouAssigner(float PositiveIou = 0.5f, float NegativeIou = 0.4f, float NegativeFrom = 0, float LeastIou = 0,
    bool LowQuality = true, bool AllBest = true, float IgnoreIofThreshold = -1, bool IgnoreByAnchor = true) : Assigner {
    private const int Ranges = 16, LeastRange = 64;   // blocks

    /// <inheritdoc/>
    /// <returns>Overlaps are the largest IoU of each anchor; -1 for those in boxes to ignore.</returns>
    public override Assignment Assign(ReadOnlySpan<Box> anchors, IReadOnlyList<int> levelSizes, GroundTruth truth,
        Predictions? predictions = null) {
        if (truth.Boxes.Length == 0 || anchors.Length == 0) return new Assignment(new int[anchors.Length], new float[anchors.Length]);
        bool[] ignored = IgnoredAnchors.Of(anchors, truth.Ignored, IgnoreIofThreshold, IgnoreByAnchor);
        using var columns = new BoxColumns(anchors, ignored);
        using var objects = new BoxColumns(truth.Boxes);
        int[] truths = GC.AllocateUninitializedArray<int>(columns.Blocks * V.Count);
        float[] overlaps = GC.AllocateUninitializedArray<float>(truths.Length);
        float[] best = ByOverlap(columns, objects, truths, overlaps);
        if (LowQuality && AllBest) TakeAllBest(columns, objects, truths, overlaps, best);
        if (LowQuality && !AllBest) TakeFirstBest(columns, objects, truths, ignored, best);
        for (int i = 0; i < ignored.Length; i++)
            if (ignored[i]) (truths[i], overlaps[i]) = (-1, -1);
        return new Assignment(truths[..anchors.Length], overlaps[..anchors.Length]);
    }

    internal override bool HasThresholds => true;

    internal override float[]? Thresholds(ReadOnlySpan<Box> anchors, IReadOnlyList<int> levelSizes, GroundTruth truth) =>
        [.. truth.Boxes.Select(_ => PositiveIou)];

    internal override void Validate() {
        if (!(LeastIou >= 0)) throw new ConfigException($"Max-IoU assignment: the least IoU {LeastIou} must not be negative.");
        if (!(PositiveIou >= NegativeIou && NegativeIou >= NegativeFrom && NegativeFrom >= 0))
            throw new ConfigException($"Max-IoU assignment: 0 <= {NegativeFrom} <= {NegativeIou} <= {PositiveIou} must hold (where the "
                + "negatives begin and end, where the positives begin).");
    }

    /// <summary>Assigns by thresholds.</summary>
    /// <returns>Each object's largest IoU.</returns>
    private float[] ByOverlap(BoxColumns anchors, BoxColumns objects, int[] truths, float[] overlaps) {
        float[] best = new float[objects.Blocks * V.Count];
        HostDevice.Default.Workers.ForRange(anchors.Blocks, Grain(anchors), (from, until) => {
            V[] mine = new V[objects.Count];
            for (int block = from; block < until; block++) {
                BoxLanes boxes = anchors.Block(block), hull = anchors.Hull(block);
                V most = V.Zero;
                I of = I.Zero;
                for (int some = 0; some < objects.Blocks; some++) {
                    for (uint met = objects.Block(some).Meets(hull); met != 0; met &= met - 1) {
                        int k = some * V.Count + BitOperations.TrailingZeroCount(met);
                        V iou = objects[k].Iou(boxes), more = Vector512.GreaterThan(iou, most);
                        mine[k] = Vector512.Max(mine[k], iou);
                        most = Vector512.ConditionalSelect(more, iou, most);
                        of = Vector512.ConditionalSelect(more.AsInt32(), Vector512.Create(k), of);
                    }
                }
                V negative = Vector512.GreaterThanOrEqual(most, Vector512.Create(NegativeFrom))
                    & Vector512.LessThan(most, Vector512.Create(NegativeIou));
                I found = Vector512.ConditionalSelect(negative.AsInt32(), I.Zero, I.AllBitsSet);
                found = Vector512.ConditionalSelect(Vector512.GreaterThanOrEqual(most, Vector512.Create(PositiveIou)).AsInt32(), of + I.One,
                    found);
                found.StoreUnsafe(ref truths[block * V.Count]);
                most.StoreUnsafe(ref overlaps[block * V.Count]);
            }
            lock (best)
                for (int k = 0; k < mine.Length; k++) best[k] = Math.Max(best[k], Lanes.Largest(mine[k]));
        });
        return best;
    }

    /// <summary>Gives each object all anchors of its largest IoU; the later object wins. An anchor's own largest IoU, which is known, tells
    /// which objects may find theirs in a block.</summary>
    private void TakeAllBest(BoxColumns anchors, BoxColumns objects, int[] truths, float[] overlaps, float[] best) {
        float[] wanted = [.. best.Select((iou, k) => k < objects.Count && iou >= LeastIou ? iou : float.PositiveInfinity)];
        HostDevice.Default.Workers.ForRange(anchors.Blocks, Grain(anchors), (from, until) => {
            for (int block = from; block < until; block++) {
                BoxLanes boxes = anchors.Block(block);
                V most = Vector512.Create(Lanes.Largest(Vector512.LoadUnsafe(ref overlaps[block * V.Count])));
                I found = Vector512.LoadUnsafe(ref truths[block * V.Count]);
                for (int some = 0; some < objects.Blocks; some++) {
                    V reached = Vector512.LessThanOrEqual(Vector512.LoadUnsafe(ref wanted[some * V.Count]), most);
                    for (uint bits = (uint)reached.ExtractMostSignificantBits(); bits != 0; bits &= bits - 1) {
                        int k = some * V.Count + BitOperations.TrailingZeroCount(bits);
                        V equal = Vector512.Equals(objects[k].Iou(boxes), Vector512.Create(wanted[k]));
                        found = Vector512.ConditionalSelect(equal.AsInt32(), Vector512.Create(k + 1), found);
                    }
                }
                found.StoreUnsafe(ref truths[block * V.Count]);
            }
        });
    }

    /// <summary>Gives each object its first anchor of its largest IoU.</summary>
    private void TakeFirstBest(BoxColumns anchors, BoxColumns objects, int[] truths, bool[] ignored, float[] best) {
        for (int k = 0; k < objects.Count; k++) {
            if (!(best[k] >= LeastIou)) continue;
            BoxLanes box = objects[k];
            int first = -1;
            for (int block = 0; block < anchors.Blocks && first < 0; block++) {
                uint equal = (uint)Vector512.Equals(box.Iou(anchors.Block(block)), Vector512.Create(best[k])).ExtractMostSignificantBits();
                for (; equal != 0 && first < 0; equal &= equal - 1) {
                    int i = block * V.Count + BitOperations.TrailingZeroCount(equal);
                    if (i < anchors.Count && (ignored.Length == 0 || !ignored[i])) first = i;
                }
            }
            if (first >= 0) truths[first] = k + 1;
        }
    }

    private static int Grain(BoxColumns anchors) => Math.Max(LeastRange, (anchors.Blocks + Ranges - 1) / Ranges);
}
