using System.Runtime.InteropServices;
using DenseEngine.Ops;

namespace DenseEngine.Models;

/// <summary>How predictions become detections (mmdetection's <c>test_cfg</c>).</summary>
/// <param name="ScoreThreshold">Only probabilities above this count.</param>
/// <param name="BeforeNms">The best (anchor, class) pairs of each level that go on (<c>nms_pre</c>).</param>
/// <param name="IouThreshold">Overlap from which the lower score of one class is dropped.</param>
/// <param name="MaxPerImage">The most detections of a picture.</param>
public sealed record TestConfig(float ScoreThreshold = 0.05f, int BeforeNms = 1000, float IouThreshold = 0.6f, int MaxPerImage = 100) {
    /// <summary>From this many candidates on, suppression goes class by class (mmcv's <c>split_thr</c>).</summary>
    internal const int SplitThreshold = 10_000;

    /// <summary>Whether classes suppress one another.</summary>
    public bool ClassAgnostic { get; init; }

    /// <summary>Lowers the scores of boxes that overlap instead of dropping them; null for dropping.</summary>
    public SoftNms? Soft { get; init; }

    /// <summary>Boxes whose width and height do not both exceed this are dropped before suppression (mmdetection 3's
    /// <c>min_bbox_size</c>, in the result's pixels); null for keeping all.</summary>
    public float? MinBoxSize { get; init; }
}

/// <summary>Selects detections from dense predictions: on each level threshold and best pairs, decoding, cutting to the picture; then, over
/// all levels, scaling back and suppression within classes.</summary>
public static class NmsPostprocess {
    /// <summary>The detections of one picture of a batch.</summary>
    /// <param name="levels">The predictions.</param>
    /// <param name="picture">The picture's number in the batch.</param>
    /// <param name="image">Its place there.</param>
    /// <param name="test">The rules.</param>
    /// <param name="rescale">Whether boxes are given in pixels of the original picture (before suppression), else in the network's.</param>
    public static Detections Select(IReadOnlyList<LevelPrediction> levels, int picture, ImageInfo image, TestConfig test,
        bool rescale = true) {
        using var scope = new TensorScope();
        List<Box> boxes = [];
        List<float> scores = [];
        List<int> labels = [];
        foreach (LevelPrediction level in levels) {
            (int anchors, int classes) = (level.Scores.Shape[1], level.Scores.Shape[2]);
            Tensor host = level.Scores.To(HostDevice.Default);
            ReadOnlySpan<float> all = host.Span.Slice(picture * anchors * classes, anchors * classes);
            int[] pairs = Best(all, test.ScoreThreshold, test.BeforeNms);
            if (pairs.Length == 0) continue;
            int[] rows = Array.ConvertAll(pairs, pair => picture * anchors + pair / classes);
            float[]? factors = level.Factors?.ToArray();
            Box[] decoded = level.Decode(rows);
            for (int i = 0; i < pairs.Length; i++) {
                Box box = decoded[i].Clip(image.Width, image.Height);
                float score = all[pairs[i]] * (factors?[rows[i]] ?? 1);
                if (float.IsNaN(score + box.X1 + box.Y1 + box.X2 + box.Y2)) continue;   // of weights that are not finite, or too large
                if (rescale) box = new Box(box.X1 / image.ScaleX, box.Y1 / image.ScaleY, box.X2 / image.ScaleX, box.Y2 / image.ScaleY);
                if (test.MinBoxSize is { } least && !(box.Width > least && box.Height > least)) continue;
                boxes.Add(box);
                scores.Add(score);
                labels.Add(pairs[i] % classes);
            }
        }
        if (boxes.Count == 0) return new Detections([]);
        Tensor boxTensor = Tensor.From(MemoryMarshal.Cast<Box, float>(CollectionsMarshal.AsSpan(boxes)), [boxes.Count, 4]);
        Tensor scoreTensor = Tensor.From(CollectionsMarshal.AsSpan(scores), [scores.Count]),
            labelTensor = Tensor.From(CollectionsMarshal.AsSpan(labels), [labels.Count]);
        if (test.Soft is { } soft) {
            (Tensor order, Tensor lowered) = Op.BatchedSoftNms(boxTensor, scoreTensor, labelTensor, test.IouThreshold, soft,
                test.ClassAgnostic, TestConfig.SplitThreshold);
            return new Detections([.. order.ToIntArray().Zip(lowered.ToArray(), (i, score) => new Detection(boxes[i], score, labels[i]))
                .Take(test.MaxPerImage)]);
        }
        int[] kept = Op.BatchedNms(boxTensor, scoreTensor, labelTensor, test.IouThreshold, test.ClassAgnostic, TestConfig.SplitThreshold)
            .ToIntArray();
        return new Detections([.. kept.Take(test.MaxPerImage).Select(i => new Detection(boxes[i], scores[i], labels[i]))]);
    }

    /// <summary>The places of the highest values above a threshold, falling; of equal ones the first.</summary>
    private static int[] Best(ReadOnlySpan<float> values, float threshold, int most) {
        List<int> places = [];
        for (int i = 0; i < values.Length; i++)
            if (values[i] > threshold) places.Add(i);
        int[] order = [.. places];
        float[] keys = new float[order.Length];
        for (int i = 0; i < keys.Length; i++) keys[i] = -values[order[i]];
        Array.Sort(keys, order);   // not stable: equal keys are put in order below
        for (int from = 0, until; from < keys.Length; from = until) {
            for (until = from + 1; until < keys.Length && keys[until] == keys[from]; until++) { }
            Array.Sort(order, from, until - from);
        }
        return order.Length <= most ? order : order[..most];
    }
}
