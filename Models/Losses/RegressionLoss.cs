using System.Text.Json.Serialization;
using DenseEngine.Ops;

namespace DenseEngine.Models;

/// <summary>A loss on rows of four predicted numbers: decoded boxes, or a box coder's deltas.</summary>
/// <param name="LossWeight">Multiplies the result.</param>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(IouLoss), "IoULoss")]
[JsonDerivedType(typeof(GiouLoss), "GIoULoss")]
[JsonDerivedType(typeof(DiouLoss), "DIoULoss")]
[JsonDerivedType(typeof(CiouLoss), "CIoULoss")]
[JsonDerivedType(typeof(L1Loss), "L1Loss")]
[JsonDerivedType(typeof(SmoothL1Loss), "SmoothL1Loss")]
[JsonDerivedType(typeof(MseLoss), "MSELoss")]
[JsonDerivedType(typeof(BalancedL1Loss), "BalancedL1Loss")]
[JsonDerivedType(typeof(BoundedIouLoss), "BoundedIoULoss")]
public abstract record RegressionLoss(float LossWeight) {
    /// <summary>Whether it compares decoded boxes; else any numbers.</summary>
    [JsonIgnore]
    public abstract bool OfBoxes { get; }

    /// <summary>The reduced, weighted loss; its gradient flows to the prediction.</summary>
    /// <param name="pred">[N,4]; losses on numbers take any shape.</param>
    /// <param name="target">Of the same shape.</param>
    /// <param name="weight">[N], or of the prediction's shape; null for 1.</param>
    /// <param name="averageFactor">See <see cref="LossReduction"/>.</param>
    /// <param name="reduction">See there.</param>
    public abstract Tensor Apply(Tensor pred, Tensor target, Tensor? weight = null, float? averageFactor = null,
        Reduction reduction = Reduction.Mean);

    /// <summary>If no weight is above 0: a 0 with a gradient of 0, before any overlap is taken. Else null.</summary>
    private protected static Tensor? WithoutWeights(Tensor pred, Tensor? weight) {
        // Elsewhere the weights would have to be waited for, and zeros do the same but to overlaps that are not finite.
        if (weight is not { Device: HostDevice } || Array.Exists(weight.ToArray(), w => w > 0)) return null;
        return Op.Sum(pred * (weight.Shape.Rank == 1 ? Op.Reshape(weight, weight.Count, 1) : weight));
    }
}
