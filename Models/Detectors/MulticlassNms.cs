using DenseEngine.Ops;

namespace DenseEngine.Models;

/// <summary>Selects detections where every box has a score for each class, as mmdetection's <c>multiclass_nms</c>: pairs above the score
/// threshold, multiplied by the boxes' factors after that, suppression within classes, the best.</summary>
public static class MulticlassNms {
    /// <summary>The detections, best first.</summary>
    /// <param name="boxes">[N,4], or [N,4·C] with a box for each class.</param>
    /// <param name="scores">[N,C+1]; the last column is the background's and is not read.</param>
    /// <param name="test">The rules; at most <see cref="TestConfig.MaxPerImage"/> detections, any number if that is not positive.</param>
    /// <param name="factors">[N], or null.</param>
    /// <param name="splitThreshold">From so many pairs on suppression goes class by class.</param>
    /// <returns>The detections, and their pairs' places, box · C + class.</returns>
    /// <exception cref="ShapeException">Shapes differ from these.</exception>
    public static (Detections Found, int[] Places) Select(Tensor boxes, Tensor scores, TestConfig test, Tensor? factors = null,
        int splitThreshold = TestConfig.SplitThreshold) {
        const string name = nameof(MulticlassNms);
        int classes = Check.Rank(name, "scores", scores, 2).Shape[1] - 1, columns = Check.Rank(name, "boxes", boxes, 2).Shape[1];
        Check.That(boxes.Shape[0] == scores.Shape[0] && classes > 0 && (columns == 4 || columns == 4 * classes),
            $"{name}: boxes of shape {boxes.Shape} do not fit scores of shape {scores.Shape}.");
        if (factors is not null) Check.Shape(name, "factors", factors, [scores.Shape[0]]);
        float[] given = scores.ToArray(), corners = boxes.ToArray();
        float[]? shares = factors?.ToArray();
        List<Detection> pairs = [];
        List<int> places = [];
        for (int place = 0; place < scores.Shape[0] * classes; place++) {
            (int row, int label) = (place / classes, place % classes);
            float score = given[row * (classes + 1) + label];
            if (!(score > test.ScoreThreshold)) continue;
            ReadOnlySpan<float> box = corners.AsSpan(row * columns + (columns > 4 ? 4 * label : 0), 4);
            pairs.Add(new Detection(new Box(box[0], box[1], box[2], box[3]), score * (shares?[row] ?? 1), label));
            places.Add(place);
        }
        (Detections found, int[] kept) = Select(pairs, test, boxes.Device, splitThreshold);
        return (found, Array.ConvertAll(kept, i => places[i]));
    }

    /// <summary>Those of some candidates, and their numbers: suppression within classes, the best.</summary>
    internal static (Detections Found, int[] Kept) Select(IReadOnlyList<Detection> candidates, TestConfig test, Device device,
        int splitThreshold = TestConfig.SplitThreshold) {
        if (candidates.Count == 0) return (new Detections([]), []);
        (int[] kept, float[] left) = Suppress(candidates, device, test, splitThreshold);
        if (test.MaxPerImage > 0 && kept.Length > test.MaxPerImage) kept = kept[..test.MaxPerImage];
        return (new Detections([.. kept.Select((i, k) => candidates[i] with { Score = left[k] })]), kept);
    }

    /// <summary>The pairs that are kept, and their scores.</summary>
    private static (int[] Kept, float[] Scores) Suppress(IReadOnlyList<Detection> pairs, Device device, TestConfig test,
        int splitThreshold) {
        using var scope = new TensorScope();
        Tensor boxes = Tensor.From([.. pairs.SelectMany(pair => (float[])[pair.Box.X1, pair.Box.Y1, pair.Box.X2, pair.Box.Y2])],
            [pairs.Count, 4], device);
        Tensor scores = Tensor.From([.. pairs.Select(pair => pair.Score)], [pairs.Count], device),
            labels = Tensor.From([.. pairs.Select(pair => pair.Label)], [pairs.Count], device);
        if (test.Soft is { } soft) {
            (Tensor some, Tensor lowered) =
                Op.BatchedSoftNms(boxes, scores, labels, test.IouThreshold, soft, test.ClassAgnostic, splitThreshold);
            return (some.ToIntArray(), lowered.ToArray());
        }
        int[] kept = Op.BatchedNms(boxes, scores, labels, test.IouThreshold, test.ClassAgnostic, splitThreshold).ToIntArray();
        return (kept, Array.ConvertAll(kept, i => pairs[i].Score));
    }
}
