using ILGPU;
using ILGPU.Runtime;

namespace DenseEngine.Ops;

public static partial class Op {
    private static void SoftmaxGpu(GpuDevice gpu, Tensor y, Tensor x, AxisGeometry g, int log) {
        if (gpu.HasShuffles) SoftmaxWith<Shuffles>(gpu, y, x, g, log);
        else SoftmaxWith<NoShuffles>(gpu, y, x, g, log);
    }

    private static void SoftmaxWith<TWarp>(GpuDevice gpu, Tensor y, Tensor x, AxisGeometry g, int log) where TWarp : struct, IWarp {
        if (y.Count == 0) return;
        if (g.Inner > 1) {
            gpu.Kernel(SoftmaxColumnsKernel,
                a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<float>, ArrayView<float>, AxisGeometry, int>(SoftmaxColumnsKernel))
                (g.Fours, gpu.Floats(y), gpu.Floats(x), g, log);
        } else if (LineQuads.Fits(g.Size)) {
            SoftmaxQuadsGpu<TWarp>(gpu, y, x, new LineQuads(g.Lines, g.Size), log);
        } else if (LineTile.Fits(g.Size)) {
            var lines = new LineTile(g.Lines, g.Size);
            gpu.Kernel(SoftmaxKernel<TWarp>, a => a.LoadStreamKernel<ArrayView<float>, ArrayView<float>, LineTile,
                int>(SoftmaxKernel<TWarp>))
                ((lines.Groups, LineTile.Threads), gpu.Floats(y), gpu.Floats(x), lines, log);
        } else {
            gpu.Kernel(SoftmaxLongKernel<TWarp>, a => a.LoadStreamKernel<ArrayView<float>, ArrayView<float>, int,
                int>(SoftmaxLongKernel<TWarp>))
                ((g.Lines, ReduceThreads), gpu.Floats(y), gpu.Floats(x), g.Size, log);
        }
    }

    /// <summary>Whole lines in shared memory: the softmax, or its logarithm where <paramref name="log"/> is not 0. One look at x.</summary>
    internal static void SoftmaxKernel<TWarp>(ArrayView<float> y, ArrayView<float> x, LineTile lines, int log) where TWarp : struct, IWarp {
        ArrayView<Float4> tile4 = SharedMemory.Allocate<Float4>(LineTile.Floats / 4);
        ArrayView<float> tile = tile4.Cast<float>(), joined = SharedMemory.Allocate<float>(LineTile.Threads);
        int thread = Group.IdxX, first = lines.First(thread), end = lines.End(Grid.IdxX, thread);
        lines.Load(tile4, x, Grid.IdxX, thread);
        Group.Barrier();
        SoftmaxOfTile<TWarp>(tile, joined, lines, thread, first, end, log);
        Group.Barrier();
        lines.Store(y, tile4, Grid.IdxX, thread);
    }

    /// <summary>Turns a tile of lines into their softmax or its logarithm.</summary>
    private static void SoftmaxOfTile<TWarp>(ArrayView<float> tile, ArrayView<float> joined, LineTile lines, int thread, int first,
        int end, int log) where TWarp : struct, IWarp {
        float max = float.NegativeInfinity, sum = 0;
        for (int i = first; i < end; i += lines.PerLine) max = MathF.Max(max, tile[i]);
        max = GroupJoin.Max<TWarp>(joined, thread, lines.PerLine, max);
        for (int i = first; i < end; i += lines.PerLine) {
            float above = tile[i] - max, e = Elementary.Exp(above);
            sum += e;
            tile[i] = log != 0 ? above : e;
        }
        sum = GroupJoin.Sum<TWarp>(joined, thread, lines.PerLine, sum);
        float last = OnlineSum.Last(max, sum, log);
        for (int i = first; i < end; i += lines.PerLine) tile[i] = log != 0 ? tile[i] - last : tile[i] * last;
    }

    /// <summary>A line, too long for shared memory, a group: one look for the largest value and the sum, one for the result.</summary>
    internal static void SoftmaxLongKernel<TWarp>(ArrayView<float> y, ArrayView<float> x, int size, int log) where TWarp : struct, IWarp {
        ArrayView<float> joined = SharedMemory.Allocate<float>(ReduceThreads);
        int thread = Group.IdxX, start = Grid.IdxX * size, whole = InFours(x, size);
        OnlineSum own = OnlineSum.None;
        ArrayView<Float4> x4 = x.Cast<Float4>(), y4 = y.Cast<Float4>();
        for (int i = 4 * thread; i < whole; i += 4 * ReduceThreads) {
            Float4 v = x4[(start + i) >> 2];
            own.Add(v.X);
            own.Add(v.Y);
            own.Add(v.Z);
            own.Add(v.W);
        }
        for (int i = whole + thread; i < size; i += ReduceThreads) own.Add(x[start + i]);
        float max = GroupJoin.Max<TWarp>(joined, thread, ReduceThreads, own.Max);
        float sum = GroupJoin.Sum<TWarp>(joined, thread, ReduceThreads, own.SumFor(max));
        float last = OnlineSum.Last(max, sum, log);
        for (int i = 4 * thread; i < whole; i += 4 * ReduceThreads) {
            Float4 v = x4[(start + i) >> 2];
            y4[(start + i) >> 2] = Float4.Of(SoftmaxValue(v.X, max, last, log), SoftmaxValue(v.Y, max, last, log),
                SoftmaxValue(v.Z, max, last, log), SoftmaxValue(v.W, max, last, log));
        }
        for (int i = whole + thread; i < size; i += ReduceThreads) y[start + i] = SoftmaxValue(x[start + i], max, last, log);
    }

    /// <summary>Four neighbouring lines, of distant elements, a thread.</summary>
    internal static void SoftmaxColumnsKernel(Index1D i, ArrayView<float> y, ArrayView<float> x, AxisGeometry g, int log) {
        int start = g.StartOfFour(i), count = g.CountOfFour(i), vectors = g.Vectors;
        OnlineSum a = OnlineSum.None, b = a, c = a, d = a;
        for (int step = 0, at = start; step < g.Size; step++, at += g.Inner) {
            Float4 v = Float4.Load(x, at, count, vectors);
            a.Add(v.X);
            b.Add(v.Y);
            c.Add(v.Z);
            d.Add(v.W);
        }
        Float4 last = Float4.Of(OnlineSum.Last(a.Max, a.Sum, log), OnlineSum.Last(b.Max, b.Sum, log),
            OnlineSum.Last(c.Max, c.Sum, log), OnlineSum.Last(d.Max, d.Sum, log));
        for (int step = 0, at = start; step < g.Size; step++, at += g.Inner) {
            Float4 v = Float4.Load(x, at, count, vectors);
            Float4.Of(SoftmaxValue(v.X, a.Max, last.X, log), SoftmaxValue(v.Y, b.Max, last.Y, log), SoftmaxValue(v.Z, c.Max, last.Z, log),
                SoftmaxValue(v.W, d.Max, last.W, log)).Store(y, at, count, vectors);
        }
    }

    private static float SoftmaxValue(float x, float max, float last, int log) =>
        log != 0 ? x - max - last : Elementary.Exp(x - max) * last;

    /// <summary>How many of a line's elements go in accesses of four: all where that keeps every line at a multiple of four, all but the
    /// last few where there is only one line, else none.</summary>
    private static int InFours(ArrayView<float> x, int size) => size % 4 == 0 || x.IntLength == size ? size & ~3 : 0;
}
