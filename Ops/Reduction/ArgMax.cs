namespace DenseEngine.Ops;

public static partial class Op {
    /// <summary>Where the largest value along an axis stands: the first, if several are equal. NaN counts as the largest.
    /// No gradient.</summary>
    /// <param name="x">Float32, any shape.</param>
    /// <param name="axis">The axis to look along; null: all elements as one line.</param>
    /// <param name="keepDims">Whether the axis stays, with size 1; all axes do where none is named.</param>
    /// <returns>Int32, x's shape without the axis; a scalar where none is named.</returns>
    /// <exception cref="ShapeException">The axis does not exist or has size 0.</exception>
    public static Tensor ArgMax(Tensor x, int? axis = null, bool keepDims = false) {
        Check.Type("ArgMax", "x", x, DType.Float32);
        ReadOnlySpan<int> axes = axis is int one ? [one] : [];
        NeedsElements("ArgMax", x, axes);
        Shape shape = ReducedShape("ArgMax", x.Shape, axes, keepDims, stackalloc bool[Shape.MaxRank]);
        var geometry = axis is int along ? new AxisGeometry(x.Shape, along) : new AxisGeometry(x.Count);
        using var values = new Tensor(x.Device, shape);
        var indices = new Tensor(x.Device, shape, DType.Int32);
        Run(x.Device, host => ExtremeHost.Find(host, values, indices, x, geometry, new Largest()),
            gpu => ExtremeGpu(gpu, values, indices, x, geometry, new Largest()));
        return indices;
    }
}
