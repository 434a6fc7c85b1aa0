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
public sealed record SoftNms(SoftNmsMethod Method = SoftNmsMethod.Linear, float Sigma = 0.5f, float MinScore = 1e-3f) {
    /// <summary>The factor of a score.</summary>
    internal float Weight(float iou, float threshold) => Method switch {
        SoftNmsMethod.Gaussian => Elementary.Exp(-(iou * iou) / Sigma),
        _ when !(iou >= threshold) => 1,
        SoftNmsMethod.Linear => 1 - iou,
        _ => 0,
    };
}

public static partial class Op {
    /// <summary>Soft non-maximum suppression: the best of the remaining boxes is taken, and the scores of the others fall with their
    /// overlap with it, until none is left. Of equal scores the first in mmcv's order of work, in which a dropped box is replaced by the last.
    /// No gradient.</summary>
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
        List<(int Index, float Score)> kept = [];
        Run(Check.SameDevice(nameof(SoftNms), boxes, scores), _ =>
            kept = SuppressSoftly(Boxes(boxes), scores.Span, [.. Enumerable.Range(0, count)], iouThreshold, rule, offset));
        return OfKept(kept, boxes.Device);
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
        List<(int Index, float Score)> kept = [];
        Run(Check.SameDevice(name, boxes, scores, classes), _ => {
            Box[] moved = Boxes(boxes).ToArray();
            if (!classAgnostic) MoveByClass(moved, classes.IntSpan);
            if (count < splitThreshold) {
                kept = SuppressSoftly(moved, scores.Span, [.. Enumerable.Range(0, count)], iouThreshold, rule, 0);
                return;
            }
            var byClass = new SortedDictionary<int, List<int>>();
            for (int i = 0; i < count; i++) {
                if (!byClass.TryGetValue(classes.IntSpan[i], out List<int>? members)) byClass[classes.IntSpan[i]] = members = [];
                members.Add(i);
            }
            foreach (List<int> members in byClass.Values)
                kept.AddRange(SuppressSoftly(moved, scores.Span, [.. members], iouThreshold, rule, 0));
            kept = [.. kept.OrderBy(each => each.Index).OrderByDescending(each => each.Score)];
        });
        return OfKept(kept, boxes.Device);
    }

    private static (Tensor Kept, Tensor Scores) OfKept(List<(int Index, float Score)> kept, Device device) =>
        (Tensor.From([.. kept.Select(each => each.Index)], [kept.Count], device),
            Tensor.From([.. kept.Select(each => each.Score)], [kept.Count], device));

    /// <summary>Works in place on the given boxes' order: the best is swapped to the front, a dropped one overwritten by the
    /// last.</summary>
    private static List<(int Index, float Score)> SuppressSoftly(ReadOnlySpan<Box> boxes, ReadOnlySpan<float> given, int[] order,
        float threshold, SoftNms rule, float offset) {
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
            float area = (box.Width + offset) * (box.Height + offset);
            for (int j = i + 1; j < count; j++) {
                Box other = boxes[order[j]];
                float width = Math.Min(box.X2, other.X2) - Math.Max(box.X1, other.X1) + offset;
                float height = Math.Min(box.Y2, other.Y2) - Math.Max(box.Y1, other.Y1) + offset;
                float inter = Math.Max(width, 0) * Math.Max(height, 0);
                scores[j] *= rule.Weight(inter / (area + (other.Width + offset) * (other.Height + offset) - inter), threshold);
                if (!(scores[j] < rule.MinScore)) continue;
                count--;
                (order[j], scores[j]) = (order[count], scores[count]);
                j--;   // the one that has come here is looked at next
            }
        }
        return kept;
    }
}
