using DenseEngine.Ops;

namespace DenseEngine.Models;

/// <summary>A loss on single numbers, of any shape; on a box coder's deltas, say.</summary>
/// <param name="LossWeight">Multiplies the result.</param>
public abstract record ElementLoss(float LossWeight) : RegressionLoss(LossWeight) {
    /// <inheritdoc/>
    public override bool OfBoxes => false;

    /// <summary>The loss of each difference.</summary>
    protected abstract Tensor Elements(Tensor difference);

    /// <inheritdoc/>
    public override Tensor Apply(Tensor pred, Tensor target, Tensor? weight = null, float? averageFactor = null,
        Reduction reduction = Reduction.Mean) {
        if (pred.Count == 0) return Op.Sum(pred);   // 0, whatever the mean of nothing is
        if (weight is { Shape.Rank: 1 } && pred.Shape.Rank > 1) weight = Op.Reshape(weight, weight.Count, 1);
        return LossReduction.Reduce(Elements(pred - target), weight, averageFactor, reduction) * LossWeight;
    }
}
