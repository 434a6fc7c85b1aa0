using DenseEngine.Ops;

namespace DenseEngine.Models;

/// <summary>Distribution focal loss (Li et al., 2020, equation 6): the two bins beside the true distance share the probability.</summary>
/// <param name="LossWeight">Multiplies the result.</param>
public sealed record DistributionFocalLoss(float LossWeight = 0.25f) {
    /// <summary>The reduced, weighted loss.</summary>
    /// <param name="pred">Logits [N,bins].</param>
    /// <param name="distances">[N], from 0 to below bins - 1.</param>
    /// <param name="weight">[N], or null for 1.</param>
    /// <param name="averageFactor">See <see cref="LossReduction"/>.</param>
    /// <param name="reduction">See there.</param>
    public Tensor Apply(Tensor pred, Tensor distances, Tensor? weight = null, float? averageFactor = null,
        Reduction reduction = Reduction.Mean) =>
        LossReduction.Reduce(Op.DistributionFocalLoss(pred, distances), weight, averageFactor, reduction) * LossWeight;
}
