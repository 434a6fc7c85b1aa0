using DenseEngine.Ops;

namespace DenseEngine.Models;

/// <summary>Smooth L1 of bounds on IoU (Tychsen-Smith and Petersson, Fitness NMS and Bounded IoU Loss, 2018, section 4): for each axis how
/// much of it is lost at best by the boxes' centres, and by their sizes.</summary>
/// <param name="Beta">Where smooth L1 turns into a line, above 0.</param>
/// <param name="Eps">Keeps the divisions from zero, in the boxes' units.</param>
/// <param name="LossWeight">Multiplies the result.</param>
public sealed record BoundedIouLoss(float Beta = 0.2f, float Eps = 1e-3f, float LossWeight = 1) : RegressionLoss(LossWeight) {
    /// <inheritdoc/>
    public override bool OfBoxes => true;

    /// <inheritdoc/>
    public override Tensor Apply(Tensor pred, Tensor target, Tensor? weight = null, float? averageFactor = null,
        Reduction reduction = Reduction.Mean) {
        if (WithoutWeights(pred, weight) is { } nothing) return nothing;
        if (pred.Count == 0) return Op.Sum(pred);
        if (weight is { Shape.Rank: 1 }) weight = Op.Reshape(weight, weight.Count, 1);
        ((Tensor predX, Tensor predWidth), (Tensor x, Tensor width)) = (Axis(pred, 0), Axis(target, 0));
        ((Tensor predY, Tensor predHeight), (Tensor y, Tensor height)) = (Axis(pred, 1), Axis(target, 1));
        Tensor lost = Op.Concat([Apart(x - predX, width), Apart(y - predY, height), Sizes(predWidth, width), Sizes(predHeight, height)], 1);
        return LossReduction.Reduce(SmoothL1Loss.Of(lost, Beta), weight, averageFactor, reduction) * LossWeight;
    }

    /// <summary>Centre and size along an axis.</summary>
    private static (Tensor Centre, Tensor Size) Axis(Tensor boxes, int axis) {
        Tensor start = Op.Slice(boxes, 1, axis, axis + 1), end = Op.Slice(boxes, 1, axis + 2, axis + 3);
        return ((start + end) * 0.5f, end - start);
    }

    private Tensor Apart(Tensor between, Tensor size) {
        Tensor twice = Op.Abs(between) * 2;
        return 1 - Op.Maximum((size - twice) / (size + twice + Eps), Tensor.Scalar(0, size.Device));
    }

    private Tensor Sizes(Tensor pred, Tensor size) => 1 - Op.Minimum(size / (pred + Eps), pred / (size + Eps));
}
