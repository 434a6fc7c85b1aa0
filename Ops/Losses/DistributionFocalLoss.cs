namespace DenseEngine.Ops;

public static partial class Op {
    /// <summary>How far each row's distribution over bins is from its label y, which lies between bins ⌊y⌋ and ⌊y⌋+1: with p =
    /// softmax(pred), l = -(⌊y⌋+1 - y)·ln p[⌊y⌋] - (y - ⌊y⌋)·ln p[⌊y⌋+1]. Gradient: p minus the two weights; only pred has one. X. Li et
    /// al., Generalized Focal Loss (2020), equation 6.</summary>
    /// <param name="pred">Logits [N, bins].</param>
    /// <param name="label">Float32 [N], from 0 to below bins - 1.</param>
    /// <returns>The rows' losses [N].</returns>
    /// <exception cref="ShapeException">The shapes do not fit, or a label lies outside the bins; a GPU tells when it is next
    /// waited for, and such a row's loss is NaN.</exception>
    public static Tensor DistributionFocalLoss(Tensor pred, Tensor label) {
        const string name = "DistributionFocalLoss";
        Check.Type(name, "pred", Check.Rank(name, "pred", pred, 2), DType.Float32);
        Check.Type(name, "label", label, DType.Float32);
        Check.Shape(name, "label", label, [pred.Shape[0]]);
        Check.SameDevice(name, pred, label);
        int bins = pred.Shape[1];
        using var bin = new Tensor(pred.Device, label.Shape, DType.Int32);
        using var weights = new Tensor(pred.Device, [label.Count, 2]);
        Run(pred.Device, _ => ChooseBins(bin.IntSpan, weights.Span, label.Span, bins),
            gpu => ChooseBinsGpu(gpu, bin, weights, label, bins));
        return BinCrossEntropy(pred, bin, weights);
    }

    private static void ChooseBins(Span<int> bin, Span<float> weights, ReadOnlySpan<float> label, int bins) {
        for (int row = 0; row < label.Length; row++) {
            float y = label[row];
            if (!(y >= 0 && y < bins - 1)) throw new ShapeException(BinIsWrong(row, y, bins));
            int left = (int)y;
            bin[row] = left;
            weights[2 * row] = left + 1 - y;
            weights[2 * row + 1] = y - left;
        }
    }

    private static string BinIsWrong(int row, float label, int bins) =>
        $"DistributionFocalLoss: label {label} of row {row} must be at least 0 and below {bins - 1}, the last bin.";
}
