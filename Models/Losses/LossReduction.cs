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

    /// <summary>The same of the entries [N,C] of a loss that gives its rows' sums [N], too, with less memory: these serve wherever no
    /// entry is told from its row.</summary>
    /// <param name="pred">What has the entries' shape.</param>
    /// <param name="loss">The loss: the entries if asked for.</param>
    /// <param name="weight">[N] or [N,C]; null for 1.</param>
    /// <param name="averageFactor">The mean's divisor, if not the number of entries.</param>
    /// <param name="reduction">Mean, sum or none.</param>
    internal static Tensor OfEntries(Tensor pred, Func<bool, Tensor> loss, Tensor? weight, float? averageFactor, Reduction reduction) {
        if (reduction != Reduction.None && (weight is null or { Shape.Rank: 1 })) {
            Tensor rows = Reduce(loss(false), weight, averageFactor, reduction);
            return reduction == Reduction.Mean && averageFactor is null ? rows / pred.Shape[1] : rows;
        }
        if (weight is { Shape.Rank: 1 }) weight = Op.Reshape(weight, weight.Count, 1);
        return Reduce(loss(true), weight, averageFactor, reduction);
    }
}
