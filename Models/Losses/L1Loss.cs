using DenseEngine.Ops;

namespace DenseEngine.Models;

/// <summary>|d|.</summary>
/// <param name="LossWeight">Multiplies the result.</param>
public sealed record L1Loss(float LossWeight = 1) : ElementLoss(LossWeight) {
    /// <inheritdoc/>
    protected override Tensor Elements(Tensor difference) => Op.Abs(difference);
}
