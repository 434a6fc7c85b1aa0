namespace DenseEngine.Training;

/// <summary>COCO's evaluation of boxes, as pycocotools computes it, its quirks included.</summary>
public static class CocoEvaluator {
    // numpy's linspace, bit by bit: start + k·step, the last value set. The ninth IoU threshold is 0.8999999999999999.
    private static readonly double[] IouThresholds = [.. Enumerable.Range(0, 10).Select(k => k == 9 ? 0.95 : 0.5 + k * ((0.95 - 0.5) / 9))];
    private static readonly double[] RecallThresholds = [.. Enumerable.Range(0, 101).Select(k => k == 100 ? 1 : k * (1.0 / 100))];

    private static readonly (double Least, double Most)[] AreaRanges = [(0, 1e10), (0, 1024), (1024, 9216), (9216, 1e10)];

    /// <summary>The numbers of detections a picture that pycocotools uses.</summary>
    public static IReadOnlyList<int> UsualMaxDetections { get; } = [1, 10, 100];

    /// <summary>Compares detections with the truth. Detections of unknown pictures or classes do not count.</summary>
    /// <param name="truth">The annotations.</param>
    /// <param name="results">The detections; their order decides among equal scores.</param>
    /// <param name="maxDetections">Three numbers of detections a picture, rising; null for 1, 10, 100.</param>
    public static CocoEvaluation Evaluate(CocoAnnotations truth, IEnumerable<CocoResult> results,
        IReadOnlyList<int>? maxDetections = null) {
        maxDetections ??= UsualMaxDetections;
        CocoCategory[] categories = [.. truth.Categories.OrderBy(category => category.Id)];
        long[] images = [.. truth.Images.Select(image => image.Id).Order()];
        var evaluation = new CocoEvaluation(categories, maxDetections);
        ILookup<(long, long), CocoAnnotation> truths = truth.Annotations.ToLookup(a => (a.ImageId, a.CategoryId));
        ILookup<(long, long), CocoResult> detections = results.ToLookup(r => (r.ImageId, r.CategoryId));
        HostDevice.Default.Workers.For(categories.Length, k => {
            CocoMatching[] pairs = [.. images
                .Select(image => (Truths: truths[(image, categories[k].Id)], Detections: detections[(image, categories[k].Id)]))
                .Where(pair => pair.Truths.Any() || pair.Detections.Any())
                .Select(pair => new CocoMatching(pair.Truths, pair.Detections, maxDetections[^1]))];
            for (int area = 0; area < AreaRanges.Length; area++) {
                CocoMatching.Outcome[] outcomes =
                    [.. pairs.Select(pair => pair.Match(AreaRanges[area].Least, AreaRanges[area].Most, IouThresholds))];
                for (int most = 0; most < maxDetections.Count; most++) Accumulate(evaluation, outcomes, k, area, most);
            }
        });
        return evaluation;
    }

    private static void Accumulate(CocoEvaluation evaluation, CocoMatching.Outcome[] outcomes, int category, int area, int most) {
        int positives = outcomes.Sum(outcome => outcome.Counted), limit = evaluation.MaxDetections[most];
        if (positives == 0) return;
        // Pictures by rising id, each by falling score; equal scores stay in that order.
        (CocoMatching.Outcome Outcome, int Detection)[] order = [.. outcomes
            .SelectMany(outcome => Enumerable.Range(0, Math.Min(limit, outcome.Scores.Length)).Select(detection => (outcome, detection)))
            .OrderByDescending(pair => pair.outcome.Scores[pair.detection])];
        double[] precision = new double[order.Length], recall = new double[order.Length];
        for (int t = 0; t < IouThresholds.Length; t++) {
            (int right, int wrong) = (0, 0);
            for (int i = 0; i < order.Length; i++) {
                (CocoMatching.Outcome outcome, int detection) = order[i];
                int at = t * outcome.Scores.Length + detection;
                if (!outcome.Ignored[at]) (right, wrong) = outcome.Matched[at] ? (right + 1, wrong) : (right, wrong + 1);
                recall[i] = (double)right / positives;
                precision[i] = right / (right + wrong + 2.220446049250313e-16);
            }
            evaluation.Recall[evaluation.At(t, category, area, most)] = order.Length == 0 ? 0 : recall[^1];
            for (int i = order.Length - 1; i > 0; i--) precision[i - 1] = Math.Max(precision[i - 1], precision[i]);
            for (int r = 0, i = 0; r < RecallThresholds.Length; r++) {
                while (i < order.Length && recall[i] < RecallThresholds[r]) i++;
                evaluation.Precision[evaluation.At(t, r, category, area, most)] = i < order.Length ? precision[i] : 0;
            }
        }
    }
}
