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
}
