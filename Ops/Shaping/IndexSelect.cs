namespace DenseEngine.Ops;

public static partial class Op {
    /// <summary>Picks whole slices along an axis: <c>y[i, …] = x[index[i], …]</c> for axis 0, and so on. Gradient: adds to the picked
    /// slices, in the index's order where one is picked repeatedly.</summary>
    /// <param name="x">Float32 or int32, rank 1 or more.</param>
    /// <param name="index">Int32 [n]; elements from 0 to x's size along the axis - 1.</param>
    /// <param name="axis">The axis to pick along.</param>
    /// <returns>x's shape with size n along the axis.</returns>
    /// <exception cref="ShapeException">The index is not of rank 1, or out of range.</exception>
    public static Tensor IndexSelect(Tensor x, Tensor index, int axis) {
        Check.SameDevice("IndexSelect", x, index);
        Check.Type("IndexSelect", "index", Check.Rank("IndexSelect", "index", index, 1), DType.Int32);
        axis = x.Shape.Axis(axis);
        Shape shape = x.Shape;
        CheckIndexRange("IndexSelect", index, shape, axis);
        var y = new Tensor(x.Device, x.Shape.With(axis, index.Count), x.DType);
        var geometry = new AxisGeometry(x.Shape, axis);
        if (y.Count > 0) Run(x.Device, (y, x, index, geometry, shape, axis),
            static (host, a) => IndexSelectHost(host, a.y, a.x, a.index, a.geometry),
            static (gpu, a) => IndexSelectGpu(gpu, a.y, a.x, a.index, a.geometry, IndexReport(gpu, "IndexSelect", a.shape, a.axis)));
        return Tape.Wants(x) ? RecordIndexSelect(y, x, index, geometry) : y;
    }

    private static Tensor RecordIndexSelect(Tensor y, Tensor x, Tensor index, AxisGeometry geometry) {
        Shape shape = x.Shape;
        return Tape.Record(y, [x], [index], (dy, saved) => {
            var dx = new Tensor(dy.Device, shape);
            if (dx.Count > 0) Run(dy.Device, host => IndexSelectGradientHost(host, dx, dy, saved[0], geometry),
                gpu => IndexSelectGradientGpu(gpu, dx, dy, saved[0], geometry));
            return [dx];
        });
    }

    private static unsafe void IndexSelectHost(HostDevice host, Tensor y, Tensor x, Tensor index, AxisGeometry g) {
        int* to = (int*)RawPointer(y), from = (int*)RawPointer(x), places = index.IntPointer;
        int count = index.Count, inner = g.Inner;
        host.Workers.ForRange(g.Outer * count, Math.Max(1, ElementwiseGrain / inner),
            new PickedRows(to, from, places, count, g.Size, inner));
    }

    private readonly unsafe struct PickedRows(int* to, int* from, int* places, int count, int size, int inner) : IRangeBody {
        public void Run(int first, int end) {
            for (int row = first; row < end; row++) {
                (int outer, int i) = Math.DivRem(row, count);
                int* source = from + ((nint)outer * size + places[i]) * inner, target = to + (nint)row * inner;
                if (inner == 1) *target = *source;
                else new Span<int>(source, inner).CopyTo(new Span<int>(target, inner));
            }
        }
    }

    private static unsafe void IndexSelectGradientHost(HostDevice host, Tensor dx, Tensor dy, Tensor index, AxisGeometry g) {
        float* to = dx.Pointer, from = dy.Pointer;
        int count = index.Count, inner = g.Inner;
        (int[] start, int[] pickers) = Pickers(index.IntSpan, g.Size);
        host.Workers.ForRange(g.Outer * g.Size, Math.Max(1, ElementwiseGrain / inner), (first, end) => {
            for (int row = first; row < end; row++) {
                (int outer, int place) = Math.DivRem(row, g.Size);
                float* target = to + (nint)row * inner;
                new Span<float>(target, inner).Clear();
                for (int i = start[place]; i < start[place + 1]; i++)
                    VectorLoops.Add(target, from + ((nint)outer * count + pickers[i]) * inner, inner);
            }
        });
    }

    /// <summary>For each place the numbers of the indices that name it, rising:
    /// pickers[start[place]] to pickers[start[place + 1] - 1].</summary>
    private static (int[] Start, int[] Pickers) Pickers(ReadOnlySpan<int> index, int places) {
        int[] start = new int[places + 1], next = new int[places], pickers = new int[index.Length];
        foreach (int place in index) start[place + 1]++;
        for (int place = 0; place < places; place++) {
            next[place] = start[place];
            start[place + 1] += start[place];
        }
        for (int i = 0; i < index.Length; i++) pickers[next[index[i]]++] = i;
        return (start, pickers);
    }
}
