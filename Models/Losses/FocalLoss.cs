using DenseEngine.Ops;

namespace DenseEngine.Models;

/// <summary>Focal loss on logits (Lin et al., 2017).</summary>
/// <param name="Gamma">The focusing exponent.</param>
/// <param name="Alpha">The weight of a row's own class; the others have one minus it.</param>
/// <param name="LossWeight">Multiplies the result.</param>
public sealed record FocalLoss(float Gamma = 2, float Alpha = 0.25f, float LossWeight = 1) {
    /// <summary>The reduced, weighted loss; a mean without factor is one over all N·C entries.</summary>
    /// <param name="pred">Logits [N,C].</param>
    /// <param name="labels">[N], int32; C for background, below 0 for rows that are left out.</param>
    /// <param name="weight">[N] or [N,C], or null for 1.</param>
    /// <param name="averageFactor">See <see cref="LossReduction"/>.</param>
    /// <param name="reduction">See there.</param>
    public Tensor Apply(Tensor pred, Tensor labels, Tensor? weight = null, float? averageFactor = null,
        Reduction reduction = Reduction.Mean) =>
        LossReduction.OfEntries(pred, entries => Op.SigmoidFocalLoss(pred, labels, Gamma, Alpha, entries), weight, averageFactor,
            reduction) * LossWeight;
}
