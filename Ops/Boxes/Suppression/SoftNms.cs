namespace DenseEngine.Ops;

/// <summary>How soft suppression lowers the score of a box that overlaps a better one.</summary>
public enum SoftNmsMethod {
    /// <summary>By 1 - IoU, from the threshold on.</summary>
    Linear,

    /// <summary>By exp(-IoU² / σ), without a threshold.</summary>
    Gaussian,

    /// <summary>To 0, from the threshold on.</summary>
    Naive,
}

/// <summary>Soft suppression (Bodla et al., 2017) as mmcv's <c>soft_nms</c>.</summary>
/// <param name="Method">How scores fall.</param>
/// <param name="Sigma">Of the Gaussian; above 0.</param>
/// <param name="MinScore">A box whose score falls below this is dropped.</param>
public sealed record SoftNms(SoftNmsMethod Method = SoftNmsMethod.Linear, float Sigma = 0.5f, float MinScore = 1e-3f);

/// <summary>A <see cref="SoftNms"/> with all that a call adds, as kernels take it.</summary>
internal readonly struct Softening(SoftNms rule, float threshold, float offset) {
    private readonly SoftNmsMethod method = rule.Method;
    private readonly float sigma = rule.Sigma;

    /// <summary>A box whose score falls below this is dropped.</summary>
    public readonly float MinScore = rule.MinScore;

    /// <summary>Added to widths and heights.</summary>
    public readonly float Offset = offset;

    /// <summary>The factor of a score.</summary>
    public float Weight(float iou) {
        if (method == SoftNmsMethod.Gaussian) return Elementary.Exp(-(iou * iou) / sigma);
        if (!(iou >= threshold)) return 1;
        return method == SoftNmsMethod.Linear ? 1 - iou : 0;
    }
}

public static partial class Op {
    /// <summary>Soft non-maximum suppression: the best of the remaining boxes is taken, and the scores of the others fall with their
    /// overlap with it, until none is left. Of equal scores the first in mmcv's order of work, in which a dropped box is replaced by the
    /// last. No gradient.</summary>
    /// <param name="boxes">[N,4], corners.</param>
    /// <param name="scores">[N].</param>
    /// <param name="iouThreshold">From 0 to 1; the overlap from which scores fall (Gaussian: all do).</param>
    /// <param name="rule">How they fall.</param>
    /// <param name="offset">As in <see cref="Nms"/>.</param>
    /// <returns>The kept boxes' indices by falling new score, int32 [K], and these scores [K].</returns>
    /// <exception cref="ShapeException">Shapes differ from these.</exception>
    public static (Tensor Kept, Tensor Scores) SoftNms(Tensor boxes, Tensor scores, float iouThreshold, SoftNms rule, float offset = 0) {
        int count = CheckBoxes(nameof(SoftNms), "boxes", boxes);
        Check.Shape(nameof(SoftNms), "scores", scores, [count]);
        var softening = new Softening(rule, iouThreshold, offset);
        (Tensor, Tensor) kept = default;
        Run(Check.SameDevice(nameof(SoftNms), boxes, scores),
            host => kept = OfKept(host, SuppressSoftly(Boxes(boxes), scores.Span, [.. Enumerable.Range(0, count)], softening)),
            gpu => kept = SoftNmsGpu(gpu, boxes, scores, new BoxClasses(), softening));
        return kept;
    }

    /// <summary><see cref="SoftNms(Tensor, Tensor, float, SoftNms, float)"/> within each class, boxes moved as <see cref="BatchedNms"/>
    /// moves them.</summary>
    /// <param name="boxes">[N,4], corners.</param>
    /// <param name="scores">[N].</param>
    /// <param name="classes">[N], int32.</param>
    /// <param name="iouThreshold">From 0 to 1.</param>
    /// <param name="rule">How scores fall.</param>
    /// <param name="classAgnostic">As in <see cref="BatchedNms"/>.</param>
    /// <param name="splitThreshold">See there.</param>
    /// <returns>The kept boxes' indices by falling new score, int32 [K], and these scores [K].</returns>
    /// <exception cref="ShapeException">Shapes differ from these.</exception>
    public static (Tensor Kept, Tensor Scores) BatchedSoftNms(Tensor boxes, Tensor scores, Tensor classes, float iouThreshold, SoftNms rule,
        bool classAgnostic = false, int splitThreshold = 10_000) {
        const string name = nameof(BatchedSoftNms);
        int count = CheckBoxes(name, "boxes", boxes);
        Check.Shape(name, "scores", scores, [count]);
        Check.Shape(name, "classes", classes, [count]);
        Check.Type(name, "classes", classes, DType.Int32);
        var softening = new Softening(rule, iouThreshold, 0);
        var belonging = new BoxClasses(classes, Move: !classAgnostic, splitThreshold);
        (Tensor, Tensor) kept = default;
        Run(Check.SameDevice(name, boxes, scores, classes), host => {
            Box[] moved = Boxes(boxes).ToArray();
            if (belonging.Move) MoveByClass(moved, classes.IntSpan);
            kept = OfKept(host, belonging.MaySplit(count) ? SuppressSoftlySplit(moved, scores.Span, classes.IntSpan, softening)
                : SuppressSoftly(moved, scores.Span, [.. Enumerable.Range(0, count)], softening));
        }, gpu => kept = SoftNmsGpu(gpu, boxes, scores, belonging, softening));
        return kept;
    }

    private static (Tensor Kept, Tensor Scores) OfKept(HostDevice host, List<(int Index, float Score)> kept) =>
        (OfNumbers(host, [.. kept.Select(each => each.Index)]), Tensor.From([.. kept.Select(each => each.Score)], [kept.Count], host));

    private static List<(int Index, float Score)> SuppressSoftlySplit(ReadOnlySpan<Box> boxes, ReadOnlySpan<float> scores,
        ReadOnlySpan<int> classes, Softening rule) {
        var byClass = new SortedDictionary<int, List<int>>();
        for (int i = 0; i < classes.Length; i++) {
            if (!byClass.TryGetValue(classes[i], out List<int>? members)) byClass[classes[i]] = members = [];
            members.Add(i);
        }
        List<(int Index, float Score)> kept = [];
        foreach (List<int> members in byClass.Values) kept.AddRange(SuppressSoftly(boxes, scores, [.. members], rule));
        return [.. kept.OrderBy(each => each.Index).OrderByDescending(each => each.Score)];
    }

    /// <summary>Works in place on the given boxes' order: the best is swapped to the front, a dropped one overwritten by the
    /// last.</summary>
    private static List<(int Index, float Score)> SuppressSoftly(ReadOnlySpan<Box> boxes, ReadOnlySpan<float> given, int[] order,
        Softening rule) {
        float[] scores = new float[order.Length];
        for (int i = 0; i < scores.Length; i++) scores[i] = given[order[i]];
        int count = order.Length;
        var kept = new List<(int, float)>();
        for (int i = 0; i < count; i++) {
            int best = i;
            for (int j = i + 1; j < count; j++)
                if (scores[best] < scores[j]) best = j;
            (order[i], order[best], scores[i], scores[best]) = (order[best], order[i], scores[best], scores[i]);
            kept.Add((order[i], scores[i]));
            Box box = boxes[order[i]];
            float area = AreaOf(box, rule.Offset);
            for (int j = i + 1; j < count; j++) {
                Box other = boxes[order[j]];
                scores[j] *= rule.Weight(Overlap(box, area, other, AreaOf(other, rule.Offset), rule.Offset, 0));
                if (!(scores[j] < rule.MinScore)) continue;
                count--;
                (order[j], scores[j]) = (order[count], scores[count]);
                j--;   // the one that has come here is looked at next
            }
        }
        return kept;
    }
}
