namespace DenseEngine.Ops;

public static partial class Op {
    /// <summary>The elements from <paramref name="start"/> (inclusive) to <paramref name="end"/> (exclusive) along an axis, every
    /// <paramref name="step"/>-th of them. Negative bounds count from the end, bounds beyond the axis are cut to it, and a start at or
    /// after the end gives size 0. The gradient is zero outside. Any rank, float32 or int32.</summary>
    /// <exception cref="ShapeException">The step is below 1, or there is no such axis.</exception>
    public static Tensor Slice(Tensor x, int axis, int start, int end, int step = 1) {
        Check.That(step >= 1, $"Slice: the step is {step}; it must be 1 or more.");
        axis = x.Shape.Axis(axis);
        int size = x.Shape[axis];
        int from = Math.Clamp(start < 0 ? start + size : start, 0, size), until = Math.Clamp(end < 0 ? end + size : end, 0, size);
        int count = Math.Max(0, (until - from + step - 1) / step);
        Tensor y = Sliced(x, axis, from, count, step);
        Shape shape = x.Shape;
        return Tape.Record(y, [x], [], (dy, _) => {
            Tensor dx = Tensor.Zeros(shape, DType.Float32, dy.Device);
            CopySlice(dx, dy, axis, from, step, intoSlice: true);
            return [dx];
        });
    }

    private static Tensor Sliced(Tensor x, int axis, int start, int count, int step) {
        var y = new Tensor(x.Device, x.Shape.With(axis, count), x.DType);
        CopySlice(x, y, axis, start, step, intoSlice: false);
        return y;
    }

    /// <summary>Copies between a tensor and a dense copy of its slice, which begins at <paramref name="start"/> along the axis.</summary>
    private static void CopySlice(Tensor whole, Tensor slice, int axis, int start, int step, bool intoSlice) {
        int rank = whole.Shape.Rank;
        Span<int> sizes = stackalloc int[rank], steps = stackalloc int[rank], sliced = stackalloc int[rank];
        for (int i = 0; i < rank; i++) (sizes[i], steps[i], sliced[i]) = (slice.Shape[i], whole.Shape.Stride(i), slice.Shape.Stride(i));
        start *= steps[axis];
        steps[axis] *= step;
        if (intoSlice) CopyBox(whole, slice, new BoxGeometry(sizes, 0, sliced, start, steps));
        else CopyBox(slice, whole, new BoxGeometry(sizes, start, steps, 0, sliced));
    }

    /// <summary>The distances of neighbours along each axis.</summary>
    private static int[] Steps(Shape shape) {
        int[] steps = new int[shape.Rank];
        for (int axis = 0; axis < steps.Length; axis++) steps[axis] = shape.Stride(axis);
        return steps;
    }
}
