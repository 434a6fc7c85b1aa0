namespace DenseEngine.Ops;

/// <summary>Pairs of an anchor and a class, best first, as many as were asked for; those that do not count have label -1, score 0 and the
/// first anchor.</summary>
/// <param name="Rows">Int32 [K]: the anchors' rows in the whole batch.</param>
/// <param name="Anchors">Int32 [K]: their numbers within the picture.</param>
/// <param name="Labels">Int32 [K]: the classes.</param>
/// <param name="Scores">[K].</param>
public sealed record ScoredPairs(Tensor Rows, Tensor Anchors, Tensor Labels, Tensor Scores);

public static partial class Op {
    /// <summary>The pairs of anchor and class of a picture with the highest scores above a threshold; of equal ones the first. NaN does not
    /// count. No gradient.</summary>
    /// <param name="scores">[N,A,C].</param>
    /// <param name="picture">From 0 to N-1.</param>
    /// <param name="threshold">Only scores above this count.</param>
    /// <param name="most">How many pairs are wanted; there are never more than A·C.</param>
    /// <exception cref="ShapeException">The scores are not of rank 3, or there is no such picture.</exception>
    public static ScoredPairs BestPairs(Tensor scores, int picture, float threshold, int most) {
        const string name = nameof(BestPairs);
        Check.Type(name, "scores", Check.Rank(name, "scores", scores, 3), DType.Float32);
        (int pictures, int anchors, int classes) = (scores.Shape[0], scores.Shape[1], scores.Shape[2]);
        Check.That(picture >= 0 && picture < pictures, $"{name}: the picture is {picture}; scores of shape {scores.Shape} have {pictures}.");
        Check.That(most >= 0, $"{name}: {most} pairs are wanted.");
        Shape shape = [Math.Min(most, anchors * classes)];
        Device device = scores.Device;
        var pairs = new ScoredPairs(new Tensor(device, shape, DType.Int32), new Tensor(device, shape, DType.Int32),
            new Tensor(device, shape, DType.Int32), new Tensor(device, shape));
        if (shape.Count > 0) Run(device, _ => BestPairsHost(pairs, scores, picture, threshold),
            gpu => BestPairsGpu(gpu, pairs, scores, picture, threshold));
        return pairs;
    }

    private static void BestPairsHost(ScoredPairs pairs, Tensor scores, int picture, float threshold) {
        (int anchors, int classes) = (scores.Shape[1], scores.Shape[2]);
        ReadOnlySpan<float> all = scores.Span.Slice(picture * anchors * classes, anchors * classes);
        int[] best = Best(all, threshold);
        for (int i = 0; i < pairs.Rows.Count; i++) {
            int place = i < best.Length ? best[i] : 0, anchor = place / classes;
            pairs.Rows.IntSpan[i] = picture * anchors + anchor;
            pairs.Anchors.IntSpan[i] = anchor;
            pairs.Labels.IntSpan[i] = i < best.Length ? place % classes : -1;
            pairs.Scores.Span[i] = i < best.Length ? all[place] : 0;
        }
    }

    /// <summary>The places of the values above a threshold, falling; of equal ones the first.</summary>
    private static int[] Best(ReadOnlySpan<float> values, float threshold) {
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
        return order;
    }
}
