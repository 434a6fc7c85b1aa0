using DenseEngine.Ops;

namespace DenseEngine.Models;

/// <summary>The function of IoU that an <see cref="IouLoss"/> takes.</summary>
public enum IouLossMode {
    /// <summary>-ln IoU (Yu et al., 2016).</summary>
    Log,

    /// <summary>1 - IoU.</summary>
    Linear,

    /// <summary>1 - IoU².</summary>
    Square,
}

/// <summary>IoU loss; IoU counts as at least eps, so that boxes apart from each other give no gradient.</summary>
/// <param name="LossWeight">Multiplies the result.</param>
/// <param name="Eps">Least union and least IoU.</param>
/// <param name="Mode">The function of IoU.</param>
public sealed record IouLoss(float LossWeight = 1, float Eps = 1e-6f, IouLossMode Mode = IouLossMode.Log) : BoxLoss(LossWeight, Eps) {
    /// <inheritdoc/>
    protected override Tensor Rows(Tensor pred, Tensor target) {
        Tensor iou = Op.Clamp(Op.AlignedIou(pred, target, IouKind.Iou, Eps), Eps, float.PositiveInfinity);
        return Mode switch {
            IouLossMode.Log => -Op.Log(iou),
            IouLossMode.Linear => 1 - iou,
            _ => 1 - iou * iou,
        };
    }
}
