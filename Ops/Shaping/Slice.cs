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
    private static void CopySlice(Tensor whole, Tensor slice, int axis, int start, int step, bool intoSlice) =>
        Run(whole.Device, host => CopySliceHost(host, whole, slice, axis, start, step, intoSlice));

    private static unsafe void CopySliceHost(HostDevice host, Tensor whole, Tensor slice, int axis, int start, int step, bool intoSlice) {
        if (slice.Count == 0) return;
        int inner = whole.Shape.CountBetween(axis + 1, whole.Shape.Rank), size = whole.Shape[axis], count = slice.Shape[axis];
        int outer = whole.Shape.CountBetween(0, axis), run = step == 1 ? count * inner : inner, runs = step == 1 ? 1 : count;
        int* large = (int*)RawPointer(whole), small = (int*)RawPointer(slice);
        host.Workers.ForRange(outer * runs, Math.Max(1, ElementwiseGrain / run), (from, until) => {
            for (int i = from; i < until; i++) {
                (int block, int row) = Math.DivRem(i, runs);
                int* part = large + ((nint)block * size + start + (nint)row * step) * inner, dense = small + (nint)i * run;
                new Span<int>(intoSlice ? dense : part, run).CopyTo(new Span<int>(intoSlice ? part : dense, run));
            }
        });
    }
}
