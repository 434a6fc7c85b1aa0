namespace DenseEngine.Ops;

public static partial class Op {
    private static readonly object LinearKey = nameof(Linear);

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
        Run(device, host => LinearHost(host, y, x, weight, bias, rows),
            gpu => new DenseFactors(gpu, x, false, weight, true, rows, outputs, inputs).Into(y, 1, 0, 0, bias));
        return RecordConv(y, x, weight, bias, (dy, input, kernel) => [
            kernel is null ? null : LinearInputGradient(dy, kernel),
            input is null ? null : LinearWeightGradient(input, dy),
            bias is { RequiresGrad: true } ? SumPixels(dy) : null,
        ]);
    }

    /// <summary>The weights stay packed between calls that record nothing.</summary>
    private static unsafe void LinearHost(HostDevice host, Tensor y, Tensor x, Tensor weight, Tensor? bias, int rows) {
        int outputs = weight.Shape[0], inputs = weight.Shape[1];
        float* start = bias is null ? null : bias.Pointer;
        if (rows == 1 || outputs == 1) {
            Matrices.Product(host, rows, outputs, inputs, x.Pointer, false, weight.Pointer, true, start, false, y.Pointer);
            return;
        }
        using Packed<GemmColumns> packed = Packed.Of(weight, LinearKey, null, null, (host, weight, inputs, outputs),
            static (kernel, from) => new GemmColumns(from.host, kernel, from.inputs, from.outputs)
                .FromColumns(from.weight.Pointer, from.inputs));
        Gemm.Run(host, new MatrixRows(x.Pointer, inputs), rows, packed.Value, start, false, new GemmOutput(y.Pointer, outputs));
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
