namespace DenseEngine.Ops;

public static partial class Op {
    /// <summary>Matrix product of the last two axes, <c>y = a · b</c>, with either side transposed; the axes before them are batches and
    /// broadcast against each other. An inner size of 0 gives zeros.</summary>
    /// <param name="a">[..., M, K], or [..., K, M] if transposed.</param>
    /// <param name="b">[..., K, N], or [..., N, K] if transposed.</param>
    /// <param name="transposeA">Whether <paramref name="a"/> is taken transposed.</param>
    /// <param name="transposeB">Whether <paramref name="b"/> is taken transposed.</param>
    /// <returns>[..., M, N].</returns>
    /// <exception cref="ShapeException">A rank below 2, inner sizes that differ, or batches that do not broadcast.</exception>
    public static Tensor MatMul(Tensor a, Tensor b, bool transposeA = false, bool transposeB = false) {
        Device device = Check.SameDevice("MatMul", a, b);
        var product = new MatMulGeometry(Check.Type("MatMul", "a", a, DType.Float32), Check.Type("MatMul", "b", b, DType.Float32),
            transposeA, transposeB);
        var y = new Tensor(device, product.OutputShape);
        Run(device, host => Matrices.Forward(host, product, a, b, y), gpu => MatMulGpu(gpu, product, a, b, y));
        Tensor[] kept = (a.RequiresGrad, b.RequiresGrad) switch {
            (true, true) => [b, a],
            (true, false) => [b],
            (false, true) => [a],
            _ => [],
        };
        return Tape.Record(y, [a, b], kept, (dy, saved) => [
            saved.Needs(0) ? MatMulLeftGradient(product, dy, saved[0]) : null,
            saved.Needs(1) ? MatMulRightGradient(product, saved[saved.Needs(0) ? 1 : 0], dy) : null,
        ]);
    }

    private static Tensor MatMulLeftGradient(MatMulGeometry product, Tensor dy, Tensor b) {
        var da = new Tensor(dy.Device, product.LeftShape);
        Run(dy.Device, host => Matrices.LeftGradient(host, product, dy, b, da),
            gpu => MatMulLeftGradientGpu(gpu, product, dy, b, da));
        return da;
    }

    private static Tensor MatMulRightGradient(MatMulGeometry product, Tensor a, Tensor dy) {
        var db = new Tensor(dy.Device, product.RightShape);
        Run(dy.Device, host => Matrices.RightGradient(host, product, a, dy, db),
            gpu => MatMulRightGradientGpu(gpu, product, a, dy, db));
        return db;
    }
}
