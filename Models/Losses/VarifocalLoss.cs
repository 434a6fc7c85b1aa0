using DenseEngine.Ops;

namespace DenseEngine.Models;

/// <summary>Varifocal loss on logits (H. Zhang et al., 2020).</summary>
/// <param name="Alpha">The weight of entries without a quality.</param>
/// <param name="Gamma">Their focusing exponent.</param>
/// <param name="IouWeighted">Whether an entry with a quality weighs as much as that; else 1.</param>
/// <param name="LossWeight">Multiplies the result.</param>
public sealed record VarifocalLoss(float Alpha = 0.75f, float Gamma = 2, bool IouWeighted = true, float LossWeight = 1) {
    /// <summary>The reduced, weighted loss; a mean without factor is one over all N·C entries.</summary>
    /// <param name="pred">Logits [N,C].</param>
    /// <param name="labels">[N], int32; C for background.</param>
    /// <param name="scores">[N], the quality that the label's class is to have.</param>
    /// <param name="weight">[N] or [N,C], or null for 1.</param>
    /// <param name="averageFactor">See <see cref="LossReduction"/>.</param>
    /// <param name="reduction">See there.</param>
    public Tensor Apply(Tensor pred, Tensor labels, Tensor scores, Tensor? weight = null, float? averageFactor = null,
        Reduction reduction = Reduction.Mean) =>
        LossReduction.OfEntries(pred, entries => Op.VarifocalLoss(pred, labels, scores, Alpha, Gamma, IouWeighted, entries), weight,
            averageFactor, reduction) * LossWeight;

    /// <summary>The same of a quality for each entry, any number of them above 0 in a row.</summary>
    /// <param name="pred">Logits [N,C].</param>
    /// <param name="qualities">[N,C].</param>
    /// <param name="weight">[N] or [N,C], or null for 1.</param>
    /// <param name="averageFactor">See <see cref="LossReduction"/>.</param>
    /// <param name="reduction">See there.</param>
    public Tensor ApplyDense(Tensor pred, Tensor qualities, Tensor? weight = null, float? averageFactor = null,
        Reduction reduction = Reduction.Mean) {
        // Each entry is a row of one class, which is its own.
        Tensor all = Op.VarifocalLoss(Op.Reshape(pred, pred.Count, 1), Tensor.Zeros([pred.Count], DType.Int32, pred.Device),
            Op.Reshape(qualities, pred.Count), Alpha, Gamma, IouWeighted);
        Tensor entries = Op.Reshape(all, pred.Shape[0], pred.Shape[1]);
        return LossReduction.OfEntries(pred, single => single ? entries : Op.Sum(entries, [1]), weight, averageFactor, reduction)
            * LossWeight;
    }
}
