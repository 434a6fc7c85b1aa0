using DenseEngine.Ops;

namespace DenseEngine.Models;

/// <summary>The reduced-penalty focal loss of heat maps (Law and Deng, CornerNet, 2018, equation 1), on probabilities.</summary>
/// <param name="Alpha">The focusing exponent.</param>
/// <param name="Gamma">How much places near a peak are spared.</param>
/// <param name="LossWeight">Multiplies the result.</param>
public sealed record GaussianFocalLoss(float Alpha = 2, float Gamma = 4, float LossWeight = 1) {
    /// <summary>The reduced, weighted loss.</summary>
    /// <param name="pred">Probabilities of any shape.</param>
    /// <param name="target">Of that shape; peaks are 1 exactly.</param>
    /// <param name="weight">Broadcast against them, or null for 1.</param>
    /// <param name="averageFactor">See <see cref="LossReduction"/>; the number of peaks in heat maps.</param>
    /// <param name="reduction">See there.</param>
    public Tensor Apply(Tensor pred, Tensor target, Tensor? weight = null, float? averageFactor = null,
        Reduction reduction = Reduction.Mean) =>
        LossReduction.Reduce(Op.GaussianFocalLoss(pred, target, Alpha, Gamma), weight, averageFactor, reduction) * LossWeight;
}
