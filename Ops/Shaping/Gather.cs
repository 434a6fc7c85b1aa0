namespace DenseEngine.Ops;

public static partial class Op {
    /// <summary>Picks along an axis, element by element: <c>y[i, j] = x[index[i, j], j]</c> for axis 0, and so on. Gradient: adds to
    /// the picked elements, in the index's order where one is picked repeatedly.</summary>
    /// <param name="x">Float32 or int32, rank 1 or more.</param>
    /// <param name="index">Int32, of x's rank and, beside the axis, of no larger sizes;
    /// elements from 0 to x's size along the axis - 1.</param>
    /// <param name="axis">The axis to pick along.</param>
    /// <returns>index's shape.</returns>
    /// <exception cref="ShapeException">Shapes do not fit, or an index is out of range.</exception>
    public static Tensor Gather(Tensor x, Tensor index, int axis) {
        axis = CheckIndex("Gather", x, index, axis);
        CheckIndexRange("Gather", index, x.Shape, axis);
        Tensor y = Gathered("Gather", x, index, index.Shape, axis);
        Shape shape = x.Shape;
        return Tape.Record(y, [x], [index], (dy, saved) => {
            Tensor dx = Tensor.Zeros(shape, DType.Float32, dy.Device);
            AddAtIndex("Gather", dx, saved[0], dy, axis);
            return [dx];
        });
    }

    /// <summary>What an index picks, in a tensor of the given shape; where the index is smaller than that, zeros.</summary>
    private static Tensor Gathered(string op, Tensor x, Tensor index, Shape shape, int axis) {
        Tensor y = index.Shape == shape ? new Tensor(x.Device, shape, x.DType) : Tensor.Zeros(shape, x.DType, x.Device);
        var geometry = new IndexGeometry(index.Shape, x.Shape, shape, axis);
        if (index.Count > 0) Run(x.Device, host => GatherHost(host, y, x, index, geometry),
            gpu => GatherGpu(gpu, y, x, index, geometry, IndexReport(gpu, op, x.Shape, axis)));
        return y;
    }

    private static unsafe void GatherHost(HostDevice host, Tensor y, Tensor x, Tensor index, IndexGeometry g) {
        int* to = (int*)RawPointer(y), from = (int*)RawPointer(x), places = index.IntPointer;
        host.Workers.ForRange(g.Rows, Math.Max(1, ElementwiseGrain / (g.RowLength * g.Steps)), (first, end) => {
            for (int row = first; row < end; row++) {
                (int atIndex, int atX, int atY) = g.Start(row);
                for (int step = 0; step < g.Steps; step++, atIndex += g.IndexStep, atY += g.PlainStep)
                    for (int i = 0; i < g.RowLength; i++) to[atY + i] = from[atX + places[atIndex + i] * g.PickedStep + i];
            }
        });
    }

    /// <summary>Checks an index of x's rank, and gives the axis counted from the start.</summary>
    private static int CheckIndex(string op, Tensor x, Tensor index, int axis) {
        Check.SameDevice(op, x, index);
        Check.Type(op, "index", index, DType.Int32);
        axis = x.Shape.Axis(axis);
        bool fits = index.Shape.Rank == x.Shape.Rank;
        for (int other = 0; fits && other < x.Shape.Rank; other++) fits = other == axis || index.Shape[other] <= x.Shape[other];
        Check.That(fits,
            $"{op}: index has shape {index.Shape}; it needs the rank of x, {x.Shape}, and no larger sizes beside axis {axis}.");
        return axis;
    }

    /// <summary>Demands that every index names a place along an axis. On a device that would have to be waited for: there the kernel that
    /// uses the index reports it.</summary>
    private static void CheckIndexRange(string op, Tensor index, Shape shape, int axis) => Run(index.Device, _ => {
        ReadOnlySpan<int> indices = index.IntSpan;
        int size = shape[axis], wrong = indices.IndexOfAnyExceptInRange(0, size - 1);
        if (size == 0 && indices.Length > 0) wrong = 0;
        if (wrong >= 0) throw new ShapeException(IndexIsWrong(op, wrong, indices[wrong], shape, axis));
    }, _ => { });

    private static KernelReport IndexReport(GpuDevice gpu, string op, Shape shape, int axis) =>
        gpu.Report((place, index) => IndexIsWrong(op, place, index, shape, axis));

    private static string IndexIsWrong(string op, int place, int index, Shape shape, int axis) =>
        $"{op}: index {place} is {index}; axis {axis} of shape {shape} has size {shape[axis]}.";
}
