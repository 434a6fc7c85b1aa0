using System.Buffers;
using System.Runtime.InteropServices;

namespace DenseEngine.Ops;

public static partial class Op {
    /// <summary><see cref="Nms"/> within each class. As mmcv's <c>batched_nms</c>: the boxes of class k are moved by k · (largest
    /// coordinate + 1) in float32, so that classes do not meet; this rounds them, which is part of the result. From
    /// <paramref name="splitThreshold"/> boxes on, class after class is suppressed by itself, and the kept are sorted.
    /// No gradient.</summary>
    /// <param name="boxes">[N,4], corners.</param>
    /// <param name="scores">[N].</param>
    /// <param name="classes">[N], int32.</param>
    /// <param name="iouThreshold">From 0 to 1.</param>
    /// <param name="classAgnostic">Boxes are not moved: classes suppress one another (but not from the split threshold on).</param>
    /// <param name="splitThreshold">See above.</param>
    /// <returns>The kept boxes' indices by falling score, int32 [K].</returns>
    /// <exception cref="ShapeException">Shapes differ from these.</exception>
    public static Tensor BatchedNms(Tensor boxes, Tensor scores, Tensor classes, float iouThreshold, bool classAgnostic = false,
        int splitThreshold = 10_000) =>
        BestOfNms(boxes, scores, classes, iouThreshold, classAgnostic, splitThreshold, int.MaxValue);

    /// <summary>The best of the kept: at least <paramref name="most"/>, if there are as many.</summary>
    private static Tensor BestOfNms(Tensor boxes, Tensor scores, Tensor classes, float iouThreshold, bool classAgnostic,
        int splitThreshold, int most) {
        const string name = nameof(BatchedNms);
        int count = CheckBoxes(name, "boxes", boxes);
        Check.Shape(name, "scores", scores, [count]);
        Check.Shape(name, "classes", classes, [count]);
        Check.Type(name, "classes", classes, DType.Int32);
        var rule = new BoxClasses(classes, Move: !classAgnostic, splitThreshold);
        Tensor? kept = null;
        Run(Check.SameDevice(name, boxes, scores, classes), host => {
            Box[] moved = ArrayPool<Box>.Shared.Rent(count);
            int[] order = ArrayPool<int>.Shared.Rent(count);
            Boxes(boxes).CopyTo(moved);
            if (rule.Move) MoveByClass(moved.AsSpan(0, count), classes.IntSpan);
            ByFallingScore(scores.Span, order);
            Span<int> all = order.AsSpan(0, count);
            kept = OfNumbers(host, rule.MaySplit(count) ? SuppressSplit(moved, all.ToArray(), classes.IntSpan, iouThreshold)
                : all[..GreedySuppression.Run(moved, all, iouThreshold, 0, most)]);
            ArrayPool<Box>.Shared.Return(moved);
            ArrayPool<int>.Shared.Return(order);
        }, gpu => kept = NmsGpu(gpu, boxes, scores, rule, iouThreshold, 0));
        return kept!;
    }

    private static void MoveByClass(Span<Box> boxes, ReadOnlySpan<int> classes) {
        float largest = float.NegativeInfinity;
        foreach (Box box in boxes) largest = Math.Max(largest, Math.Max(Math.Max(box.X1, box.Y1), Math.Max(box.X2, box.Y2)));
        float step = largest + 1;
        for (int i = 0; i < boxes.Length; i++) {
            float offset = classes[i] * step;
            Box box = boxes[i];
            boxes[i] = new(box.X1 + offset, box.Y1 + offset, box.X2 + offset, box.Y2 + offset);
        }
    }

    private static int[] SuppressSplit(ReadOnlySpan<Box> boxes, int[] order, ReadOnlySpan<int> classes, float threshold) {
        bool[] keep = new bool[order.Length];
        var byClass = new SortedDictionary<int, List<int>>();
        foreach (int i in order) {
            if (!byClass.TryGetValue(classes[i], out List<int>? members)) byClass[classes[i]] = members = [];
            members.Add(i);
        }
        foreach (List<int> members in byClass.Values)
            foreach (int i in CollectionsMarshal.AsSpan(members)[..GreedySuppression.Run(boxes, CollectionsMarshal.AsSpan(members),
                threshold, 0)])
                keep[i] = true;
        return [.. order.Where(i => keep[i])];
    }
}
