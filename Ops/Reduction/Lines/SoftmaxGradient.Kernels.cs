using ILGPU;
using ILGPU.Runtime;

namespace DenseEngine.Ops;

public static partial class Op {
    private static void SoftmaxGradientGpu(GpuDevice gpu, Tensor dx, Tensor y, Tensor dy, AxisGeometry g, int log) {
        if (gpu.HasShuffles) SoftmaxGradientWith<Shuffles>(gpu, dx, y, dy, g, log);
        else SoftmaxGradientWith<NoShuffles>(gpu, dx, y, dy, g, log);
    }

    private static void SoftmaxGradientWith<TWarp>(GpuDevice gpu, Tensor dx, Tensor y, Tensor dy, AxisGeometry g, int log)
        where TWarp : struct, IWarp {
        if (dx.Count == 0) return;
        if (g.Inner > 1) {
            gpu.Kernel(SoftmaxGradientColumnsKernel, a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<float>, ArrayView<float>,
                ArrayView<float>, AxisGeometry, int>(SoftmaxGradientColumnsKernel))
                (g.Fours, gpu.Floats(dx), gpu.Floats(y), gpu.Floats(dy), g, log);
        } else if (LineQuads.Fits(g.Size)) {
            SoftmaxGradientQuadsGpu<TWarp>(gpu, dx, y, dy, new LineQuads(g.Lines, g.Size), log);
        } else if (LineTile.Fits(g.Size)) {
            var lines = new LineTile(g.Lines, g.Size);
            gpu.Kernel(SoftmaxGradientKernel<TWarp>, a => a.LoadStreamKernel<ArrayView<float>, ArrayView<float>, ArrayView<float>,
                LineTile, int>(SoftmaxGradientKernel<TWarp>))
                ((lines.Groups, LineTile.Threads), gpu.Floats(dx), gpu.Floats(y), gpu.Floats(dy), lines, log);
        } else {
            gpu.Kernel(SoftmaxGradientLongKernel<TWarp>, a => a.LoadStreamKernel<ArrayView<float>, ArrayView<float>, ArrayView<float>,
                int, int>(SoftmaxGradientLongKernel<TWarp>))
                ((g.Lines, ReduceThreads), gpu.Floats(dx), gpu.Floats(y), gpu.Floats(dy), g.Size, log);
        }
    }

    /// <summary>Whole lines in shared memory: the gradient by the softmax's input, or by its logarithm's.</summary>
    internal static void SoftmaxGradientKernel<TWarp>(ArrayView<float> dx, ArrayView<float> y, ArrayView<float> dy, LineTile lines,
        int log) where TWarp : struct, IWarp {
        ArrayView<Float4> tile4 = SharedMemory.Allocate<Float4>(LineTile.Floats / 4),
            slope4 = SharedMemory.Allocate<Float4>(LineTile.Floats / 4);
        ArrayView<float> tile = tile4.Cast<float>(), slope = slope4.Cast<float>();
        ArrayView<float> joined = SharedMemory.Allocate<float>(LineTile.Threads);
        int thread = Group.IdxX, first = lines.First(thread), end = lines.End(Grid.IdxX, thread);
        lines.Load(tile4, y, Grid.IdxX, thread);
        lines.Load(slope4, dy, Grid.IdxX, thread);
        Group.Barrier();
        float sum = 0;
        for (int i = first; i < end; i += lines.PerLine) sum += SoftmaxTerm(tile[i], slope[i], log);
        sum = GroupJoin.Sum<TWarp>(joined, thread, lines.PerLine, sum);
        for (int i = first; i < end; i += lines.PerLine) tile[i] = SoftmaxSlope(tile[i], slope[i], sum, log);
        Group.Barrier();
        lines.Store(dx, tile4, Grid.IdxX, thread);
    }

    /// <summary>A line, too long for shared memory, a group.</summary>
    internal static void SoftmaxGradientLongKernel<TWarp>(ArrayView<float> dx, ArrayView<float> y, ArrayView<float> dy, int size,
        int log) where TWarp : struct, IWarp {
        ArrayView<float> joined = SharedMemory.Allocate<float>(ReduceThreads);
        int thread = Group.IdxX, start = Grid.IdxX * size, whole = InFours(y, size);
        ArrayView<Float4> dx4 = dx.Cast<Float4>(), y4 = y.Cast<Float4>(), dy4 = dy.Cast<Float4>();
        Float4 sums = default;
        for (int i = 4 * thread; i < whole; i += 4 * ReduceThreads) {
            Float4 v = y4[(start + i) >> 2], d = dy4[(start + i) >> 2];
            AddSoftmaxTerms(ref sums, v, d, log);
        }
        for (int i = whole + thread; i < size; i += ReduceThreads) sums.X += SoftmaxTerm(y[start + i], dy[start + i], log);
        float sum = GroupJoin.Sum<TWarp>(joined, thread, ReduceThreads, sums.X + sums.Y + (sums.Z + sums.W));
        for (int i = 4 * thread; i < whole; i += 4 * ReduceThreads) {
            int at = (start + i) >> 2;
            dx4[at] = SoftmaxSlopes(y4[at], dy4[at], Float4.Splat(sum), log);
        }
        for (int i = whole + thread; i < size; i += ReduceThreads) dx[start + i] = SoftmaxSlope(y[start + i], dy[start + i], sum, log);
    }

    /// <summary>Four neighbouring lines, of distant elements, a thread.</summary>
    internal static void SoftmaxGradientColumnsKernel(Index1D i, ArrayView<float> dx, ArrayView<float> y, ArrayView<float> dy,
        AxisGeometry g, int log) {
        int start = g.StartOfFour(i), count = g.CountOfFour(i), vectors = g.Vectors;
        Float4 sums = default;
        for (int step = 0, at = start; step < g.Size; step++, at += g.Inner)
            AddSoftmaxTerms(ref sums, Float4.Load(y, at, count, vectors), Float4.Load(dy, at, count, vectors), log);
        for (int step = 0, at = start; step < g.Size; step++, at += g.Inner)
            SoftmaxSlopes(Float4.Load(y, at, count, vectors), Float4.Load(dy, at, count, vectors), sums, log)
                .Store(dx, at, count, vectors);
    }

    private static float SoftmaxTerm(float y, float dy, int log) => log != 0 ? dy : y * dy;

    private static float SoftmaxSlope(float y, float dy, float sum, int log) => log != 0 ? dy - Elementary.Exp(y) * sum : y * (dy - sum);

    private static void AddSoftmaxTerms(ref Float4 sums, Float4 y, Float4 dy, int log) {
        sums.X += SoftmaxTerm(y.X, dy.X, log);
        sums.Y += SoftmaxTerm(y.Y, dy.Y, log);
        sums.Z += SoftmaxTerm(y.Z, dy.Z, log);
        sums.W += SoftmaxTerm(y.W, dy.W, log);
    }

    private static Float4 SoftmaxSlopes(Float4 y, Float4 dy, Float4 sum, int log) => Float4.Of(SoftmaxSlope(y.X, dy.X, sum.X, log),
        SoftmaxSlope(y.Y, dy.Y, sum.Y, log), SoftmaxSlope(y.Z, dy.Z, sum.Z, log), SoftmaxSlope(y.W, dy.W, sum.W, log));
}
