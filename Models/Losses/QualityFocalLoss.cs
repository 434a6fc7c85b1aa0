using DenseEngine.Ops;

namespace DenseEngine.Models;

/// <summary>Quality focal loss (Li et al., 2020, equation 5): the class logit learns the IoU of its own box.</summary>
/// <param name="Beta">The exponent of |score - σ|.</param>
/// <param name="LossWeight">Multiplies the result.</param>
/// <param name="Activated">Whether predictions are probabilities already (GFL v2); else they are logits.</param>
public sealed record QualityFocalLoss(float Beta = 2, float LossWeight = 1, bool Activated = false) {
    /// <summary>The reduced, weighted loss.</summary>
    /// <param name="pred">[N,C].</param>
    /// <param name="labels">[N], int32; C for background.</param>
    /// <param name="scores">[N], the quality that the label's class is to have.</param>
    /// <param name="weight">[N], or null for 1.</param>
    /// <param name="averageFactor">See <see cref="LossReduction"/>.</param>
    /// <param name="reduction">See there.</param>
    public Tensor Apply(Tensor pred, Tensor labels, Tensor scores, Tensor? weight = null, float? averageFactor = null,
        Reduction reduction = Reduction.Mean) =>
        LossReduction.Reduce(Activated ? OfProbabilities(pred, labels, scores) : Op.QualityFocalLoss(pred, labels, scores, Beta), weight,
            averageFactor, reduction) * LossWeight;

    /// <summary>As the logits' loss, with logarithms cut at -100 (PyTorch's <c>binary_cross_entropy</c>).</summary>
    private Tensor OfProbabilities(Tensor p, Tensor labels, Tensor scores) {
        int rows = p.Shape[0], classes = p.Shape[1];
        int[] isLabel = new int[p.Count], label = labels.ToIntArray();
        for (int i = 0; i < rows; i++)
            if (label[i] >= 0 && label[i] < classes) isLabel[i * classes + label[i]] = 1;
        Tensor quality = Op.Reshape(scores, rows, 1), no = Op.Clamp(Op.Log(1 - p), -100, float.PositiveInfinity),
            yes = Op.Clamp(Op.Log(p), -100, float.PositiveInfinity);
        Tensor negative = -no * Op.Pow(p, Beta);
        Tensor positive = -(quality * yes + (1 - quality) * no) * Op.Pow(Op.Abs(quality - p), Beta);
        return Op.Sum(Op.Where(Tensor.From(isLabel, p.Shape, p.Device), positive, negative), [1]);
    }
}
