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

    /// <summary>Checks what may come from a file.</summary>
    /// <exception cref="ConfigException">It is out of range.</exception>
    internal void Validate() {
        if (BeforeNms < 1 || MaxPerImage < 1 || !float.IsFinite(ScoreThreshold) || !float.IsFinite(IouThreshold)) {
            throw new ConfigException(FormattableString.Invariant($"Test: beforeNms {BeforeNms} and maxPerImage {MaxPerImage} must be ")
                + FormattableString.Invariant($"above 0, thresholds {ScoreThreshold} and {IouThreshold} numbers."));
        }
        if (Soft is { } soft && !(soft.Sigma > 0 && float.IsFinite(soft.MinScore) && Enum.IsDefined(soft.Method)))
            throw new ConfigException(
                FormattableString.Invariant($"Test: soft suppression's sigma {soft.Sigma} must be above 0, its least score a number."));
    }
}

/// <summary>Selects detections from dense predictions: on each level threshold and best pairs, decoding, cutting to the picture; then, over
/// all levels, scaling back and suppression within classes. All of it runs where the predictions are; the detections alone are
/// fetched.</summary>
public static class NmsPostprocess {
    /// <summary>The detections of each picture of a batch.</summary>
    /// <param name="levels">The predictions.</param>
    /// <param name="images">The pictures' places in the batch.</param>
    /// <param name="test">The rules.</param>
    /// <param name="rescale">Whether boxes are given in pixels of the original picture (before suppression), else in the network's.</param>
    /// <param name="classes">Labels from this on take part in all of this, but are no detections.</param>
    /// <exception cref="ShapeException"><see cref="TestConfig.MaxPerImage"/> is below 1.</exception>
    public static IReadOnlyList<Detections> Select(IReadOnlyList<LevelPrediction> levels, IReadOnlyList<ImageInfo> images, TestConfig test,
        bool rescale = true, int classes = int.MaxValue) {
        Check.That(test.MaxPerImage > 0, $"{nameof(NmsPostprocess)}: {test.MaxPerImage} detections of a picture are wanted.");
        if (images.Count == 0) return [];
        using var scope = new TensorScope();
        return DetectionRows.Download(Rows(levels, images, test, rescale), images.Count, classes);
    }

    /// <summary>The same as rows of <see cref="Op.SelectDetections"/>, picture after picture, as many of each; nothing waits for the
    /// device.</summary>
    /// <param name="levels">The predictions.</param>
    /// <param name="images">The pictures' places in the batch.</param>
    /// <param name="test">The rules.</param>
    /// <param name="rescale">See
    /// <see cref="Select(IReadOnlyList{LevelPrediction}, IReadOnlyList{ImageInfo}, TestConfig, bool, int)"/>.</param>
    /// <param name="byLevel">Whether boxes suppress those of their own level alone; then a row's label is its level, and there must be one
    /// class.</param>
    internal static Tensor Rows(IReadOnlyList<LevelPrediction> levels, IReadOnlyList<ImageInfo> images, TestConfig test, bool rescale,
        bool byLevel = false) =>
        Op.Concat([.. images.Select((image, i) => Select(levels, i, image, test, rescale, byLevel))], 0);

    private static Tensor Select(IReadOnlyList<LevelPrediction> levels, int picture, ImageInfo image, TestConfig test, bool rescale,
        bool byLevel) {
        using var scope = new TensorScope();
        var fit = new PictureFit(image.Width, image.Height, rescale ? image.ScaleX : 1, rescale ? image.ScaleY : 1,
            test.MinBoxSize ?? float.NegativeInfinity);
        return scope.Keep(BoxCandidates.Join([.. levels.Select((level, i) => Candidates(level, picture, test, fit, byLevel ? i : 0))])
            .Select(test));
    }

    private static BoxCandidates Candidates(LevelPrediction level, int picture, TestConfig test,
        PictureFit fit, int firstLabel) {
        ScoredPairs pairs = level.AnchorsFirst ? OfBestAnchors(level.Scores, picture, test)
            : Op.BestPairs(level.Scores, picture, test.ScoreThreshold, test.BeforeNms, level.Logits);
        Tensor scores = pairs.Scores;
        if (level.Factors is { } factors) scores *= Op.IndexSelect(Op.Reshape(factors, factors.Count), pairs.Rows, 0);
        (Tensor boxes, Tensor labels) = Op.FitBoxes(level.Decode(pairs), scores, pairs.Labels, level.Uncut ? fit with { Width = -1 } : fit,
            firstLabel);
        return new BoxCandidates(boxes, scores, labels);
    }

    /// <summary>All pairs above the threshold of the anchors whose highest probability is best.</summary>
    private static ScoredPairs OfBestAnchors(Tensor scores, int picture, TestConfig test) {
        (int anchors, int classes) = (scores.Shape[1], scores.Shape[2]);
        if (anchors <= test.BeforeNms) return Filled(Op.BestPairs(scores, picture, test.ScoreThreshold, anchors * classes));
        Tensor rows = Op.Reshape(Op.Slice(scores, 0, picture, picture + 1), anchors, classes),
            best = Op.TopK(Op.Amax(rows, [1]), test.BeforeNms).Indices;
        ScoredPairs pairs = Filled(Op.BestPairs(Op.Reshape(Op.IndexSelect(rows, best, 0), 1, test.BeforeNms, classes), 0,
            test.ScoreThreshold, test.BeforeNms * classes));
        Tensor chosen = Op.IndexSelect(best, pairs.Anchors, 0),
            numbers = Tensor.From([.. Enumerable.Range(picture * anchors, anchors)], [anchors], scores.Device);
        return pairs with { Anchors = chosen, Rows = Op.IndexSelect(numbers, chosen, 0) };
    }

    /// <summary>Without the places that nothing fills, where that can be seen without waiting for a device.</summary>
    private static ScoredPairs Filled(ScoredPairs pairs) {
        if (pairs.Labels.Device is not HostDevice) return pairs;
        int count = pairs.Labels.IntSpan.IndexOf(-1);
        return count < 0 ? pairs : new ScoredPairs(Op.Slice(pairs.Rows, 0, 0, count), Op.Slice(pairs.Anchors, 0, 0, count),
            Op.Slice(pairs.Labels, 0, 0, count), Op.Slice(pairs.Scores, 0, 0, count));
    }
}
