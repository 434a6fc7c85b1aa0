namespace DenseEngine.Ops;

public static partial class Op {
    /// <summary>The front of <see cref="Max"/> and <see cref="Min"/>.</summary>
    private static (Tensor Values, Tensor Indices) Extreme<TOp>(string name, Tensor x, int axis, bool keepDims, TOp op)
        where TOp : unmanaged, IExtreme {
        Check.Type(name, "x", x, DType.Float32);
        NeedsElements(name, x, [axis]);
        Shape shape = ReducedShape(name, x.Shape, [axis], keepDims, stackalloc bool[Shape.MaxRank]), xShape = x.Shape;
        var geometry = new AxisGeometry(xShape, axis);
        var values = new Tensor(x.Device, shape);
        var indices = new Tensor(x.Device, shape, DType.Int32);
        Run(x.Device, host => ExtremeHost.Find(host, values, indices, x, geometry, op),
            gpu => ExtremeGpu(gpu, values, indices, x, geometry, op));
        return (Tape.Record(values, [x], [indices], (dy, saved) => {
            var dx = new Tensor(dy.Device, xShape);
            Run(dy.Device, host => ExtremeHost.Place(host, dx, dy, saved[0], geometry), gpu => PlaceGpu(gpu, dx, dy, saved[0], geometry));
            return [dx];
        }), indices);
    }
}
