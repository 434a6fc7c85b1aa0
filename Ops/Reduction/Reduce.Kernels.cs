using ILGPU;
using ILGPU.Runtime;

namespace DenseEngine.Ops;

public static partial class Op {
    /// <summary>Threads of a group; elements of an output that one group of threads combines. The cut depends on sizes alone, so the same
    /// inputs give the same bits.</summary>
    internal const int ReduceThreads = 256, ReduceRowPart = 16 * ReduceThreads;

    private static void ReduceGpu<TOp>(GpuDevice gpu, Tensor y, Tensor x, ReductionGeometry g, TOp op) where TOp : unmanaged, IReduction {
        if (gpu.HasShuffles) ReduceWith<TOp, Shuffles>(gpu, y, x, g, op);
        else ReduceWith<TOp, NoShuffles>(gpu, y, x, g, op);
    }

    private static void ReduceWith<TOp, TWarp>(GpuDevice gpu, Tensor y, Tensor x, ReductionGeometry g, TOp op)
        where TOp : unmanaged, IReduction where TWarp : struct, IWarp {
        if (g.ReducedCount == 0) gpu.Fill(y, op.Finish(op.Neutral, 0));
        else if (g.KeptCount > 0) ReducePart<TOp, TWarp>(gpu, y, x, g, op, g.ReducedCount);
    }

    /// <summary>Combines parts of the elements, then in the same way the parts' results, until one is left; every level's sums are short,
    /// so that single precision serves.</summary>
    private static void ReducePart<TOp, TWarp>(GpuDevice gpu, Tensor y, Tensor x, ReductionGeometry g, TOp op, int count)
        where TOp : unmanaged, IReduction where TWarp : struct, IWarp {
        bool columns = g.InnerIsKept;
        if (!columns && g.IsMatrix && LineTile.Fits(g.ReducedCount)) {
            var lines = new LineTile(g.KeptCount, g.ReducedCount);
            gpu.Kernel(ReduceLinesKernel<TOp, TWarp>, a => a.LoadStreamKernel<ArrayView<float>, ArrayView<float>, LineTile, int,
                TOp>(ReduceLinesKernel<TOp, TWarp>))
                ((lines.Groups, LineTile.Threads), gpu.Floats(y), gpu.Floats(x), lines, count, op);
            return;
        }
        var cut = new ColumnCut(1, g.ReducedCount, columns ? g.KeptFours : 1);
        int parts = columns ? cut.Parts : (g.ReducedCount + ReduceRowPart - 1) / ReduceRowPart;
        using Tensor? partial = parts == 1 ? null : new Tensor(gpu, columns ? [parts, g.KeptCount] : [g.KeptCount, parts]);
        Tensor to = partial ?? y;
        int finish = parts == 1 ? count : 0;
        if (columns)
            gpu.Kernel(ReduceColumnsKernel<TOp>, a => a.LoadStreamKernel<ArrayView<float>, ArrayView<float>, ReductionGeometry, ColumnCut,
                int, TOp>(ReduceColumnsKernel))
                ((cut.Groups, ColumnCut.Threads), gpu.Floats(to), gpu.Floats(x), g, cut, finish, op);
        else
            gpu.Kernel(ReduceRowsKernel<TOp, TWarp>, a => a.LoadStreamKernel<ArrayView<float>, ArrayView<float>, ReductionGeometry, int,
                int, TOp>(ReduceRowsKernel<TOp, TWarp>))
                ((checked(parts * g.KeptCount), ReduceThreads), gpu.Floats(to), gpu.Floats(x), g, parts, finish, op);
        if (partial is not null) ReducePart<TOp, TWarp>(gpu, y, partial, new ReductionGeometry(partial.Shape, [columns, !columns]), op,
            count);
    }

    private static void SpreadGpu(GpuDevice gpu, Tensor x, Tensor y, ReductionGeometry geometry, float scale) {
        if (x.Count == 0) return;
        gpu.Kernel(SpreadKernel, a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<float>, ArrayView<float>, ReductionGeometry,
            float>(SpreadKernel))
            (geometry.Fours, gpu.Floats(x), gpu.Floats(y), geometry, scale);
    }

    /// <summary>Whole lines in shared memory, each an output.</summary>
    internal static void ReduceLinesKernel<TOp, TWarp>(ArrayView<float> y, ArrayView<float> x, LineTile lines, int count, TOp op)
        where TOp : unmanaged, IReduction where TWarp : struct, IWarp {
        ArrayView<Float4> tile4 = SharedMemory.Allocate<Float4>(LineTile.Floats / 4);
        ArrayView<float> tile = tile4.Cast<float>(), joined = SharedMemory.Allocate<float>(LineTile.Threads);
        int thread = Group.IdxX, first = lines.First(thread), end = lines.End(Grid.IdxX, thread);
        lines.Load(tile4, x, Grid.IdxX, thread);
        Group.Barrier();
        float own = op.Neutral;
        for (int i = first; i < end; i += lines.PerLine) own = op.Combine(own, tile[i]);
        own = GroupJoin.Of<TOp, TWarp>(joined, thread, lines.PerLine, own, op);
        if (thread % lines.PerLine == 0 && end > 0) y[lines.Line(Grid.IdxX, thread)] = op.Finish(own, count);
    }

    /// <summary>Neighbouring elements make one output: a group combines a part of them, first each thread its own, then all in a tree. With
    /// a count, the result is an output.</summary>
    internal static void ReduceRowsKernel<TOp, TWarp>(ArrayView<float> y, ArrayView<float> x, ReductionGeometry g, int parts, int count,
        TOp op) where TOp : unmanaged, IReduction where TWarp : struct, IWarp {
        ArrayView<float> joined = SharedMemory.Allocate<float>(ReduceThreads);
        int thread = Group.IdxX, output = Grid.IdxX / parts, from = (Grid.IdxX - output * parts) * ReduceRowPart;
        int until = Math.Min(from + ReduceRowPart, g.ReducedCount), start = g.KeptOffset(output), whole = from;
        if (g.Vectors != 0) whole = until & ~3;
        ArrayView<Float4> x4 = x.Cast<Float4>();
        Float4 owns = Float4.Splat(op.Neutral);
        int next = from + 4 * thread;
        for (; next + 12 * ReduceThreads < whole; next += 16 * ReduceThreads) {   // four loads at a time are on their way
            Float4 a = x4[(start + g.ReducedOffset(next)) >> 2], b = x4[(start + g.ReducedOffset(next + 4 * ReduceThreads)) >> 2],
                c = x4[(start + g.ReducedOffset(next + 8 * ReduceThreads)) >> 2],
                d = x4[(start + g.ReducedOffset(next + 12 * ReduceThreads)) >> 2];
            CombineFours(ref owns, a, op);
            CombineFours(ref owns, b, op);
            CombineFours(ref owns, c, op);
            CombineFours(ref owns, d, op);
        }
        for (; next < whole; next += 4 * ReduceThreads) CombineFours(ref owns, x4[(start + g.ReducedOffset(next)) >> 2], op);
        for (int j = whole + thread; j < until; j += ReduceThreads) owns.X = op.Combine(owns.X, x[start + g.ReducedOffset(j)]);
        float own = op.Combine(op.Combine(owns.X, owns.Y), op.Combine(owns.Z, owns.W));
        own = GroupJoin.Of<TOp, TWarp>(joined, thread, ReduceThreads, own, op);
        if (thread != 0) return;
        if (count != 0) own = op.Finish(own, count);
        y[Grid.IdxX] = own;
    }

    /// <summary>Outputs are neighbours: a group combines a part of the elements of some lanes of four. With a count, the results are
    /// outputs.</summary>
    internal static void ReduceColumnsKernel<TOp>(ArrayView<float> y, ArrayView<float> x, ReductionGeometry g, ColumnCut cut, int count,
        TOp op) where TOp : unmanaged, IReduction {
        ArrayView<Float4> tree = SharedMemory.Allocate<Float4>(ColumnCut.Threads), x4 = x.Cast<Float4>();
        int thread = Group.IdxX, part = cut.Part(Grid.IdxX), step = cut.RowThreads;
        (int lane, int rowThread) = cut.Place(Grid.IdxX, thread);
        Float4 a = Float4.Splat(op.Neutral), b = a, c = a, d = a;
        int output = 0, here = 0;
        if (cut.Has(lane, rowThread)) {
            output = g.FirstOfKeptFour(lane);
            here = g.CountOfFour(lane);
            int start = g.KeptOffset(output), j = part * cut.PartRows + rowThread, end = Math.Min((part + 1) * cut.PartRows, cut.Rows);
            if (g.Vectors != 0 && here > 3) {
                for (; j + 3 * step < end; j += 4 * step) {   // four loads at a time are on their way
                    Float4 first = x4[(start + g.ReducedOffset(j)) >> 2], second = x4[(start + g.ReducedOffset(j + step)) >> 2],
                        third = x4[(start + g.ReducedOffset(j + 2 * step)) >> 2],
                        fourth = x4[(start + g.ReducedOffset(j + 3 * step)) >> 2];
                    CombineFours(ref a, first, op);
                    CombineFours(ref b, second, op);
                    CombineFours(ref c, third, op);
                    CombineFours(ref d, fourth, op);
                }
            }
            for (; j < end; j += step) CombineFours(ref a, Float4.Load(x, start + g.ReducedOffset(j), here, g.Vectors), op);
        }
        CombineFours(ref a, b, op);
        CombineFours(ref c, d, op);
        CombineFours(ref a, c, op);
        a = cut.Join(tree, thread, a, op);
        if (rowThread != 0 || here == 0) return;
        if (count != 0) a = Float4.Of(op.Finish(a.X, count), op.Finish(a.Y, count), op.Finish(a.Z, count), op.Finish(a.W, count));
        a.Store(y, part * g.KeptCount + output, here, g.Vectors);
    }

    /// <summary>Four neighbouring elements a thread get their outputs' values.</summary>
    internal static void SpreadKernel(Index1D i, ArrayView<float> x, ArrayView<float> y, ReductionGeometry g, float scale) {
        int count = g.CountOfFour(i);
        Float4 v = g.OutputsOfFour(y, i);
        Float4.Of(v.X * scale, v.Y * scale, v.Z * scale, v.W * scale).Store(x, g.PlaceOfFour(i), count, g.Vectors);
    }

    internal static void CombineFours<TOp>(ref Float4 sum, Float4 v, TOp op) where TOp : unmanaged, IReduction {
        sum.X = op.Combine(sum.X, v.X);
        sum.Y = op.Combine(sum.Y, v.Y);
        sum.Z = op.Combine(sum.Z, v.Z);
        sum.W = op.Combine(sum.W, v.W);
    }
}
