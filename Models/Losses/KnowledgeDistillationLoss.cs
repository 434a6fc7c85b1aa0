using DenseEngine.Ops;

namespace DenseEngine.Models;

/// <summary>How far a prediction's distribution is from a teacher's, both softened by a temperature (Hinton et al., 2015), times the
/// temperature's square.</summary>
/// <param name="Temperature">T.</param>
/// <param name="LossWeight">Multiplies the result.</param>
/// <param name="SumOfBins">Whether a row's divergence is the sum over its bins, as papers write it; else it is their mean.</param>
public sealed record KnowledgeDistillationLoss(float Temperature = 10, float LossWeight = 1, bool SumOfBins = false) {
    /// <summary>The reduced, weighted loss; the teacher gets no gradient.</summary>
    /// <param name="pred">Logits [N,bins].</param>
    /// <param name="soft">The teacher's logits [N,bins].</param>
    /// <param name="weight">[N], or null for 1.</param>
    /// <param name="averageFactor">See <see cref="LossReduction"/>.</param>
    /// <param name="reduction">See there.</param>
    public Tensor Apply(Tensor pred, Tensor soft, Tensor? weight = null, float? averageFactor = null,
        Reduction reduction = Reduction.Mean) =>
        LossReduction.Reduce(Op.SoftmaxKl(pred, soft, Temperature, SumOfBins), weight, averageFactor, reduction) * LossWeight;
}
