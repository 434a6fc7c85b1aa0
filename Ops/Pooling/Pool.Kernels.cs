using ILGPU;
using ILGPU.Runtime;

namespace DenseEngine.Ops;

public static partial class Op {
    private static void MaxPoolGpu(GpuDevice gpu, Tensor y, Tensor? indices, Tensor x, PoolGeometry pool) {
        if (y.Count == 0) return;
        gpu.Kernel(MaxPoolKernel, a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<float>, ArrayView<int>, ArrayView<float>, int, int,
            PoolGeometry>(MaxPoolKernel))
            (y.Count / PoolWidth(pool), gpu.Floats(y), indices is null ? default : gpu.Integers(indices), gpu.Floats(x),
            indices is null ? 0 : 1, PoolWidth(pool), pool);
    }

    private static void MaxPoolGradientGpu(GpuDevice gpu, Tensor dx, Tensor dy, Tensor indices, PoolGeometry pool) {
        if (dx.Count == 0) return;
        gpu.Kernel(MaxPoolGradientKernel, a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<float>, ArrayView<float>, ArrayView<int>,
            int, PoolGeometry>(MaxPoolGradientKernel))
            (dx.Count / PoolWidth(pool), gpu.Floats(dx), gpu.Floats(dy), gpu.Integers(indices), PoolWidth(pool), pool);
    }

    private static void AveragePoolGpu(GpuDevice gpu, Tensor y, Tensor x, PoolGeometry pool, AverageDivisor divisor) {
        if (y.Count == 0) return;
        gpu.Kernel(AveragePoolKernel, a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<float>, ArrayView<float>, int, int, int,
            PoolGeometry>(AveragePoolKernel))
            (y.Count / PoolWidth(pool), gpu.Floats(y), gpu.Floats(x), divisor.CountPadding ? 1 : 0, divisor.Given, PoolWidth(pool), pool);
    }

    private static void AveragePoolGradientGpu(GpuDevice gpu, Tensor dx, Tensor dy, PoolGeometry pool, AverageDivisor divisor) {
        if (dx.Count == 0) return;
        gpu.Kernel(AveragePoolGradientKernel, a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<float>, ArrayView<float>, int, int,
            int, PoolGeometry>(AveragePoolGradientKernel))
            (dx.Count / PoolWidth(pool), gpu.Floats(dx), gpu.Floats(dy), divisor.CountPadding ? 1 : 0, divisor.Given, PoolWidth(pool),
            pool);
    }

    /// <summary>Channels that a thread takes: four where a vector holds no other pixel's.</summary>
    private static int PoolWidth(PoolGeometry pool) => pool.Channels % 4 == 0 ? 4 : 1;

    /// <summary>The largest values of a window, and which pixels hold them; -1 where there is none.</summary>
    internal static void MaxPoolKernel(Index1D i, ArrayView<float> y, ArrayView<int> indices, ArrayView<float> x, int hasIndices, int width,
        PoolGeometry pool) {
        int lanes = pool.Channels / width, pixel = i / lanes, channel = (i - pixel * lanes) * width;
        int line = pixel / pool.OutputWidth, image = line / pool.OutputHeight, oy = line - image * pool.OutputHeight,
            ox = pixel - line * pool.OutputWidth;
        int firstRow = pool.FirstRow(oy), endRow = pool.EndRow(oy), firstColumn = pool.FirstColumn(ox), endColumn = pool.EndColumn(ox);
        int picture = image * pool.Height * pool.Width, start = -1;
        if (firstRow < endRow && firstColumn < endColumn) start = firstRow * pool.Width + firstColumn;
        if (width == 1) {
            float best = float.NegativeInfinity;
            int place = start;
            for (int iy = firstRow; iy < endRow; iy += pool.DilationY) {
                for (int ix = firstColumn; ix < endColumn; ix += pool.DilationX) {
                    int here = iy * pool.Width + ix;
                    Win(ref best, ref place, x[(picture + here) * pool.Channels + channel], here);
                }
            }
            y[i] = best;
            if (hasIndices != 0) indices[i] = place;
            return;
        }
        ArrayView<Float4> x4 = x.Cast<Float4>();
        float none = float.NegativeInfinity;
        var largest = new Float4 { X = none, Y = none, Z = none, W = none };
        var places = new Int4 { X = start, Y = start, Z = start, W = start };
        for (int iy = firstRow; iy < endRow; iy += pool.DilationY) {
            for (int ix = firstColumn; ix < endColumn; ix += pool.DilationX) {
                int here = iy * pool.Width + ix;
                Float4 values = x4[((picture + here) * pool.Channels + channel) >> 2];
                Win(ref largest.X, ref places.X, values.X, here);
                Win(ref largest.Y, ref places.Y, values.Y, here);
                Win(ref largest.Z, ref places.Z, values.Z, here);
                Win(ref largest.W, ref places.W, values.W, here);
            }
        }
        y.Cast<Float4>()[i] = largest;
        if (hasIndices != 0) indices.Cast<Int4>()[i] = places;
    }

    /// <summary>The new value wins where it is larger or NaN: a NaN before it gives way to another only.</summary>
    private static void Win(ref float best, ref int place, float value, int here) {
        if (!(value > best) && !float.IsNaN(value)) return;
        best = value;
        place = here;
    }

    /// <summary>A pixel gathers from the windows that chose it.</summary>
    internal static void MaxPoolGradientKernel(Index1D i, ArrayView<float> dx, ArrayView<float> dy, ArrayView<int> indices, int width,
        PoolGeometry pool) {
        int lanes = pool.Channels / width, pixel = i / lanes, channel = (i - pixel * lanes) * width;
        int line = pixel / pool.Width, image = line / pool.Height, iy = line - image * pool.Height, ix = pixel - line * pool.Width;
        int firstRow = pool.FirstOutputRow(iy), endRow = pool.EndOutputRow(iy), firstColumn = pool.FirstOutputColumn(ix),
            endColumn = pool.EndOutputColumn(ix), place = iy * pool.Width + ix, picture = image * pool.OutputHeight;
        if (width == 1) {
            float sum = 0;
            for (int oy = firstRow; oy < endRow; oy++) {
                for (int ox = firstColumn; ox < endColumn; ox++) {
                    int from = ((picture + oy) * pool.OutputWidth + ox) * pool.Channels + channel;
                    if (indices[from] == place) sum += dy[from];
                }
            }
            dx[i] = sum;
            return;
        }
        ArrayView<Float4> dy4 = dy.Cast<Float4>();
        ArrayView<Int4> indices4 = indices.Cast<Int4>();
        Float4 sums = default;
        for (int oy = firstRow; oy < endRow; oy++) {
            for (int ox = firstColumn; ox < endColumn; ox++) {
                int from = (((picture + oy) * pool.OutputWidth + ox) * pool.Channels + channel) >> 2;
                Int4 chosen = indices4[from];
                Float4 slope = dy4[from];
                if (chosen.X == place) sums.X += slope.X;
                if (chosen.Y == place) sums.Y += slope.Y;
                if (chosen.Z == place) sums.Z += slope.Z;
                if (chosen.W == place) sums.W += slope.W;
            }
        }
        dx.Cast<Float4>()[i] = sums;
    }

    /// <summary>The means of a window: its lines are summed, then their sums.</summary>
    internal static void AveragePoolKernel(Index1D i, ArrayView<float> y, ArrayView<float> x, int countPadding, int given, int width,
        PoolGeometry pool) {
        int lanes = pool.Channels / width, pixel = i / lanes, channel = (i - pixel * lanes) * width;
        int line = pixel / pool.OutputWidth, image = line / pool.OutputHeight, oy = line - image * pool.OutputHeight,
            ox = pixel - line * pool.OutputWidth;
        int endRow = pool.EndRow(oy), firstColumn = pool.FirstColumn(ox), endColumn = pool.EndColumn(ox), divisor = given;
        if (given == 0) divisor = pool.Divisor(oy, ox, countPadding != 0);
        float share = 1f / divisor, total = 0;
        ArrayView<Float4> x4 = x.Cast<Float4>();
        Float4 totals = default;
        for (int iy = pool.FirstRow(oy); iy < endRow; iy++) {
            int from = ((image * pool.Height + iy) * pool.Width + firstColumn) * pool.Channels + channel;
            float sum = 0;
            Float4 sums = default;
            for (int ix = firstColumn; ix < endColumn; ix++, from += pool.Channels) {
                if (width == 1) sum += x[from];
                else Float4.MultiplyAdd(ref sums, 1, x4[from >> 2]);
            }
            total += sum;
            Float4.MultiplyAdd(ref totals, 1, sums);
        }
        if (width == 1) y[i] = total * share;
        else y.Cast<Float4>()[i] = Float4.Affine(default, totals, share);
    }

    /// <summary>A pixel gathers its share from the windows that hold it.</summary>
    internal static void AveragePoolGradientKernel(Index1D i, ArrayView<float> dx, ArrayView<float> dy, int countPadding, int given,
        int width, PoolGeometry pool) {
        int lanes = pool.Channels / width, pixel = i / lanes, channel = (i - pixel * lanes) * width;
        int line = pixel / pool.Width, image = line / pool.Height, iy = line - image * pool.Height, ix = pixel - line * pool.Width;
        int endRow = pool.EndOutputRow(iy), firstColumn = pool.FirstOutputColumn(ix), endColumn = pool.EndOutputColumn(ix);
        ArrayView<Float4> dy4 = dy.Cast<Float4>();
        float sum = 0;
        Float4 sums = default;
        for (int oy = pool.FirstOutputRow(iy); oy < endRow; oy++) {
            int from = ((image * pool.OutputHeight + oy) * pool.OutputWidth + firstColumn) * pool.Channels + channel;
            for (int ox = firstColumn; ox < endColumn; ox++, from += pool.Channels) {
                int divisor = given;
                if (given == 0) divisor = pool.Divisor(oy, ox, countPadding != 0);
                float share = 1f / divisor;
                if (width == 1) sum += dy[from] * share;
                else Float4.MultiplyAdd(ref sums, share, dy4[from >> 2]);
            }
        }
        if (width == 1) dx[i] = sum;
        else dx.Cast<Float4>()[i] = sums;
    }
}
