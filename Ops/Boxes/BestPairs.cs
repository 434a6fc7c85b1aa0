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
    /// <param name="logits">Whether a pair's score is the logistic function of what is given.</param>
    /// <exception cref="ShapeException">The scores are not of rank 3, or there is no such picture.</exception>
    public static ScoredPairs BestPairs(Tensor scores, int picture, float threshold, int most, bool logits = false) {
        const string name = nameof(BestPairs);
        Check.Type(name, "scores", Check.Rank(name, "scores", scores, 3), DType.Float32);
        (int pictures, int anchors, int classes) = (scores.Shape[0], scores.Shape[1], scores.Shape[2]);
        Check.That(picture >= 0 && picture < pictures,
            $"{name}: the picture is {picture}; scores of shape {scores.Shape} have {pictures}.");
        Check.That(most >= 0, $"{name}: {most} pairs are wanted.");
        Shape shape = [Math.Min(most, anchors * classes)];
        Device device = scores.Device;
        var pairs = new ScoredPairs(new Tensor(device, shape, DType.Int32), new Tensor(device, shape, DType.Int32),
            new Tensor(device, shape, DType.Int32), new Tensor(device, shape));
        if (shape.Count > 0) Run(device, host => BestPairsHost(host, pairs, scores, picture, threshold, logits), gpu => {
            if (!logits) {
                BestPairsGpu(gpu, pairs, scores, picture * anchors * classes, picture * anchors, threshold);
                return;
            }
            using Tensor of = Slice(scores.Detach(), 0, picture, picture + 1), probabilities = Sigmoid(of);
            BestPairsGpu(gpu, pairs, probabilities, 0, picture * anchors, threshold);
        });
        return pairs;
    }

    private static unsafe void BestPairsHost(HostDevice host, ScoredPairs pairs, Tensor scores, int picture, float threshold,
        bool logits) {
        (int anchors, int classes, int count) = (scores.Shape[1], scores.Shape[2], pairs.Rows.Count);
        var line = new AxisGeometry(anchors * classes);
        float* all = scores.Pointer + (nint)picture * line.Size;
        Span<float> found = pairs.Scores.Span;
        Span<int> rows = pairs.Rows.IntSpan;
        if (!logits || !LikelyPairs.TryFind(host, found, rows, all, line.Size, threshold)) {
            using Tensor? probabilities = logits ? new(host, [line.Size]) : null;
            float* to = probabilities is null ? all : probabilities.Pointer;
            if (logits) host.Workers.ForRange(line.Size, ElementwiseGrain, (from, end) => UnaryLoop(to, all, from, end, new SigmoidOp()));
            FindPairs(host, pairs, to, line, threshold);
        }
        for (int i = 0; i < count; i++) {
            int place = Math.Max(rows[i], 0), anchor = place / classes;
            (pairs.Anchors.IntSpan[i], pairs.Labels.IntSpan[i]) = (anchor, rows[i] < 0 ? -1 : place - anchor * classes);
            rows[i] = picture * anchors + anchor;
        }
    }

    /// <summary>Scores, and places as rows; 0 and -1 for what does not count.</summary>
    private static unsafe void FindPairs(HostDevice host, ScoredPairs pairs, float* all, AxisGeometry line, float threshold) {
        Span<float> found = pairs.Scores.Span;
        Span<int> places = pairs.Rows.IntSpan;
        TopKHost.Find(host, pairs.Scores.Pointer, pairs.Rows.IntPointer, all, line, found.Length, largest: true);
        if (float.IsNaN(found[0])) {   // which counts as the largest there
            using var numbers = new Tensor(host, [line.Size]);
            for (int i = 0; i < line.Size; i++) numbers.Span[i] = float.IsNaN(all[i]) ? float.NegativeInfinity : all[i];
            TopKHost.Find(host, pairs.Scores.Pointer, pairs.Rows.IntPointer, numbers.Pointer, line, found.Length, largest: true);
        }
        for (int i = 0; i < found.Length; i++)
            if (!(found[i] > threshold)) (found[i], places[i]) = (0, -1);
    }
}
