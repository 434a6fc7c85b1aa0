namespace DenseEngine.Ops;

public static partial class Op {
    /// <summary>Cross entropy of softmax(x) with class labels t: l = -w[t]·logSoftmax(x)[t]. Gradient: w[t]·(softmax(x) - onehot(t)), zero
    /// where ignored. Only x has one.</summary>
    /// <param name="x">Logits [..., C].</param>
    /// <param name="target">Int32 labels of x's shape without the last axis: 0 to C-1, or <paramref name="ignoreIndex"/>.</param>
    /// <param name="classWeight">w [C]; null: 1.</param>
    /// <param name="ignoreIndex">The label of rows that are left out.</param>
    /// <param name="reduction">The mean divides by the sum of w[t] over the rows that are kept: NaN if there are none.</param>
    /// <returns>The rows' losses in the target's shape, 0 where ignored, or a scalar.</returns>
    /// <exception cref="ShapeException">The shapes do not fit, or a label is out of range; a GPU tells when it is next waited
    /// for, and such a row's loss is NaN.</exception>
    public static Tensor CrossEntropy(Tensor x, Tensor target, Tensor? classWeight = null, int ignoreIndex = -100,
        Reduction reduction = Reduction.Mean) {
        const string name = "CrossEntropy";
        Check.Type(name, "x", x, DType.Float32);
        Check.That(x.Shape.Rank > 0, $"{name}: x needs a last axis of classes but is a scalar.");
        Check.Type(name, "target", target, DType.Int32);
        Check.Shape(name, "target", target, new Shape(x.Shape.ToArray().AsSpan()[..^1]));
        if (classWeight is not null) Check.Shape(name, "classWeight", classWeight, [x.Shape[^1]]);
        Check.SameDevice(name, x, target, classWeight);
        int classes = x.Shape[^1];
        using var bin = new Tensor(x.Device, target.Shape, DType.Int32);
        using var weights = new Tensor(x.Device, [target.Count, 2]);
        Run(x.Device, _ => ChooseClasses(bin.IntSpan, weights.Span, target.IntSpan, classWeight, classes, ignoreIndex),
            gpu => ChooseClassesGpu(gpu, bin, weights, target, classWeight, classes, ignoreIndex));
        Tensor loss = BinCrossEntropy(x, bin, weights);
        return reduction switch {
            Reduction.None => loss,
            Reduction.Sum => Sum(loss),
            _ => Div(Sum(loss), Sum(weights)),
        };
    }

    private static void ChooseClasses(Span<int> bin, Span<float> weights, ReadOnlySpan<int> target, Tensor? classWeight, int classes,
        int ignored) {
        for (int row = 0; row < target.Length; row++) {
            int label = target[row];
            bool kept = label != ignored;
            if (kept && (uint)label >= (uint)classes) throw new ShapeException(ClassIsWrong(row, label, classes, ignored));
            bin[row] = kept ? label : 0;
            weights[2 * row] = !kept ? 0 : classWeight is null ? 1 : classWeight.Span[label];
            weights[2 * row + 1] = 0;
        }
    }

    private static string ClassIsWrong(int row, int label, int classes, int ignored) =>
        $"CrossEntropy: label {label} of row {row} is neither among the {classes} classes nor the ignored {ignored}.";
}
