using System.Text.Json.Serialization;

namespace DenseEngine.Models;

/// <summary>The priors at which a student is compared with its teacher.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(MainRegion), "Main")]
[JsonDerivedType(typeof(ValuableRegion), "Valuable")]
[JsonDerivedType(typeof(NegativeRegion), "Negatives")]
public abstract record DistillationRegion {
    /// <summary>Whether a prior's weight is, beside the region's, how sure the student is of its best class.</summary>
    internal abstract bool ByConfidence { get; }

    /// <summary>One picture's weights, level after level; 0 outside the region.</summary>
    /// <param name="head">The student's head.</param>
    /// <param name="outputs">What it gave for the batch.</param>
    /// <param name="image">The picture's place in it.</param>
    /// <param name="truth">Its objects.</param>
    /// <param name="assigned">Which object each prior is to find for the box branch.</param>
    internal abstract float[] Weights(AnchorHead head, IReadOnlyList<HeadOutput> outputs, ImageInfo image, GroundTruth truth,
        int[] assigned);

    /// <summary>Checks its settings.</summary>
    internal virtual void Validate() {
    }

    /// <summary>Checks that the student's head has such a region.</summary>
    internal virtual void Check(DenseDetector student) {
    }
}

/// <summary>The positives (the paper's main distillation region), weighted by the student's confidence.</summary>
public sealed record MainRegion : DistillationRegion {
    internal override bool ByConfidence => true;

    internal override float[] Weights(AnchorHead head, IReadOnlyList<HeadOutput> outputs, ImageInfo image, GroundTruth truth,
        int[] assigned) => [.. assigned.Select(k => k > 0 ? 1f : 0)];
}

/// <summary>All negatives, weighted by the student's confidence: the valuable region of heads without anchors.</summary>
/// <param name="InsideObjects">Whether only those inside an object count, as the official FCOS has it.</param>
public sealed record NegativeRegion(bool InsideObjects = false) : DistillationRegion {
    internal override bool ByConfidence => true;

    internal override float[] Weights(AnchorHead head, IReadOnlyList<HeadOutput> outputs, ImageInfo image, GroundTruth truth,
        int[] assigned) {
        float[] weights = [.. assigned.Select(k => k == 0 ? 1f : 0)];
        if (!InsideObjects) return weights;
        AnchorsInside inside = head.Inside(outputs, image);
        for (int i = 0; i < inside.Boxes.Length; i++)
            if (!Array.Exists(truth.Boxes, box => FeatureCells.Holds(box, inside.Boxes[i]))) weights[inside.Places[i]] = 0;
        return weights;
    }
}
