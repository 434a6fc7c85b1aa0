using DenseEngine.Ops;

namespace DenseEngine.Models;

/// <summary>Which overlap decides on the valuable localization region.</summary>
public enum ValuableRule {
    /// <summary>The official code's (HikariTJU/LD): what it calls DIoU divides the intersection by the anchor's area instead of the union;
    /// the overlap is below the threshold, which is that of ATSS whatever the head's assigner; a prior's weight is its largest IoU with
    /// the objects that claim it, and 0 drops it.</summary>
    Official,

    /// <summary>The paper's algorithm 1: DIoU, both bounds included; all weights are 1.</summary>
    Paper,
}

/// <summary>The valuable localization region (Zheng et al., 2022, algorithm 1): for each object the anchors whose overlap with it lies
/// between γ times the threshold from which the assigner takes positives, and that threshold.</summary>
/// <param name="Gamma">γ: 0 takes all from overlap 0 on, 1 (nearly) nothing.</param>
/// <param name="Rule">Which overlap, bounds and weights.</param>
/// <param name="WithoutPositives">Whether positives are left out, as the official RetinaNet has it.</param>
public sealed record ValuableRegion(float Gamma = 0.25f, ValuableRule Rule = ValuableRule.Official, bool WithoutPositives = false)
    : DistillationRegion {
    private const float Eps = 1e-6f;

    internal override bool ByConfidence => false;

    internal override float[] Weights(AnchorHead head, IReadOnlyList<HeadOutput> outputs, ImageInfo image, GroundTruth truth,
        int[] assigned) {
        AnchorsInside inside = head.Inside(outputs, image);
        if (inside.Boxes.Length == 0) return new float[assigned.Length];
        Assigner assigner = Rule == ValuableRule.Official && head.Assigner is not AtssAssigner ? new AtssAssigner() : head.Assigner;
        float[] thresholds = assigner.Thresholds(inside.Boxes, inside.LevelSizes, truth)!, weights = new float[assigned.Length];
        for (int k = 0; k < truth.Boxes.Length; k++) Claim(weights, inside, truth.Boxes[k], thresholds[k]);
        for (int i = 0; i < weights.Length && WithoutPositives; i++)
            if (assigned[i] > 0) weights[i] = 0;
        return weights;
    }

    internal override void Validate() {
        if (!(Gamma is >= 0 and <= 1 && Enum.IsDefined(Rule)))
            throw new ConfigException(FormattableString.Invariant(
                $"Valuable region: γ {Gamma} must be from 0 to 1, the rule one of those known."));
    }

    internal override void Check(DenseDetector student) {
        var head = (AnchorHead)student.Head;
        if (!head.HasSizes || !head.Assigner.HasThresholds)
            throw new ConfigException("Valuable region: the student has no overlaps of anchors; take all negatives instead.");
    }

    private void Claim(float[] weights, AnchorsInside inside, Box truth, float threshold) {
        float least = Gamma * threshold;
        for (int i = 0; i < inside.Boxes.Length; i++) {
            Box anchor = inside.Boxes[i];
            ref float weight = ref weights[inside.Places[i]];
            if (Rule == ValuableRule.Paper) {
                float overlap = anchor.Iou(truth, Eps) - Distance(anchor, truth);
                if (overlap >= least && overlap <= threshold) weight = 1;
            } else {
                float overlap = anchor.Iof(truth, Eps) - Distance(anchor, truth);
                if (overlap >= least && overlap < threshold) weight = Math.Max(weight, anchor.Iou(truth, Eps));
            }
        }
    }

    /// <summary>The centres' squared distance over the squared diagonal around both.</summary>
    private static float Distance(Box a, Box b) {
        float x = b.X1 + b.X2 - (a.X1 + a.X2), y = b.Y1 + b.Y2 - (a.Y1 + a.Y2);
        float width = Math.Max(0, Math.Max(a.X2, b.X2) - Math.Min(a.X1, b.X1)),
            height = Math.Max(0, Math.Max(a.Y2, b.Y2) - Math.Min(a.Y1, b.Y1));
        return (x * x / 4 + y * y / 4) / Math.Max(width * width + height * height, Eps);
    }
}
