namespace DenseEngine.Ops;

public static partial class Op {
    /// <summary>y = (x - μ)/√(σ² + ε)·weight + bias, μ and σ² (biased) being those of the last <paramref name="axes"/> axes together (Ba et
    /// al., 2016).</summary>
    /// <param name="x">Any shape of at least that rank.</param>
    /// <param name="axes">How many trailing axes are normalised together, 1 or more.</param>
    /// <param name="weight">Their sizes, or null for 1.</param>
    /// <param name="bias">Their sizes, or null for 0.</param>
    /// <param name="eps">ε.</param>
    /// <exception cref="ShapeException">Sizes differ, or there are not as many axes.</exception>
    public static Tensor LayerNorm(Tensor x, int axes, Tensor? weight, Tensor? bias, float eps = 1e-5f) {
        const string name = nameof(LayerNorm);
        Check.Type(name, "x", x, DType.Float32);
        Check.That(axes >= 1 && axes <= x.Shape.Rank, $"{name}: {axes} axes cannot be normalised in shape {x.Shape}.");
        Shape each = new(x.Shape.ToArray().AsSpan(x.Shape.Rank - axes));
        if (weight is not null) Check.Shape(name, "weight", Check.Type(name, "weight", weight, DType.Float32), each);
        if (bias is not null) Check.Shape(name, "bias", Check.Type(name, "bias", bias, DType.Float32), each);
        Device device = Check.SameDevice(name, x, weight, bias);
        int rows = each.Count == 0 ? 0 : x.Count / each.Count;
        Tensor y = new(device, x.Shape), mean = new(device, [rows]), inverse = new(device, [rows]);   // inverse: 1/√(σ² + ε)
        Run(device, host => LayerNormHost.Forward(host, y, mean, inverse, x, weight, bias, eps),
            gpu => LayerNormGpu(gpu, y, mean, inverse, x, weight, bias, eps));
        return Tape.Record(y, [x, weight, bias], weight is null ? [x, mean, inverse] : [x, mean, inverse, weight], (dy, saved) => {
            Tensor dx = new(device, dy.Shape), dWeight = new(device, each), dBias = new(device, each);
            Run(device, host =>
                LayerNormHost.Backward(host, dx, dWeight, dBias, dy, saved[0], saved[1], saved[2], weight is null ? null : saved[3]),
                gpu => LayerNormGradientGpu(gpu, dx, dWeight, dBias, dy, saved[0], saved[1], saved[2], weight is null ? null : saved[3]));
            return [dx, dWeight, dBias];
        });
    }
}
