namespace DenseEngine.Ops;

public static partial class Op {
    /// <summary>Fully connected layer: <c>y = x · weightᵀ + bias</c>.</summary>
    /// <param name="x">[..., In].</param>
    /// <param name="weight">[Out, In], as in PyTorch.</param>
    /// <param name="bias">[Out], or none.</param>
    /// <returns>[..., Out].</returns>
    /// <exception cref="ShapeException">Ranks or sizes do not fit.</exception>
    public static unsafe Tensor Linear(Tensor x, Tensor weight, Tensor? bias = null) {
        Device device = Check.SameDevice("Linear", x, weight, bias);
        Check.Type("Linear", "input", x, DType.Float32);
        Check.Type("Linear", "weight", Check.Rank("Linear", "weight", weight, 2), DType.Float32);
        int outputs = weight.Shape[0], inputs = weight.Shape[1];
        Check.That(x.Shape.Rank > 0 && x.Shape[^1] == inputs,
            $"Linear: weight {weight.Shape} expects {inputs} inputs but input has shape {x.Shape}.");
        if (bias is not null) Check.Shape("Linear", "bias", Check.Type("Linear", "bias", bias, DType.Float32), [outputs]);
        int rows = LinearRows(x);
        var y = new Tensor(device, x.Shape.With(-1, outputs));
        Run(device, host => Matrices.Product(host, rows, outputs, inputs, x.Pointer, false, weight.Pointer, true,
                bias is null ? null : bias.Pointer, false, y.Pointer),
            gpu => new DenseFactors(gpu, x, false, weight, true, rows, outputs, inputs).Into(y, 1, 0, 0, bias));
        return RecordConv(y, x, weight, bias, (dy, input, kernel) => [
            kernel is null ? null : LinearInputGradient(dy, kernel),
            input is null ? null : LinearWeightGradient(input, dy),
            bias is { RequiresGrad: true } ? SumPixels(dy) : null,
        ]);
    }

    private static int LinearRows(Tensor x) => new Shape(x.Shape.ToArray().AsSpan(0, x.Shape.Rank - 1)).Count;

    private static unsafe Tensor LinearInputGradient(Tensor dy, Tensor weight) {
        int outputs = weight.Shape[0], inputs = weight.Shape[1];
        var dx = new Tensor(dy.Device, dy.Shape.With(-1, inputs));
        int rows = LinearRows(dy);
        Run(dy.Device, host =>
            Matrices.Product(host, rows, inputs, outputs, dy.Pointer, false, weight.Pointer, false, null, false, dx.Pointer),
            gpu => new DenseFactors(gpu, dy, false, weight, false, rows, inputs, outputs).Into(dx, 1, 0, 0));
        return dx;
    }

    private static unsafe Tensor LinearWeightGradient(Tensor x, Tensor dy) {
        int outputs = dy.Shape[^1], inputs = x.Shape[^1], rows = LinearRows(x);
        var dWeight = new Tensor(x.Device, [outputs, inputs]);
        Run(x.Device, host =>
            GemmOuter.Run(host, GemmKernel.Best, dy.Pointer, outputs, outputs, new MatrixRows(x.Pointer, inputs), inputs, rows,
                dWeight.Pointer),
            gpu => new DenseFactors(gpu, dy, true, x, false, outputs, inputs, rows).Into(dWeight, 1, 0, 0));
        return dWeight;
    }
}
