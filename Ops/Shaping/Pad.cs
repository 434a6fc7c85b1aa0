namespace DenseEngine.Ops;

public static partial class Op {
    /// <summary>x with <paramref name="value"/> around it. Gradient: the part that x fills. Any rank, float32 or int32.</summary>
    /// <param name="x">Any shape.</param>
    /// <param name="before">Elements to put before x along each axis.</param>
    /// <param name="after">Elements to put after it.</param>
    /// <param name="value">What they hold (rounded for integers).</param>
    /// <exception cref="ShapeException">The numbers are not one for each axis, or one is negative.</exception>
    public static Tensor Pad(Tensor x, ReadOnlySpan<int> before, ReadOnlySpan<int> after, float value = 0) {
        Check.That(before.Length == x.Shape.Rank && after.Length == x.Shape.Rank,
            $"Pad: {before.Length} numbers before and {after.Length} after were given for shape {x.Shape}; each axis needs one.");
        int[] starts = before.ToArray(), sizes = x.Shape.ToArray();
        for (int axis = 0; axis < sizes.Length; axis++) {
            Check.That(before[axis] >= 0 && after[axis] >= 0,
                $"Pad: axis {axis} would get {before[axis]} elements before and {after[axis]} after it.");
            long size = (long)sizes[axis] + before[axis] + after[axis];
            Check.That(size <= int.MaxValue, $"Pad: axis {axis} would have {size} elements.");
            sizes[axis] = (int)size;
        }
        var y = new Tensor(x.Device, new Shape(sizes), x.DType);
        y.Device.Fill(y, value);
        CopyRegion(y, x, starts, intoRegion: true);
        Shape shape = x.Shape;
        return Tape.Record(y, [x], [], (dy, _) => {
            var dx = new Tensor(dy.Device, shape);
            CopyRegion(dy, dx, starts, intoRegion: false);
            return [dx];
        });
    }

    /// <summary>Copies between a tensor and a dense copy of a box in it.</summary>
    private static void CopyRegion(Tensor whole, Tensor region, int[] starts, bool intoRegion) =>
        Run(whole.Device, host => CopyRegionHost(host, whole, region, starts, intoRegion));

    private static unsafe void CopyRegionHost(HostDevice host, Tensor whole, Tensor region, int[] starts, bool intoRegion) {
        if (region.Count == 0) return;
        // Trailing axes that are copied whole belong to the runs.
        int last = region.Shape.Rank - 1;
        while (last > 0 && region.Shape[last] == whole.Shape[last]) last--;
        int run = region.Shape.CountBetween(Math.Max(0, last), region.Shape.Rank);
        int[] sizes = region.Shape.ToArray(), strides = [.. Enumerable.Range(0, sizes.Length).Select(axis => whole.Shape.Stride(axis))];
        int* large = (int*)RawPointer(whole), small = (int*)RawPointer(region);
        host.Workers.ForRange(region.Count / run, Math.Max(1, ElementwiseGrain / run), (from, until) => {
            for (int i = from; i < until; i++) {
                nint offset = last >= 0 ? (nint)starts[last] * strides[last] : 0;
                for (int axis = last - 1, rest = i; axis >= 0; axis--) {
                    (rest, int index) = Math.DivRem(rest, sizes[axis]);
                    offset += (nint)(index + starts[axis]) * strides[axis];
                }
                int* part = large + offset, dense = small + (nint)i * run;
                new Span<int>(intoRegion ? dense : part, run).CopyTo(new Span<int>(intoRegion ? part : dense, run));
            }
        });
    }
}
