namespace DenseEngine.Ops;

public static partial class Op {
    /// <summary>The axes in another order: axis i of the result is axis <paramref name="axes"/>[i] of x.
    /// Any rank, float32 or int32.</summary>
    /// <exception cref="ShapeException">The axes are not each named once.</exception>
    public static Tensor Permute(Tensor x, params ReadOnlySpan<int> axes) {
        int[] order = new int[axes.Length];
        for (int i = 0; i < order.Length; i++) order[i] = x.Shape.Axis(axes[i]);
        Check.That(order.Length == x.Shape.Rank && order.Distinct().Count() == order.Length,
            $"Permute: axes [{string.Join(", ", order)}] do not name each axis of shape {x.Shape} once.");
        Tensor y = Permuted(x, order);
        return Tape.Record(y, [x], [], (dy, _) => {
            int[] back = new int[order.Length];
            for (int i = 0; i < back.Length; i++) back[order[i]] = i;
            return [Permuted(dy, back)];
        });
    }

    private static Tensor Permuted(Tensor x, int[] order) {
        var y = new Tensor(x.Device, new Shape([.. order.Select(axis => x.Shape[axis])]), x.DType);
        if (y.Count == 0) return y;
        int[] steps = Steps(x.Shape);
        Run(x.Device, host => PermuteHost(host, y, x, order), gpu => CopyBoxGpu(gpu, y, x,
            new BoxGeometry(y.Shape.ToArray(), 0, [.. order.Select(axis => steps[axis])], 0, Steps(y.Shape))));
        return y;
    }

    private static unsafe void PermuteHost(HostDevice host, Tensor y, Tensor x, int[] order) {
        // Axes that stay neighbours move as one; those of size 1 do not count.
        var sizes = new List<int>();
        var strides = new List<int>();
        int last = -2;
        foreach (int axis in order.Where(axis => x.Shape[axis] != 1)) {
            bool follows =
                last >= 0 && Enumerable.Range(last + 1, Math.Max(0, axis - last - 1)).All(between => x.Shape[between] == 1) && axis > last;
            if (follows) (sizes[^1], strides[^1]) = (sizes[^1] * x.Shape[axis], x.Shape.Stride(axis));
            else {
                sizes.Add(x.Shape[axis]);
                strides.Add(x.Shape.Stride(axis));
            }
            last = axis;
        }
        if (sizes.Count <= 1) {
            host.Copy(x, y);
            return;
        }
        PermuteCopy.Run(host, (int*)RawPointer(y), (int*)RawPointer(x), [.. sizes], [.. strides]);
    }
}
