namespace DenseEngine.Training;

/// <summary>How a network is trained.</summary>
public sealed record TrainingOptions {
    /// <summary>Passes over the set.</summary>
    public int Epochs { get; init; } = 12;

    /// <summary>Pictures in a batch.</summary>
    public int BatchSize { get; init; } = 8;

    /// <summary>The learning rate over time.</summary>
    public LearningRateSchedule Schedule { get; init; } = new StepSchedule(0.01f, [8, 11], WarmupSteps: 500);

    /// <summary>SGD's momentum.</summary>
    public float Momentum { get; init; } = 0.9f;

    /// <summary>SGD's weight decay.</summary>
    public float WeightDecay { get; init; } = 1e-4f;

    /// <summary>Exceptions to rate and decay, by parameter name.</summary>
    public IReadOnlyList<ParameterRule> ParameterRules { get; init; } = [];

    /// <summary>The largest 2-norm of all gradients together; null leaves them as they are.</summary>
    public float? ClipNorm { get; init; }

    /// <summary>Decides the order of pictures and what augmentation does.</summary>
    public ulong Seed { get; init; }
}

/// <summary>What a step did.</summary>
/// <param name="Step">The step's number over all epochs, from 1.</param>
/// <param name="Epoch">The epoch it belongs to, from 1.</param>
/// <param name="LearningRate">The rate it used.</param>
/// <param name="Losses">Each term and its value, in the head's order.</param>
/// <param name="Total">Their sum.</param>
/// <param name="GradientNorm">The norm of all gradients, where clipping asked for it.</param>
/// <param name="Pictures">Pictures in the batch.</param>
public sealed record StepReport(long Step, int Epoch, float LearningRate, IReadOnlyList<(string Name, float Value)> Losses, float Total,
    double? GradientNorm, int Pictures);
