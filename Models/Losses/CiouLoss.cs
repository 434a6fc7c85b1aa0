using DenseEngine.Ops;

namespace DenseEngine.Models;

/// <summary>1 - CIoU (Zheng et al., 2020), CIoU cut to [-1, 1].</summary>
/// <param name="LossWeight">Multiplies the result.</param>
/// <param name="Eps">Added to union, squared diagonal and heights.</param>
public sealed record CiouLoss(float LossWeight = 1, float Eps = 1e-6f) : BoxLoss(LossWeight, Eps) {
    /// <inheritdoc/>
    protected override Tensor Rows(Tensor pred, Tensor target) => 1 - Op.Clamp(Op.AlignedIou(pred, target, IouKind.Ciou, Eps), -1, 1);
}
