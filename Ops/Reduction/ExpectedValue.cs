namespace DenseEngine.Ops;

public static partial class Op {
    /// <summary>The expected value of the distribution that logits give: y = Σ softmax(x)ᵢ · valuesᵢ along the last axis (Li et al., 2020,
    /// equation 4). Gradient: dxᵢ = softmax(x)ᵢ · (valuesᵢ - y) · dy; none for the values.</summary>
    /// <param name="logits">[.., B], rank 1 or more.</param>
    /// <param name="values">[B].</param>
    /// <returns>[..].</returns>
    /// <exception cref="ShapeException">Sizes do not fit, or there are no bins.</exception>
    public static unsafe Tensor ExpectedValue(Tensor logits, Tensor values) {
        const string name = nameof(ExpectedValue);
        Check.Type(name, "logits", logits, DType.Float32);
        Check.That(logits.Shape.Rank > 0 && logits.Shape[^1] > 0, $"{name}: logits of shape {logits.Shape} have no bins.");
        int bins = logits.Shape[^1], lines = logits.Count / bins;
        Check.Shape(name, "values", Check.Type(name, "values", values, DType.Float32), [bins]);
        Device device = Check.SameDevice(name, logits, values);
        var y = new Tensor(device, new Shape(logits.Shape.ToArray().AsSpan(0, logits.Shape.Rank - 1)));
        Run(device, host => ExpectedValueHost.Forward(host, y.Pointer, logits.Pointer, values.Pointer, lines, bins), gpu => {
            if (lines == 0) return;
            using Tensor shares = SharesGpu(gpu, logits);
            new DenseFactors(gpu, shares, false, values, true, lines, 1, bins).Into(y, 1, 0, 0);
        });
        return Tape.Record(y, [logits], [logits, values, y], (dy, saved) => {
            var dx = new Tensor(device, saved[0].Shape);
            Run(device, host => ExpectedValueHost.Gradient(host, dx.Pointer, dy.Pointer, saved[2].Pointer, saved[0].Pointer,
                saved[1].Pointer, lines, bins), gpu => {
                    if (lines == 0) return;
                    using Tensor shares = SharesGpu(gpu, saved[0]), weighted = new(gpu, dx.Shape);
                    new DenseFactors(gpu, dy, false, saved[1], false, lines, bins, 1).Into(weighted, 1, 0, 0);
                    SoftmaxGradientGpu(gpu, dx, shares, weighted, new AxisGeometry(dx.Shape, -1), log: 0);
                });
            return [dx];
        });
    }

    private static Tensor SharesGpu(GpuDevice gpu, Tensor logits) {
        var shares = new Tensor(gpu, logits.Shape);
        SoftmaxGpu(gpu, shares, logits, new AxisGeometry(logits.Shape, -1), log: 0);
        return shares;
    }
}
