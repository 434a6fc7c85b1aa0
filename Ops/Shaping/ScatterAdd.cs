namespace DenseEngine.Ops;

public static partial class Op {
    /// <summary>x plus what is scattered to it along an axis: <c>y[index[i, j], j] += source[i, j]</c> for axis 0, and so on; an element
    /// that is hit repeatedly gets all, in the index's order along the axis. Gradient: to x as it is;
    /// to the source what its index picks.</summary>
    /// <param name="x">Float32, rank 1 or more.</param>
    /// <param name="index">Int32, of x's rank, of no larger sizes than the source's and, beside the axis, than x's; elements from 0 to
    /// x's size along the axis - 1.</param>
    /// <param name="source">Float32; beyond the index it is not read.</param>
    /// <param name="axis">The axis to scatter along.</param>
    /// <returns>x's shape.</returns>
    /// <exception cref="ShapeException">Shapes do not fit, or an index is out of range.</exception>
    public static Tensor ScatterAdd(Tensor x, Tensor index, Tensor source, int axis) {
        Check.SameDevice("ScatterAdd", x, index, source);
        Check.Type("ScatterAdd", "x", x, DType.Float32);
        Check.Type("ScatterAdd", "source", source, DType.Float32);
        axis = CheckIndex("ScatterAdd", x, index, axis);
        bool fits = source.Shape.Rank == index.Shape.Rank;
        for (int other = 0; fits && other < index.Shape.Rank; other++) fits = index.Shape[other] <= source.Shape[other];
        Check.That(fits, $"ScatterAdd: index has shape {index.Shape}; no size may be above the source's, {source.Shape}.");
        CheckIndexRange("ScatterAdd", index, x.Shape, axis);
        var y = new Tensor(x.Device, x.Shape);
        x.Device.Copy(x, y);
        AddAtIndex("ScatterAdd", y, index, source, axis);
        Shape sourceShape = source.Shape;
        return Tape.Record(y, [x, source], [index],
            (dy, saved) => [dy, saved.Needs(1) ? Gathered("ScatterAdd", dy, saved[0], sourceShape, axis) : null]);
    }

    /// <summary>Adds a source to the places of a target that an index names.</summary>
    private static void AddAtIndex(string op, Tensor target, Tensor index, Tensor source, int axis) {
        var geometry = new IndexGeometry(index.Shape, target.Shape, source.Shape, axis);
        if (index.Count > 0) Run(target.Device, host => AddAtIndexHost(host, target, index, source, geometry),
            gpu => AddAtIndexGpu(gpu, target, index, source, geometry, IndexReport(gpu, op, target.Shape, axis)));
    }

    private static unsafe void AddAtIndexHost(HostDevice host, Tensor target, Tensor index, Tensor source, IndexGeometry g) {
        float* to = target.Pointer, from = source.Pointer;
        int* places = index.IntPointer;
        // A line along the axis belongs to one thread, and so do all elements it may hit. Rows are cut across their lines.
        int cut = Math.Min(g.RowLength, 256), pieces = (g.RowLength + cut - 1) / cut;
        host.Workers.ForRange(g.Rows * pieces, Math.Max(1, ElementwiseGrain / (cut * g.Steps)), (first, end) => {
            for (int item = first; item < end; item++) {
                (int row, int piece) = Math.DivRem(item, pieces);
                (int atIndex, int atTarget, int atSource) = g.Start(row);
                int until = Math.Min(g.RowLength, (piece + 1) * cut);
                for (int step = 0; step < g.Steps; step++, atIndex += g.IndexStep, atSource += g.PlainStep)
                    for (int i = piece * cut; i < until; i++) to[atTarget + places[atIndex + i] * g.PickedStep + i] += from[atSource + i];
            }
        });
    }
}
