namespace DenseEngine.Models;

/// <summary>How a published detector was trained.</summary>
public sealed record TrainingRecipe {
    /// <summary>The optimiser's betas, where it is Adam; null for SGD.</summary>
    public AdamConfig? Adam { get; init; }

    /// <summary>The optimiser's rate after warm-up, for batches of <see cref="ReferenceBatch"/> (mmdetection:
    /// eight devices with two each).</summary>
    public float LearningRate { get; init; } = 0.01f;

    /// <summary>The size of the batches that <see cref="LearningRate"/> is for.</summary>
    public int ReferenceBatch { get; init; } = 16;

    /// <summary>The rate for another batch size, in proportion to it (Goyal et al., 2017).</summary>
    public float LearningRateFor(int batchSize) => LearningRate * batchSize / ReferenceBatch;

    /// <summary>Momentum of SGD.</summary>
    public float Momentum { get; init; } = 0.9f;

    /// <summary>Weight decay.</summary>
    public float WeightDecay { get; init; } = 1e-4f;

    /// <summary>What the rate of biases, but those of norms and of deformable convolutions' offsets, is multiplied by.</summary>
    public float BiasRateFactor { get; init; } = 1;

    /// <summary>What their weight decay is multiplied by.</summary>
    public float BiasDecayFactor { get; init; } = 1;

    /// <summary>The largest 2-norm of all gradients together; null leaves them as they are.</summary>
    public float? ClipNorm { get; init; }

    /// <summary>Passes over the data.</summary>
    public int Epochs { get; init; } = 12;

    /// <summary>Steps of the whole training with batches of <see cref="ReferenceBatch"/>, instead of <see cref="Epochs"/>; then
    /// <see cref="Steps"/> counts steps, too. Null if epochs count.</summary>
    public int? Iterations { get; init; }

    /// <summary>How often each picture is seen in an epoch.</summary>
    public int Repeats { get; init; } = 1;

    /// <summary>The epochs after which the rate falls to a tenth.</summary>
    public IReadOnlyList<int> Steps { get; init; } = [8, 11];

    /// <summary>Steps in which the rate rises linearly.</summary>
    public int WarmupIterations { get; init; } = 500;

    /// <summary>The share of the rate that warm-up begins with.</summary>
    public float WarmupRatio { get; init; } = 0.001f;

    /// <summary>Whether the rate stays at this share until the end of warm-up, instead of rising.</summary>
    public bool ConstantWarmup { get; init; }

    /// <summary>Pictures a step and device.</summary>
    public int BatchSize { get; init; } = 2;

    /// <summary>How pictures' colours are changed; null: not at all.</summary>
    public ColorDistortion? Colors { get; init; }

    /// <summary>How a part is cut out of each picture before it is resized; null: the whole is taken.</summary>
    public RandomCropPad? Crop { get; init; }

    /// <summary>The probability of a horizontal flip.</summary>
    public float FlipProbability { get; init; } = 0.5f;

    /// <summary>Sides of the pictures, longer and shorter at most: a single pair, or those that are drawn from.</summary>
    public IReadOnlyList<IReadOnlyList<int>> Scales { get; init; } = [[1333, 800]];

    /// <summary>How they are drawn.</summary>
    public ScaleMode ScaleMode { get; init; } = ScaleMode.Range;

    /// <summary>What the original's recipe has beside all this, a sentence each: its training differs there.</summary>
    public IReadOnlyList<string> NotRead { get; init; } = [];
}
