using DenseEngine.Ops;

namespace DenseEngine.Models;

/// <summary>Balanced L1 loss (Pang et al., Libra R-CNN, 2019, equations 8 to 10): α/b·(b·d + 1)·ln(b·d/β + 1) - α·d up to |d| = β,
/// γ·d + γ/b - α·β beyond, with b = exp(γ/α) - 1. β, which the paper has not, is mmdetection's: unless it is 1 the gradient begins at
/// α·(1/β - 1) instead of 0, and jumps at β.</summary>
/// <param name="Alpha">α, above 0: how much small differences weigh.</param>
/// <param name="Gamma">γ, above 0: the gradient of large ones.</param>
/// <param name="Beta">β, above 0: where they meet.</param>
/// <param name="LossWeight">Multiplies the result.</param>
/// <param name="Continuous">Whether (b·d + β) stands in place of (b·d + 1), and γ·β/b of γ/b, so that the gradient joins at any β, as the
/// paper asks.</param>
public sealed record BalancedL1Loss(float Alpha = 0.5f, float Gamma = 1.5f, float Beta = 1, float LossWeight = 1, bool Continuous = false)
    : ElementLoss(LossWeight) {
    /// <inheritdoc/>
    protected override Tensor Elements(Tensor difference) {
        float b = (float)(Math.Exp((double)Gamma / Alpha) - 1), one = Continuous ? Beta : 1;
        // At β itself the line's gradient counts.
        Tensor size = Op.Abs(difference), d = Op.Clamp(size, 0, MathF.BitDecrement(Beta));
        return (d * b + one) * Op.Log(d * (b / Beta) + 1) * (Alpha / b) - d * Alpha + (size - d) * Gamma;
    }
}
