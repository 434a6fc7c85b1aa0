using DenseEngine.Ops;

namespace DenseEngine.Models;

/// <summary>Quality focal loss (Li et al., 2020, equation 5): the class logit learns the IoU of its own box.</summary>
/// <param name="Beta">The exponent of |score - σ|.</param>
/// <param name="LossWeight">Multiplies the result.</param>
/// <param name="Activated">Whether predictions are probabilities already (GFL v2); else they are logits.</param>
public sealed record QualityFocalLoss(float Beta = 2, float LossWeight = 1, bool Activated = false) {
    /// <summary>The reduced, weighted loss.</summary>
    /// <param name="pred">[N,C].</param>
    /// <param name="labels">[N], int32; C for background.</param>
    /// <param name="scores">[N], the quality that the label's class is to have.</param>
    /// <param name="weight">[N], or null for 1.</param>
    /// <param name="averageFactor">See <see cref="LossReduction"/>.</param>
    /// <param name="reduction">See there.</param>
    public Tensor Apply(Tensor pred, Tensor labels, Tensor scores, Tensor? weight = null, float? averageFactor = null,
        Reduction reduction = Reduction.Mean) =>
        LossReduction.Reduce(Activated ? Op.QualityFocalLossOfProbabilities(pred, labels, scores, Beta)
            : Op.QualityFocalLoss(pred, labels, scores, Beta), weight, averageFactor, reduction) * LossWeight;
}
