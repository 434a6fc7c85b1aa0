using DenseEngine.Ops;

namespace DenseEngine.Models;

/// <summary>Adaptive training sample selection (Zhang et al., 2020, algorithm 1), as mmdetection's <c>ATSSAssigner</c>: for each object,
/// the anchors of each level whose centres are nearest are candidates; those whose IoU reaches the candidates' mean plus standard
/// deviation, and whose centre lies in the object, are its positives.
/// An anchor claimed twice goes to the larger IoU, then to the first object.</summary>
/// <param name="TopK">Candidates a level and object.</param>
/// <param name="IgnoreIofThreshold">Anchors of which more than this share lies in one ignored box are ignored; negative for never.</param>
/// <param name="Alpha">If given, the IoU is replaced by what the network says: p^(1 - alpha) · IoU^alpha, with p the object's class'
/// probability and the IoU of the predicted box (DDOD; mmdetection's <c>alpha</c>). Candidates are still chosen by the anchors'
/// centres.</param>
public sealed record AtssAssigner(int TopK = 9, float IgnoreIofThreshold = -1, float? Alpha = null) : Assigner {
    private const int ObjectsPerRange = 8;
    private const float Unassigned = -1e8f, LeastInside = 0.01f;

    /// <inheritdoc/>
    public override bool NeedsPredictions => Alpha is not null;

    /// <inheritdoc/>
    /// <returns>Overlaps are 0 without objects, otherwise -1e8 for anchors that are no positive candidate.</returns>
    public override Assignment Assign(ReadOnlySpan<Box> anchors, IReadOnlyList<int> levelSizes, GroundTruth truth,
        Predictions? predictions = null) {
        int[] truths = new int[anchors.Length];
        float[] overlaps = new float[anchors.Length];
        if (NeedsPredictions && predictions is null) throw new ArgumentException("ATSS with alpha needs predictions.", nameof(predictions));
        if (truth.Boxes.Length == 0 || anchors.Length == 0) return new Assignment(truths, overlaps);
        Array.Fill(overlaps, Unassigned);
        bool[] ignored = IgnoredAnchors.Of(anchors, truth.Ignored, IgnoreIofThreshold);
        for (int i = 0; i < ignored.Length; i++)
            if (ignored[i]) truths[i] = -1;
        Box[] boxes = anchors.ToArray();
        ForEach(boxes, levelSizes, truth, ignored, predictions, (k, candidates, ious, threshold) => {
            lock (overlaps) {
                for (int c = 0; c < ious.Length; c++) {
                    int i = candidates[c];
                    if (!(ious[c] >= threshold) || !CentreInside(boxes[i], truth.Boxes[k])) continue;
                    // Objects come in any order.
                    if (ious[c] > overlaps[i] || (ious[c] == overlaps[i] && k + 1 < truths[i])) (truths[i], overlaps[i]) = (k + 1, ious[c]);
                }
            }
        });
        return new Assignment(truths, overlaps);
    }

    internal override bool HasThresholds => true;

    internal override float[]? Thresholds(ReadOnlySpan<Box> anchors, IReadOnlyList<int> levelSizes, GroundTruth truth) {
        float[] thresholds = new float[truth.Boxes.Length];
        (this with { Alpha = null }).ForEach(anchors.ToArray(), levelSizes, truth,
            IgnoredAnchors.Of(anchors, truth.Ignored, IgnoreIofThreshold), null, (k, _, _, threshold) => thresholds[k] = threshold);
        return thresholds;
    }

    internal override void Validate() {
        if (TopK is < 1 or > 10_000) throw new ConfigException($"ATSS: topK {TopK} must be from 1 to 10000.");
        if (Alpha is { } alpha && !(alpha is >= 0 and <= 1)) throw new ConfigException($"ATSS: alpha {alpha} must be from 0 to 1.");
    }

    /// <summary>Calls with each object's candidates, their overlaps and threshold, in any order, from several threads.</summary>
    private void ForEach(Box[] anchors, IReadOnlyList<int> levelSizes, GroundTruth truth, bool[] ignored, Predictions? predictions,
        Action<int, int[], float[], float> call) {
        using var centres = new PointColumns(anchors, levelSizes);
        HostDevice.Default.Workers.ForRange(truth.Boxes.Length, ObjectsPerRange, (from, until) => {
            float[] distances = new float[TopK];
            int[] candidates = new int[levelSizes.Sum(size => Math.Min(size, TopK))];
            float[] ious = new float[candidates.Length];
            for (int k = from; k < until; k++) {
                FindCandidates(centres, levelSizes.Count, truth.Boxes[k], ignored, distances, candidates);
                for (int c = 0; c < ious.Length; c++)
                    ious[c] = Overlap(anchors, candidates[c], truth.Boxes[k], truth.Labels[k], predictions);
                call(k, candidates, ious, Threshold(ious));
            }
        });
    }

    private float Overlap(Box[] anchors, int i, Box box, int label, Predictions? predictions) {
        if (Alpha is not { } alpha || predictions is null) return anchors[i].Iou(box);
        float logit = predictions.Logits[i * (predictions.Logits.Length / predictions.Boxes.Length) + label];
        return PredictionFit.Of(logit, predictions.Boxes[i].Iou(box), alpha);
    }

    /// <summary>The nearest anchors of each level, level after level; of equal distances the first anchor.</summary>
    private static void FindCandidates(PointColumns centres, int levels, Box box, bool[] ignored, Span<float> distances,
        Span<int> candidates) {
        float x = (box.X1 + box.X2) / 2, y = (box.Y1 + box.Y2) / 2;
        for (int level = 0; level < levels; level++) {
            int count = Math.Min(distances.Length, centres.Level(level).Count);
            var nearest = new NearestPoints(distances[..count], candidates[..count]);
            centres.FindNearest(level, x, y, ignored, ref nearest);
            candidates = candidates[count..];
        }
    }

    /// <summary>Mean plus standard deviation (n - 1 in its divisor: a single candidate gives NaN, which nothing reaches).</summary>
    private static float Threshold(ReadOnlySpan<float> ious) {
        double sum = 0, squares = 0;
        foreach (float iou in ious) sum += iou;
        double mean = sum / ious.Length;
        foreach (float iou in ious) squares += (iou - mean) * (iou - mean);
        return (float)mean + (float)Math.Sqrt(squares / (ious.Length - 1));
    }

    private static bool CentreInside(Box anchor, Box box) {
        float x = (anchor.X1 + anchor.X2) / 2, y = (anchor.Y1 + anchor.Y2) / 2;
        return Math.Min(Math.Min(x - box.X1, y - box.Y1), Math.Min(box.X2 - x, box.Y2 - y)) > LeastInside;
    }
}
