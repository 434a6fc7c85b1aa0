using System.Text.Json.Serialization;
using DenseEngine.Ops;

namespace DenseEngine.Models;

/// <summary>A loss on predicted boxes, corner form, against those they should be.</summary>
/// <param name="LossWeight">Multiplies the result.</param>
/// <param name="Eps">Keeps the overlap's divisions from zero, in the boxes' units.</param>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(IouLoss), "IoULoss")]
[JsonDerivedType(typeof(GiouLoss), "GIoULoss")]
[JsonDerivedType(typeof(DiouLoss), "DIoULoss")]
[JsonDerivedType(typeof(CiouLoss), "CIoULoss")]
public abstract record BoxLoss(float LossWeight, float Eps) : RegressionLoss(LossWeight) {
    /// <inheritdoc/>
    public override bool OfBoxes => true;

    /// <summary>The loss of each row, [N].</summary>
    protected abstract Tensor Rows(Tensor pred, Tensor target);

    /// <summary>The reduced, weighted loss; its gradient flows to the prediction. If no weight is above 0 the result is 0, with a gradient
    /// of 0, before any overlap is taken.</summary>
    /// <param name="pred">[N,4].</param>
    /// <param name="target">[N,4].</param>
    /// <param name="weight">[N], or [N,4], of which the mean over the coordinates is taken; null for 1.</param>
    /// <param name="averageFactor">See <see cref="LossReduction"/>.</param>
    /// <param name="reduction">See there.</param>
    public override Tensor Apply(Tensor pred, Tensor target, Tensor? weight = null, float? averageFactor = null,
        Reduction reduction = Reduction.Mean) {
        if (reduction != Reduction.None && WithoutWeights(pred, weight) is { } nothing) return nothing;
        if (weight is { Shape.Rank: 2 }) weight = Op.Mean(weight, [-1]);
        return LossReduction.Reduce(Rows(pred, target), weight, averageFactor, reduction) * LossWeight;
    }
}
