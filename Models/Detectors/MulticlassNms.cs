using DenseEngine.Ops;

namespace DenseEngine.Models;

/// <summary>Selects detections where every box has a score for each class, as mmdetection's <c>multiclass_nms</c>: pairs above the score
/// threshold, multiplied by the boxes' factors after that, suppression within classes, the best. All of it runs where the scores
/// are.</summary>
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
        using var scope = new TensorScope();
        ClassPairs pairs = Pairs(boxes, scores, test, scores.Count, null);
        Tensor rows = Candidates(pairs, boxes, scores, factors).Select(test, splitThreshold);
        var found = DetectionRows.Read(rows.ToArray());
        int[] places = pairs.Places.ToIntArray();
        return (new Detections([.. found.Select(each => each.One)]), [.. found.Select(each => places[each.Number])]);
    }

    /// <summary>The same where scores are probabilities, as rows of <see cref="Op.SelectDetections"/>; nothing waits for the
    /// device.</summary>
    /// <param name="boxes">As above.</param>
    /// <param name="probabilities">[N,C+1]: those of a row add up to 1, so that only so many of them exceed the threshold.</param>
    /// <param name="test">The rules.</param>
    /// <param name="present">Int32 [N]: boxes of a negative number are not there.</param>
    internal static Tensor Rows(Tensor boxes, Tensor probabilities, TestConfig test, Tensor present) {
        float most = test.ScoreThreshold > 0 ? MathF.Floor(1 / test.ScoreThreshold) + 1 : float.PositiveInfinity;   // one for rounding
        int each = (int)Math.Min(most, probabilities.Shape[1] - 1);
        ClassPairs pairs = Pairs(boxes, probabilities, test, each * probabilities.Shape[0], present);
        return Candidates(pairs, boxes, probabilities, null).Select(test);
    }

    private static ClassPairs Pairs(Tensor boxes, Tensor scores, TestConfig test, int most, Tensor? present) {
        const string name = nameof(MulticlassNms);
        int classes = Check.Rank(name, "scores", scores, 2).Shape[1] - 1, columns = Check.Rank(name, "boxes", boxes, 2).Shape[1];
        Check.That(boxes.Shape[0] == scores.Shape[0] && classes > 0 && (columns == 4 || columns == 4 * classes),
            $"{name}: boxes of shape {boxes.Shape} do not fit scores of shape {scores.Shape}.");
        ClassPairs pairs = Op.PairsAbove(scores, test.ScoreThreshold, most, present);
        if (pairs.Labels.Device is not HostDevice) return pairs;
        // Without the places that nothing fills, where that can be seen without waiting for a device.
        int count = pairs.Labels.IntSpan.IndexOf(-1);
        return count < 0 ? pairs : new ClassPairs(First(pairs.Places), First(pairs.Rows), First(pairs.Labels), First(pairs.Scores));

        Tensor First(Tensor of) => Op.Slice(of, 0, 0, count);
    }

    private static BoxCandidates Candidates(ClassPairs pairs, Tensor boxes, Tensor scores, Tensor? factors) {
        if (factors is not null) Check.Shape(nameof(MulticlassNms), "factors", factors, [scores.Shape[0]]);
        Tensor own = boxes.Shape[1] == 4 ? pairs.Rows : pairs.Places;
        return new BoxCandidates(Op.IndexSelect(Op.Reshape(boxes, boxes.Count / 4, 4), own, 0),
            factors is null ? pairs.Scores : pairs.Scores * Op.IndexSelect(factors, pairs.Rows, 0), pairs.Labels);
    }
}
