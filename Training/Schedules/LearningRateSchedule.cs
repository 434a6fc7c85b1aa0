namespace DenseEngine.Training;

/// <summary>The learning rate as a function of how far training is, without state: a resumed run needs nothing but its position.
/// Warm-up as mmcv's <c>lr_config</c>: linear, from a fraction of the regular rate at step 0 to all of it; or constant, that fraction until
/// its end.</summary>
/// <param name="BaseRate">The rate that the policy starts from.</param>
/// <param name="WarmupSteps">Optimiser steps of warm-up; zero for none.</param>
/// <param name="WarmupRatio">The fraction of the regular rate at step 0.</param>
/// <param name="ConstantWarmup">Whether that fraction stays until the end of warm-up.</param>
public abstract record LearningRateSchedule(float BaseRate, int WarmupSteps = 0, float WarmupRatio = 0.001f, bool ConstantWarmup = false) {
    /// <summary>The rate at a step.</summary>
    /// <param name="step">Optimiser steps done before, over all epochs.</param>
    /// <param name="stepsPerEpoch">Steps of an epoch.</param>
    public float At(long step, int stepsPerEpoch) {
        double regular = Regular(step, stepsPerEpoch);
        if (step >= WarmupSteps) return (float)regular;
        double missing = (ConstantWarmup ? 1 : 1 - (double)step / WarmupSteps) * (1 - WarmupRatio);
        return (float)(regular * (1 - missing));
    }

    /// <summary>The rate without warm-up.</summary>
    protected abstract double Regular(long step, int stepsPerEpoch);
}

/// <summary>The rate falls by a factor at the start of certain epochs (counted from 0):
/// mmdetection's 1× schedule has 8 and 11 of 12.</summary>
/// <param name="BaseRate">The rate of the first epochs.</param>
/// <param name="Epochs">Epochs from which the rate is lower, rising.</param>
/// <param name="Factor">What it is multiplied by at each.</param>
/// <param name="WarmupSteps">Optimiser steps of warm-up.</param>
/// <param name="WarmupRatio">The fraction of the rate at step 0.</param>
/// <param name="ConstantWarmup">Whether that fraction stays until the end of warm-up.</param>
/// <param name="InSteps">Whether the epochs are steps instead.</param>
public sealed record StepSchedule(float BaseRate, IReadOnlyList<int> Epochs, float Factor = 0.1f, int WarmupSteps = 0,
    float WarmupRatio = 0.001f, bool ConstantWarmup = false, bool InSteps = false)
    : LearningRateSchedule(BaseRate, WarmupSteps, WarmupRatio, ConstantWarmup) {
    /// <inheritdoc/>
    protected override double Regular(long step, int stepsPerEpoch) =>
        BaseRate * Math.Pow(Factor, Epochs.Count(at => (InSteps ? step : step / stepsPerEpoch) >= at));
}

/// <summary>Half a cosine from the base rate down to the last (Loshchilov and Hutter, SGDR, equation 5, one period), by step.</summary>
/// <param name="BaseRate">The rate at the start.</param>
/// <param name="TotalSteps">Steps until the last rate.</param>
/// <param name="LastRate">The rate at the end.</param>
/// <param name="WarmupSteps">Optimiser steps of warm-up.</param>
/// <param name="WarmupRatio">The fraction of the rate at step 0.</param>
/// <param name="ConstantWarmup">Whether that fraction stays until the end of warm-up.</param>
public sealed record CosineSchedule(float BaseRate, long TotalSteps, float LastRate = 0, int WarmupSteps = 0, float WarmupRatio = 0.001f,
    bool ConstantWarmup = false)
    : LearningRateSchedule(BaseRate, WarmupSteps, WarmupRatio, ConstantWarmup) {
    /// <inheritdoc/>
    protected override double Regular(long step, int stepsPerEpoch) =>
        LastRate + 0.5 * (BaseRate - LastRate) * (1 + Math.Cos(Math.PI * Math.Min(step, TotalSteps) / TotalSteps));
}
