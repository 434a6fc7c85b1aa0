using DenseEngine.Ops;

namespace DenseEngine.Models;

/// <summary>1 - GIoU (Rezatofighi et al., 2019).</summary>
/// <param name="LossWeight">Multiplies the result.</param>
/// <param name="Eps">Least union and least area around both.</param>
public sealed record GiouLoss(float LossWeight = 1, float Eps = 1e-6f) : BoxLoss(LossWeight, Eps) {
    /// <inheritdoc/>
    protected override Tensor Rows(Tensor pred, Tensor target) => 1 - Op.AlignedIou(pred, target, IouKind.Giou, Eps);
}
