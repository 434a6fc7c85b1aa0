namespace DenseEngine.Training;

/// <summary>How one parameter moves in a step of <see cref="Adam"/>.</summary>
/// <param name="Rate">η / (1 - β₁ᵗ).</param>
/// <param name="Decay">λ.</param>
/// <param name="Beta1">β₁.</param>
/// <param name="New1">1 - β₁.</param>
/// <param name="Beta2">β₂.</param>
/// <param name="New2">1 - β₂.</param>
/// <param name="Root">√(1 - β₂ᵗ).</param>
/// <param name="Least">ε.</param>
/// <param name="First">1 if the moments have no contents yet, else 0.</param>
internal readonly record struct AdamRule(float Rate, float Decay, float Beta1, float New1, float Beta2, float New2, float Root, float Least,
    int First) {
    /// <summary>The new moments of an element, and what it moves by.</summary>
    public float Move(float value, float gradient, ref float mean, ref float square) {
        float slope = gradient + Decay * value;
        mean = Beta1 * mean + New1 * slope;
        square = Beta2 * square + New2 * slope * slope;
        return Rate * (mean / (MathF.Sqrt(square) / Root + Least));
    }
}
