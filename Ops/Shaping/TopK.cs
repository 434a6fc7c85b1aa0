namespace DenseEngine.Ops;

public static partial class Op {
    /// <summary>The k largest (or smallest) elements along an axis, best first; of equal ones the lower index first. NaN counts as the
    /// largest. Gradient: to the elements found.</summary>
    /// <param name="x">Float32, rank 1 or more.</param>
    /// <param name="k">How many; at most the axis' size.</param>
    /// <param name="axis">The axis to look along; the last by default.</param>
    /// <param name="largest">Whether the largest are wanted.</param>
    /// <returns>Values (float32) and indices (int32), of x's shape with size k along the axis.</returns>
    /// <exception cref="ShapeException">k is negative or above the axis' size.</exception>
    public static unsafe (Tensor Values, Tensor Indices) TopK(Tensor x, int k, int axis = -1, bool largest = true) {
        Check.Type("TopK", "x", x, DType.Float32);
        axis = x.Shape.Axis(axis);
        Check.That(k >= 0 && k <= x.Shape[axis], $"TopK: k is {k}; axis {axis} of shape {x.Shape} has {x.Shape[axis]} elements.");
        Shape xShape = x.Shape, shape = xShape.With(axis, k);
        var geometry = new AxisGeometry(xShape, axis);
        Tensor values = new(x.Device, shape), indices = new(x.Device, shape, DType.Int32);
        if (values.Count > 0) Run(x.Device, host =>
            TopKHost.Find(host, values.Pointer, indices.IntPointer, x.Pointer, geometry, k, largest),
            gpu => TopKGpu(gpu, values, indices, x, geometry, k, largest));
        return (Tape.Record(values, [x], [indices], (dy, saved) => {
            Tensor dx = Tensor.Zeros(xShape, DType.Float32, dy.Device);
            AddAtIndex("TopK", dx, saved[0], dy, axis);
            return [dx];
        }), indices);
    }
}
