namespace DenseEngine.Ops;

public static partial class Op {
    /// <summary>The front of every reduction over any axes: checks, shapes, dispatch. No axes means all of them.</summary>
    private static (Tensor Y, ReductionGeometry Geometry) Reduce<TOp>(string name, Tensor x, ReadOnlySpan<int> axes, bool keepDims, TOp op)
        where TOp : unmanaged, IReduction {
        Check.Type(name, "x", x, DType.Float32);
        Span<bool> reduced = stackalloc bool[Shape.MaxRank];
        Shape shape = ReducedShape(name, x.Shape, axes, keepDims, reduced);
        var geometry = new ReductionGeometry(x.Shape, reduced);
        var y = new Tensor(x.Device, shape);
        Run(x.Device, host => ReductionHost.Reduce(host, y, x, geometry, op), gpu => ReduceGpu(gpu, y, x, geometry, op));
        return (y, geometry);
    }

    /// <summary>A tensor of the reduction's input shape that holds, at each element, its output's value times
    /// <paramref name="scale"/>.</summary>
    private static Tensor Spread(Tensor dy, Shape shape, ReductionGeometry geometry, float scale) {
        var dx = new Tensor(dy.Device, shape);
        Run(dy.Device, host => ReductionHost.Spread(host, dx, dy, geometry, scale), gpu => SpreadGpu(gpu, dx, dy, geometry, scale));
        return dx;
    }

    private static Shape ReducedShape(string name, Shape shape, ReadOnlySpan<int> axes, bool keepDims, Span<bool> reduced) {
        reduced[..shape.Rank].Fill(axes.IsEmpty);
        foreach (int axis in axes) {
            int counted = shape.Axis(axis);
            Check.That(!reduced[counted], $"{name}: axis {axis} is named twice; x has shape {shape}.");
            reduced[counted] = true;
        }
        var sizes = new List<int>(shape.Rank);
        for (int axis = 0; axis < shape.Rank; axis++) {
            if (!reduced[axis]) sizes.Add(shape[axis]);
            else if (keepDims) sizes.Add(1);
        }
        return new Shape([.. sizes]);
    }

    /// <summary>Refuses a reduction that has no result over no elements.</summary>
    private static void NeedsElements(string name, Tensor x, ReadOnlySpan<int> axes) {
        bool none = axes.IsEmpty && x.Count == 0;
        foreach (int axis in axes) none |= x.Shape[axis] == 0;
        Check.That(!none, $"{name}: x, of shape {x.Shape}, has no elements along the reduced axes; at least one is needed.");
    }

    /// <summary>Sums a tensor over the axes along which <paramref name="shape"/> was broadcast to it: what the gradient of a broadcast
    /// input is. Outside the graph.</summary>
    internal static Tensor SumTo(Tensor x, Shape shape) {
        if (x.Shape == shape) return x;
        int added = x.Shape.Rank - shape.Rank;
        Span<bool> reduced = stackalloc bool[Shape.MaxRank];
        for (int axis = 0; axis < x.Shape.Rank; axis++)
            reduced[axis] = axis < added || (shape[axis - added] == 1 && x.Shape[axis] != 1);
        var geometry = new ReductionGeometry(x.Shape, reduced);
        var y = new Tensor(x.Device, shape);
        var op = new SumReduction();
        Run(x.Device, host => ReductionHost.Reduce(host, y, x, geometry, op), gpu => ReduceGpu(gpu, y, x, geometry, op));
        return y;
    }
}
