using ILGPU;
using ILGPU.Runtime;

namespace DenseEngine.Ops;

public static partial class Op {
    private static void ExtremeGpu<TOp>(GpuDevice gpu, Tensor values, Tensor indices, Tensor x, AxisGeometry g, TOp op)
        where TOp : unmanaged, IExtreme {
        if (values.Count == 0) return;
        if (ByGroups(g))
            gpu.Kernel(ExtremeGroupKernel<TOp>, a => a.LoadStreamKernel<ArrayView<float>, ArrayView<int>, ArrayView<float>, AxisGeometry,
                TOp>(ExtremeGroupKernel))
                ((g.Lines, ReduceThreads), gpu.Floats(values), gpu.Integers(indices), gpu.Floats(x), g, op);
        else
            gpu.Kernel(ExtremeKernel<TOp>, a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<float>, ArrayView<int>, ArrayView<float>,
                AxisGeometry, TOp>(ExtremeKernel))
                (g.Lines, gpu.Floats(values), gpu.Integers(indices), gpu.Floats(x), g, op);
    }

    private static void PlaceGpu(GpuDevice gpu, Tensor dx, Tensor dy, Tensor indices, AxisGeometry g) {
        if (dy.Count == 0) return;
        gpu.Kernel(PlaceKernel, a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<float>, ArrayView<float>, ArrayView<int>,
            AxisGeometry>(PlaceKernel))
            (g.Lines, gpu.Floats(dx), gpu.Floats(dy), gpu.Integers(indices), g);
    }

    /// <summary>One line a thread.</summary>
    internal static void ExtremeKernel<TOp>(Index1D line, ArrayView<float> values, ArrayView<int> indices, ArrayView<float> x,
        AxisGeometry g, TOp op) where TOp : unmanaged, IExtreme {
        int start = g.Start(line), index = 0;
        float best = x[start];
        for (int i = 1; i < g.Size; i++) {
            float here = x[start + i * g.Inner];
            if (!op.Better(here, best)) continue;
            best = here;
            index = i;
        }
        values[line] = best;
        indices[line] = index;
    }

    /// <summary>One line, of at least as many elements as threads, a group: each thread the best of its own, then all in a tree, in which
    /// the lower index wins among equals.</summary>
    internal static void ExtremeGroupKernel<TOp>(ArrayView<float> values, ArrayView<int> indices, ArrayView<float> x, AxisGeometry g,
        TOp op) where TOp : unmanaged, IExtreme {
        ArrayView<float> bests = SharedMemory.Allocate<float>(ReduceThreads);
        ArrayView<int> places = SharedMemory.Allocate<int>(ReduceThreads);
        int thread = Group.IdxX, line = Grid.IdxX, start = line * g.Size, index = thread;
        float best = x[start + thread];
        for (int i = thread + ReduceThreads; i < g.Size; i += ReduceThreads) {
            float here = x[start + i];
            if (!op.Better(here, best)) continue;
            best = here;
            index = i;
        }
        bests[thread] = best;
        places[thread] = index;
        Group.Barrier();
        for (int half = ReduceThreads / 2; half > 0; half /= 2) {
            if (thread < half) {
                float other = bests[thread + half];
                int place = places[thread + half];
                if (op.Better(other, best) || (!op.Better(best, other) && place < index)) {
                    bests[thread] = best = other;
                    places[thread] = index = place;
                }
            }
            Group.Barrier();
        }
        if (thread != 0) return;
        values[line] = best;
        indices[line] = index;
    }

    /// <summary>One line a thread: its gradient goes where its extreme stands.</summary>
    internal static void PlaceKernel(Index1D line, ArrayView<float> dx, ArrayView<float> dy, ArrayView<int> indices, AxisGeometry g) =>
        dx[g.Start(line) + indices[line] * g.Inner] = dy[line];

    private static void ShareAmongTiesGpu(GpuDevice gpu, Tensor dx, Tensor dy, Tensor x, Tensor y, ReductionGeometry g) {
        if (dx.Count == 0) return;
        gpu.Kernel(ShareAmongTiesKernel, a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<float>, ArrayView<float>, ArrayView<float>,
            ArrayView<float>, ReductionGeometry>(ShareAmongTiesKernel))
            (g.KeptCount, gpu.Floats(dx), gpu.Floats(dy), gpu.Floats(x), gpu.Floats(y), g);
    }

    /// <summary>One output a thread.</summary>
    internal static void ShareAmongTiesKernel(Index1D output, ArrayView<float> dx, ArrayView<float> dy, ArrayView<float> x,
        ArrayView<float> y, ReductionGeometry g) {
        int start = g.KeptOffset(output), ties = 0;
        float extreme = y[output];
        for (int j = 0; j < g.ReducedCount; j++)
            if (Ties(x[start + g.ReducedOffset(j)], extreme)) ties++;
        float share = dy[output] / ties;
        for (int j = 0; j < g.ReducedCount; j++) {
            int at = start + g.ReducedOffset(j);
            dx[at] = Ties(x[at], extreme) ? share : 0;
        }
    }

    /// <summary>Equal, or both NaN.</summary>
    private static bool Ties(float a, float b) => a == b || (float.IsNaN(a) && float.IsNaN(b));
}
