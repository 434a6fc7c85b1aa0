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
        if (shape.Count > 0) Run(device, host => BestPairsHost(host, pairs, scores, picture, threshold),
            gpu => BestPairsGpu(gpu, pairs, scores, picture, threshold));
        return pairs;
    }

    private static unsafe void BestPairsHost(HostDevice host, ScoredPairs pairs, Tensor scores, int picture, float threshold) {
        (int anchors, int classes, int count) = (scores.Shape[1], scores.Shape[2], pairs.Rows.Count);
        var line = new AxisGeometry(anchors * classes);
        float* all = scores.Pointer + (nint)picture * line.Size;
        Span<float> found = pairs.Scores.Span;
        Span<int> rows = pairs.Rows.IntSpan, ofPicture = pairs.Anchors.IntSpan, labels = pairs.Labels.IntSpan;
        TopKHost.Find(host, pairs.Scores.Pointer, pairs.Rows.IntPointer, all, line, count, largest: true);
        if (float.IsNaN(found[0])) {   // which counts as the largest there
            using var numbers = new Tensor(host, [line.Size]);
            for (int i = 0; i < line.Size; i++) numbers.Span[i] = float.IsNaN(all[i]) ? float.NegativeInfinity : all[i];
            TopKHost.Find(host, pairs.Scores.Pointer, pairs.Rows.IntPointer, numbers.Pointer, line, count, largest: true);
        }
        for (int i = 0; i < count; i++) {
            bool counts = found[i] > threshold;
            int place = counts ? rows[i] : 0, anchor = place / classes;
            (rows[i], ofPicture[i], labels[i]) = (picture * anchors + anchor, anchor, counts ? place - anchor * classes : -1);
            if (!counts) found[i] = 0;
        }
    }
}
