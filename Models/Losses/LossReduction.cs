using DenseEngine.Ops;

namespace DenseEngine.Models;

/// <summary>How mmdetection turns rows of losses into one number (<c>weight_reduce_loss</c>).</summary>
public static class LossReduction {
    /// <summary>PyTorch's <c>finfo(float32).eps</c>, 2⁻²³: added to the average factor.</summary>
    private const float Eps32 = 1.1920929e-07f;

    /// <summary>Weights, then reduces: the mean over all elements (those of weight 0, too),
    /// or the sum over (average factor + 2⁻²³).</summary>
    /// <param name="loss">Losses of any shape.</param>
    /// <param name="weight">Broadcast against them; null for 1.</param>
    /// <param name="averageFactor">The mean's divisor, if not the number of elements.</param>
    /// <param name="reduction">Mean, sum or none.</param>
    /// <exception cref="ShapeException">An average factor with a sum.</exception>
    public static Tensor Reduce(Tensor loss, Tensor? weight = null, float? averageFactor = null, Reduction reduction = Reduction.Mean) {
        Check.That(averageFactor is null || reduction != Reduction.Sum,
            $"LossReduction: a sum takes no average factor, but {averageFactor} was given.");
        if (weight is not null) loss *= weight;
        return (reduction, averageFactor) switch {
            (Reduction.None, _) => loss,
            (Reduction.Sum, _) => Op.Sum(loss),
            (_, { } factor) => Op.Sum(loss) / (factor + Eps32),
            _ => Op.Mean(loss),
        };
    }
}
