using ILGPU;
using ILGPU.Runtime;

namespace DenseEngine.Ops;

public static partial class Op {
    /// <summary>The place of a best element while there is none.</summary>
    private const int NoPlace = int.MaxValue;

    private static void ExtremeGpu<TOp>(GpuDevice gpu, Tensor values, Tensor indices, Tensor x, AxisGeometry g, TOp op)
        where TOp : unmanaged, IExtreme {
        if (gpu.HasShuffles) ExtremeWith<TOp, Shuffles>(gpu, values, indices, x, g, op);
        else ExtremeWith<TOp, NoShuffles>(gpu, values, indices, x, g, op);
    }

    private static void ExtremeWith<TOp, TWarp>(GpuDevice gpu, Tensor values, Tensor indices, Tensor x, AxisGeometry g, TOp op)
        where TOp : unmanaged, IExtreme where TWarp : struct, IWarp {
        if (values.Count == 0) return;
        if (g.Inner > 1) {
            gpu.Kernel(ExtremeColumnsKernel<TOp>, a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<float>, ArrayView<int>,
                ArrayView<float>, AxisGeometry, TOp>(ExtremeColumnsKernel))
                (g.Fours, gpu.Floats(values), gpu.Integers(indices), gpu.Floats(x), g, op);
        } else if (LineTile.Fits(g.Size)) {
            var lines = new LineTile(g.Lines, g.Size);
            gpu.Kernel(ExtremeKernel<TOp, TWarp>, a => a.LoadStreamKernel<ArrayView<float>, ArrayView<int>, ArrayView<float>, LineTile,
                TOp>(ExtremeKernel<TOp, TWarp>))
                ((lines.Groups, LineTile.Threads), gpu.Floats(values), gpu.Integers(indices), gpu.Floats(x), lines, op);
        } else {
            gpu.Kernel(ExtremeLongKernel<TOp, TWarp>, a => a.LoadStreamKernel<ArrayView<float>, ArrayView<int>, ArrayView<float>, int,
                TOp>(ExtremeLongKernel<TOp, TWarp>))
                ((g.Lines, ReduceThreads), gpu.Floats(values), gpu.Integers(indices), gpu.Floats(x), g.Size, op);
        }
    }

    private static void PlaceGpu(GpuDevice gpu, Tensor dx, Tensor dy, Tensor indices, AxisGeometry g) {
        if (dx.Count == 0) return;
        gpu.Kernel(PlaceKernel, a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<float>, ArrayView<float>, ArrayView<int>,
            AxisGeometry>(PlaceKernel))
            (Fours(dx.Count), gpu.Floats(dx), gpu.Floats(dy), gpu.Integers(indices), g);
    }

    /// <summary>Whole lines in shared memory; the threads of a line find the best of their own, then of all.</summary>
    internal static void ExtremeKernel<TOp, TWarp>(ArrayView<float> values, ArrayView<int> indices, ArrayView<float> x, LineTile lines,
        TOp op) where TOp : unmanaged, IExtreme where TWarp : struct, IWarp {
        ArrayView<Float4> tile4 = SharedMemory.Allocate<Float4>(LineTile.Floats / 4);
        ArrayView<float> tile = tile4.Cast<float>(), bests = SharedMemory.Allocate<float>(LineTile.Threads);
        ArrayView<int> places = SharedMemory.Allocate<int>(LineTile.Threads);
        int thread = Group.IdxX, first = lines.First(thread), end = lines.End(Grid.IdxX, thread), index = NoPlace;
        float best = 0;
        lines.Load(tile4, x, Grid.IdxX, thread);
        Group.Barrier();
        for (int i = first, place = thread % lines.PerLine; i < end; i += lines.PerLine, place += lines.PerLine)
            TakeBetter(ref best, ref index, tile[i], place, op);
        JoinExtremes<TOp, TWarp>(bests, places, thread, lines.PerLine, ref best, ref index, op);
        if (thread % lines.PerLine != 0 || end == 0) return;
        values[lines.Line(Grid.IdxX, thread)] = best;
        indices[lines.Line(Grid.IdxX, thread)] = index;
    }

    /// <summary>A line, too long for shared memory, a group.</summary>
    internal static void ExtremeLongKernel<TOp, TWarp>(ArrayView<float> values, ArrayView<int> indices, ArrayView<float> x, int size,
        TOp op) where TOp : unmanaged, IExtreme where TWarp : struct, IWarp {
        ArrayView<float> bests = SharedMemory.Allocate<float>(ReduceThreads);
        ArrayView<int> places = SharedMemory.Allocate<int>(ReduceThreads);
        ArrayView<Float4> x4 = x.Cast<Float4>();
        int thread = Group.IdxX, start = Grid.IdxX * size, whole = InFours(x, size), index = NoPlace;
        float best = 0;
        for (int i = 4 * thread; i < whole; i += 4 * ReduceThreads) {
            Float4 v = x4[(start + i) >> 2];
            TakeBetter(ref best, ref index, v.X, i, op);
            TakeBetter(ref best, ref index, v.Y, i + 1, op);
            TakeBetter(ref best, ref index, v.Z, i + 2, op);
            TakeBetter(ref best, ref index, v.W, i + 3, op);
        }
        for (int i = whole + thread; i < size; i += ReduceThreads) TakeBetter(ref best, ref index, x[start + i], i, op);
        JoinExtremes<TOp, TWarp>(bests, places, thread, ReduceThreads, ref best, ref index, op);
        if (thread != 0) return;
        values[Grid.IdxX] = best;
        indices[Grid.IdxX] = index;
    }

    /// <summary>Four neighbouring lines, of distant elements, a thread.</summary>
    internal static void ExtremeColumnsKernel<TOp>(Index1D i, ArrayView<float> values, ArrayView<int> indices, ArrayView<float> x,
        AxisGeometry g, TOp op) where TOp : unmanaged, IExtreme {
        int at = g.StartOfFour(i), count = g.CountOfFour(i), vectors = g.Vectors;
        Float4 best = Float4.Load(x, at, count, vectors);
        Int4 index = default;
        for (int step = 1; step < g.Size; step++) {
            at += g.Inner;
            Float4 v = Float4.Load(x, at, count, vectors);
            TakeBetter(ref best.X, ref index.X, v.X, step, op);
            TakeBetter(ref best.Y, ref index.Y, v.Y, step, op);
            TakeBetter(ref best.Z, ref index.Z, v.Z, step, op);
            TakeBetter(ref best.W, ref index.W, v.W, step, op);
        }
        best.Store(values, g.LineOfFour(i), count, vectors);
        index.Store(indices, g.LineOfFour(i), count, vectors);
    }

    /// <summary>Four neighbouring elements a thread: a line's gradient where its extreme stands, else 0.</summary>
    internal static void PlaceKernel(Index1D i, ArrayView<float> dx, ArrayView<float> dy, ArrayView<int> indices, AxisGeometry g) {
        int at = 4 * i, last = dx.IntLength - 1;
        Float4.Of(PlacedAt(at, dy, indices, g), PlacedAt(Math.Min(at + 1, last), dy, indices, g),
            PlacedAt(Math.Min(at + 2, last), dy, indices, g), PlacedAt(Math.Min(at + 3, last), dy, indices, g))
            .Store(dx, at, dx.IntLength - at, 1);
    }

    private static float PlacedAt(int at, ArrayView<float> dy, ArrayView<int> indices, AxisGeometry g) {
        int row = at / g.Inner, outer = row / g.Size, line = outer * g.Inner + at - row * g.Inner;
        float result = 0;
        if (indices[line] == row - outer * g.Size) result = dy[line];
        return result;
    }

    private static void TakeBetter<TOp>(ref float best, ref int index, float here, int place, TOp op) where TOp : unmanaged, IExtreme {
        if (index != NoPlace && !op.Better(here, best)) return;
        best = here;
        index = place;
    }

    /// <summary>The best of each <paramref name="width"/> neighbouring threads, for all of them; the lower index wins among
    /// equals.</summary>
    private static void JoinExtremes<TOp, TWarp>(ArrayView<float> bests, ArrayView<int> places, int thread, int width, ref float best,
        ref int index, TOp op) where TOp : unmanaged, IExtreme where TWarp : struct, IWarp {
        int distance = 1;
        for (int near = Math.Min(width, TWarp.Width); distance < near; distance *= 2)
            TakeExtreme(ref best, ref index, TWarp.Swap(best, distance), TWarp.Swap(index, distance), op);
        for (; distance < width; distance *= 2) {
            Group.Barrier();
            bests[thread] = best;
            places[thread] = index;
            Group.Barrier();
            TakeExtreme(ref best, ref index, bests[thread ^ distance], places[thread ^ distance], op);
        }
    }

    private static void TakeExtreme<TOp>(ref float best, ref int index, float other, int place, TOp op) where TOp : unmanaged, IExtreme {
        if (place == NoPlace) return;
        if (index != NoPlace && !op.Better(other, best) && (op.Better(best, other) || place > index)) return;
        best = other;
        index = place;
    }
}
