using DenseEngine.Models;

namespace DenseEngine.Training;

/// <summary>How a network is trained.</summary>
public sealed record TrainingOptions {
    /// <summary>Passes over the set.</summary>
    public int Epochs { get; init; } = 12;

    /// <summary>Steps of the whole training, where that is not to end with an epoch; null for all steps of the epochs.</summary>
    public long? Steps { get; init; }

    /// <summary>Pictures in a batch.</summary>
    public int BatchSize { get; init; } = 8;

    /// <summary>The learning rate over time.</summary>
    public LearningRateSchedule Schedule { get; init; } = new StepSchedule(0.01f, [8, 11], WarmupSteps: 500);

    /// <summary>Adam instead of SGD; null for the latter.</summary>
    public AdamConfig? Adam { get; init; }

    /// <summary>SGD's momentum.</summary>
    public float Momentum { get; init; } = 0.9f;

    /// <summary>The optimiser's weight decay.</summary>
    public float WeightDecay { get; init; } = 1e-4f;

    /// <summary>Exceptions to rate and decay, by parameter name.</summary>
    public IReadOnlyList<ParameterRule> ParameterRules { get; init; } = [];

    /// <summary>The largest 2-norm of all gradients together; null leaves them as they are.</summary>
    public float? ClipNorm { get; init; }

    /// <summary>Decides the order of pictures and what augmentation does.</summary>
    public ulong Seed { get; init; }

    /// <summary>What a detector's recipe asks for. Its rate, and its steps where it counts steps, are adapted to the batch's size; its
    /// falls of the rate to the number of epochs; warm-up takes at most a tenth of all steps.</summary>
    /// <param name="detector">What is to be trained.</param>
    /// <param name="pictures">Pictures of an epoch.</param>
    /// <param name="batchSize">Pictures in a batch, if not the recipe's.</param>
    /// <param name="epochs">Passes over the set, if not the recipe's.</param>
    /// <param name="learningRate">The rate after warm-up, if not the recipe's.</param>
    /// <param name="cosine">Whether the rate follows a cosine, instead of falling in steps.</param>
    public static TrainingOptions Of(Detector detector, int pictures, int? batchSize = null, int? epochs = null, float? learningRate = null,
        bool cosine = false) {
        TrainingRecipe recipe = detector.Config.Training;
        int batch = batchSize ?? recipe.BatchSize, perEpoch = BatchLoader.StepsOf(pictures, batch);
        long? steps = epochs is null && recipe.Iterations is { } iterations ? (long)iterations * recipe.ReferenceBatch / batch : null;
        long total = steps ?? (long)perEpoch * (epochs ?? recipe.Epochs), units = steps ?? total / perEpoch;
        float rate = learningRate ?? recipe.LearningRateFor(batch);
        int warmup = (int)Math.Min(recipe.WarmupIterations, total / 10);
        int[] falls = [.. recipe.Steps.Select(at => (int)(units * at / (recipe.Iterations ?? recipe.Epochs)))];
        return new TrainingOptions {
            Epochs = (int)((total + perEpoch - 1) / perEpoch),
            Steps = steps,
            BatchSize = batch,
            Adam = recipe.Adam,
            Momentum = recipe.Momentum,
            WeightDecay = recipe.WeightDecay,
            ParameterRules = ParameterRule.OfBiases(detector, recipe.BiasRateFactor, recipe.BiasDecayFactor),
            ClipNorm = recipe.ClipNorm,
            Schedule = cosine ? new CosineSchedule(rate, total, 0, warmup, recipe.WarmupRatio, recipe.ConstantWarmup)
                : new StepSchedule(rate, falls, 0.1f, warmup, recipe.WarmupRatio, recipe.ConstantWarmup, InSteps: steps is not null),
        };
    }
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
