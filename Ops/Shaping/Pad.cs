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
    private static void CopyRegion(Tensor whole, Tensor region, int[] starts, bool intoRegion) {
        int[] steps = Steps(whole.Shape), dense = Steps(region.Shape);
        int start = starts.Select((at, axis) => at * steps[axis]).Sum();
        if (intoRegion) CopyBox(whole, region, new BoxGeometry(region.Shape.ToArray(), 0, dense, start, steps));
        else CopyBox(region, whole, new BoxGeometry(region.Shape.ToArray(), start, steps, 0, dense));
    }
}
