using DenseEngine.Ops;

namespace DenseEngine.Models;

/// <summary>d²/2β up to |d| = β, |d| - β/2 beyond (Girshick, Fast R-CNN, 2015, equation 3, with β = 1).</summary>
/// <param name="Beta">β, above 0.</param>
/// <param name="LossWeight">Multiplies the result.</param>
public sealed record SmoothL1Loss(float Beta = 1, float LossWeight = 1) : ElementLoss(LossWeight) {
    /// <inheritdoc/>
    protected override Tensor Elements(Tensor difference) => Of(Op.Abs(difference), Beta);

    /// <summary>The same of sizes, which are not negative.</summary>
    internal static Tensor Of(Tensor size, float beta) {
        Tensor near = Op.Clamp(size, 0, beta);
        return near * near * (0.5f / beta) + (size - near);
    }
}
