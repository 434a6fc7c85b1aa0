using ILGPU;
using ILGPU.Runtime;

namespace DenseEngine.Ops;

public static partial class Op {
    /// <summary>Threads of a group; elements of an output that one group of threads, or one thread, combines. The cut depends on sizes
    /// alone, so the same inputs give the same bits.</summary>
    internal const int ReduceThreads = 256, ReduceRowPart = 16 * ReduceThreads, ReduceColumnPart = 128;

    private static void ReduceGpu<TOp>(GpuDevice gpu, Tensor y, Tensor x, ReductionGeometry geometry, TOp op) where TOp
        : unmanaged, IReduction {
        if (geometry.KeptCount == 0) return;
        bool columns = geometry.InnerIsKept || geometry.ReducedCount <= ReduceColumnPart;   // short rows are not worth a group
        int size = columns ? ReduceColumnPart : ReduceRowPart, parts = (geometry.ReducedCount + size - 1) / size;
        using var partial = new Tensor(gpu, [Math.Max(2, checked(2 * parts * geometry.KeptCount))]);
        ArrayView<double> sums = gpu.Floats(partial).Cast<double>();
        if (parts > 0 && columns) {
            var grid = new Index2D((geometry.KeptCount + ReduceThreads - 1) / ReduceThreads, parts);
            gpu.Kernel(ReduceColumnsKernel<TOp>, a => a.LoadStreamKernel<ArrayView<double>, ArrayView<float>, ReductionGeometry,
                TOp>(ReduceColumnsKernel))
                ((grid, new Index2D(ReduceThreads, 1)), sums, gpu.Floats(x), geometry, op);
        } else if (parts > 0) {
            gpu.Kernel(ReduceRowsKernel<TOp>, a => a.LoadStreamKernel<ArrayView<double>, ArrayView<float>, ReductionGeometry,
                TOp>(ReduceRowsKernel))
                ((new Index2D(geometry.KeptCount, parts), new Index2D(ReduceThreads, 1)), sums, gpu.Floats(x), geometry, op);
        }
        gpu.Kernel(ReduceFinishKernel<TOp>,
            a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<float>, ArrayView<double>, int, int, TOp>(ReduceFinishKernel))
            (geometry.KeptCount, gpu.Floats(y), sums, parts, geometry.ReducedCount, op);
    }

    private static void SpreadGpu(GpuDevice gpu, Tensor x, Tensor y, ReductionGeometry geometry, float scale) {
        if (x.Count == 0) return;
        gpu.Kernel(SpreadKernel, a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<float>, ArrayView<float>, ReductionGeometry,
            float>(SpreadKernel))
            (x.Count, gpu.Floats(x), gpu.Floats(y), geometry, scale);
    }

    /// <summary>Neighbouring elements make one output: a group of threads combines a part of them, first each thread its own in single
    /// precision, then all in a tree in double precision.</summary>
    internal static void ReduceRowsKernel<TOp>(ArrayView<double> partial, ArrayView<float> x, ReductionGeometry geometry, TOp op)
        where TOp : unmanaged, IReduction {
        ArrayView<double> tree = SharedMemory.Allocate<double>(ReduceThreads);
        int thread = Group.IdxX, output = Grid.IdxX, from = Grid.IdxY * ReduceRowPart;
        int until = Math.Min(from + ReduceRowPart, geometry.ReducedCount), start = geometry.KeptOffset(output);
        float own = op.Neutral;
        for (int j = from + thread; j < until; j += ReduceThreads) own = op.Combine(own, x[start + geometry.ReducedOffset(j)]);
        tree[thread] = own;
        Group.Barrier();
        for (int half = ReduceThreads / 2; half > 0; half /= 2) {
            if (thread < half) tree[thread] = op.Combine(tree[thread], tree[thread + half]);
            Group.Barrier();
        }
        if (thread == 0) partial[Grid.IdxY * geometry.KeptCount + output] = tree[0];
    }

    /// <summary>Outputs are neighbours, or have few elements: a thread combines a part of one.</summary>
    internal static void ReduceColumnsKernel<TOp>(ArrayView<double> partial, ArrayView<float> x, ReductionGeometry geometry, TOp op)
        where TOp : unmanaged, IReduction {
        int output = Grid.IdxX * ReduceThreads + Group.IdxX, from = Grid.IdxY * ReduceColumnPart;
        if (output >= geometry.KeptCount) return;
        int until = Math.Min(from + ReduceColumnPart, geometry.ReducedCount), start = geometry.KeptOffset(output);
        float own = op.Neutral;
        for (int j = from; j < until; j++) own = op.Combine(own, x[start + geometry.ReducedOffset(j)]);
        partial[Grid.IdxY * geometry.KeptCount + output] = own;
    }

    /// <summary>The parts of an output, in order.</summary>
    internal static void ReduceFinishKernel<TOp>(Index1D output, ArrayView<float> y, ArrayView<double> partial, int parts, int count,
        TOp op)
        where TOp : unmanaged, IReduction {
        double total = op.Neutral;
        for (int part = 0; part < parts; part++) total = op.Combine(total, partial[part * y.IntLength + output]);
        y[output] = op.Finish(total, count);
    }

    /// <summary>Each thread gives one element its output's value; neighbouring threads take neighbouring elements.</summary>
    internal static void SpreadKernel(Index1D i, ArrayView<float> x, ArrayView<float> y, ReductionGeometry geometry, float scale) {
        int kept = i / geometry.ReducedCount, reduced = i - kept * geometry.ReducedCount;
        if (geometry.InnerIsKept) {
            reduced = i / geometry.KeptCount;
            kept = i - reduced * geometry.KeptCount;
        }
        x[geometry.KeptOffset(kept) + geometry.ReducedOffset(reduced)] = y[kept] * scale;
    }
}
