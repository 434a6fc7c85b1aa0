namespace DenseEngine.Training;

/// <summary>How one parameter moves in a step: v ← g + λp + μv; p ← p - ηv. A momentum of zero stands for the first step, too: then the
/// velocity's old contents, undefined, are not read.</summary>
/// <param name="Rate">η.</param>
/// <param name="Momentum">μ.</param>
/// <param name="Decay">λ.</param>
internal readonly record struct SgdRule(float Rate, float Momentum, float Decay) {
    /// <summary>The new velocity of an element.</summary>
    public float Velocity(float value, float gradient, float velocity) => gradient + Decay * value + Momentum * velocity;
}
