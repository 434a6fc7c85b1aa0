using DenseEngine.Ops;

namespace DenseEngine.Models;

/// <summary>d².</summary>
/// <param name="LossWeight">Multiplies the result.</param>
public sealed record MseLoss(float LossWeight = 1) : ElementLoss(LossWeight) {
    /// <inheritdoc/>
    protected override Tensor Elements(Tensor difference) => difference * difference;
}
