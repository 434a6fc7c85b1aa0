using DenseEngine.Ops;

namespace DenseEngine.Models;

/// <summary>1 - DIoU (Zheng et al., 2020).</summary>
/// <param name="LossWeight">Multiplies the result.</param>
/// <param name="Eps">Added to union and squared diagonal.</param>
public sealed record DiouLoss(float LossWeight = 1, float Eps = 1e-6f) : BoxLoss(LossWeight, Eps) {
    /// <inheritdoc/>
    protected override Tensor Rows(Tensor pred, Tensor target) => 1 - Op.AlignedIou(pred, target, IouKind.Diou, Eps);
}
