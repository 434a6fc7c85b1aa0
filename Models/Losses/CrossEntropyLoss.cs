using DenseEngine.Ops;

namespace DenseEngine.Models;

/// <summary>Cross entropy: binary for each logit, or of the softmax over the classes.</summary>
/// <param name="UseSigmoid">Whether it is binary.</param>
/// <param name="LossWeight">Multiplies the result.</param>
/// <param name="ClassWeight">Factors of the classes, for the softmax; null for 1.</param>
/// <param name="IgnoreIndex">The label of rows that cost nothing; a binary loss leaves all labels below 0 out, and no others.</param>
public sealed record CrossEntropyLoss(bool UseSigmoid = false, float LossWeight = 1, IReadOnlyList<float>? ClassWeight = null,
    int IgnoreIndex = -100) {
    /// <summary>The reduced, weighted loss; a mean without factor is one over all losses, those that cost nothing too.</summary>
    /// <param name="pred">Logits [N,C]; for soft targets, any shape.</param>
    /// <param name="target">Int32 labels [N], of which a binary loss takes C as background; or, for a binary loss, float32 probabilities of
    /// the prediction's shape, those below 0 left out.</param>
    /// <param name="weight">[N], or of the losses' shape: the prediction's if binary; null for 1.</param>
    /// <param name="averageFactor">See <see cref="LossReduction"/>.</param>
    /// <param name="reduction">See there.</param>
    public Tensor Apply(Tensor pred, Tensor target, Tensor? weight = null, float? averageFactor = null,
        Reduction reduction = Reduction.Mean) {
        Check.That(!UseSigmoid || (IgnoreIndex < 0 && ClassWeight is null),
            $"CrossEntropyLoss: a binary loss leaves out labels below 0, not {IgnoreIndex}, and has no weights of classes.");
        if (!UseSigmoid) {
            using Tensor? classes = ClassWeight is null ? null : Tensor.From([.. ClassWeight], [ClassWeight.Count], pred.Device);
            return LossReduction.Reduce(Op.CrossEntropy(pred, target, classes, IgnoreIndex, Reduction.None), weight, averageFactor,
                reduction) * LossWeight;
        }
        // Focal loss without focus and with halves as its weights is half of it.
        Tensor Entries(bool single) => target.DType == DType.Int32 ? Op.SigmoidFocalLoss(pred, target, 0, 0.5f, single) * 2f
            : Op.BinaryCrossEntropyWithLogits(pred, target, skipNegative: true, reduction: Reduction.None);
        return (target.DType == DType.Int32 ? LossReduction.OfEntries(pred, Entries, weight, averageFactor, reduction)
            : LossReduction.Reduce(Entries(true), weight, averageFactor, reduction)) * LossWeight;
    }

    /// <summary>Equal if all values are.</summary>
    public bool Equals(CrossEntropyLoss? other) => other is not null && (UseSigmoid, LossWeight, IgnoreIndex)
        == (other.UseSigmoid, other.LossWeight, other.IgnoreIndex)
            && (ClassWeight ?? []).SequenceEqual(other.ClassWeight ?? []);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(UseSigmoid, LossWeight, IgnoreIndex);
}
