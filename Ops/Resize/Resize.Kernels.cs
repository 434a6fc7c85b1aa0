using ILGPU;
using ILGPU.Runtime;

namespace DenseEngine.Ops;

public static partial class Op {
    private static void NearestGpu(GpuDevice gpu, Tensor y, Tensor x, ResizeGeometry resize) {
        if (y.Count == 0) return;
        gpu.Kernel(NearestKernel, a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<float>, ArrayView<float>, int,
            ResizeGeometry>(NearestKernel))
            (y.Count / ResizeWidth(resize), gpu.Floats(y), gpu.Floats(x), ResizeWidth(resize), resize);
    }

    private static void AddNearestGpu(GpuDevice gpu, Tensor y, Tensor x, Tensor map, ResizeGeometry resize) {
        if (y.Count == 0) return;
        gpu.Kernel(AddNearestKernel, a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<float>, ArrayView<float>, ArrayView<float>, int,
            ResizeGeometry>(AddNearestKernel))
            (y.Count / ResizeWidth(resize), gpu.Floats(y), gpu.Floats(x), gpu.Floats(map), ResizeWidth(resize), resize);
    }

    private static void NearestGradientGpu(GpuDevice gpu, Tensor dx, Tensor dy, ResizeGeometry resize) {
        if (dx.Count == 0) return;
        gpu.Kernel(NearestGradientKernel, a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<float>, ArrayView<float>, int,
            ResizeGeometry>(NearestGradientKernel))
            (dx.Count / ResizeWidth(resize), gpu.Floats(dx), gpu.Floats(dy), ResizeWidth(resize), resize);
    }

    private static void BilinearGpu(GpuDevice gpu, Tensor y, Tensor x, ResizeGeometry resize) {
        if (y.Count == 0) return;
        gpu.Kernel(BilinearKernel, a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<float>, ArrayView<float>, int,
            ResizeGeometry>(BilinearKernel))
            (y.Count / ResizeWidth(resize), gpu.Floats(y), gpu.Floats(x), ResizeWidth(resize), resize);
    }

    private static void BilinearGradientGpu(GpuDevice gpu, Tensor dx, Tensor dy, ResizeGeometry resize) {
        if (dx.Count == 0) return;
        gpu.Kernel(BilinearGradientKernel, a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<float>, ArrayView<float>, int,
            ResizeGeometry>(BilinearGradientKernel))
            (dx.Count / ResizeWidth(resize), gpu.Floats(dx), gpu.Floats(dy), ResizeWidth(resize), resize);
    }

    /// <summary>Channels that a thread takes: four where a vector holds no other pixel's.</summary>
    private static int ResizeWidth(ResizeGeometry resize) => resize.Channels % 4 == 0 ? 4 : 1;

    /// <summary>An output pixel copies.</summary>
    internal static void NearestKernel(Index1D i, ArrayView<float> y, ArrayView<float> x, int width, ResizeGeometry resize) {
        int from = NearestPlace(i, width, resize);
        if (width == 1) y[i] = x[from];
        else y.Cast<Float4>()[i] = x.Cast<Float4>()[from >> 2];
    }

    /// <summary>An output pixel adds. y may be x.</summary>
    internal static void AddNearestKernel(Index1D i, ArrayView<float> y, ArrayView<float> x, ArrayView<float> map, int width,
        ResizeGeometry resize) {
        int from = NearestPlace(i, width, resize);
        if (width == 1) y[i] = x[i] + map[from];
        else y.Cast<Float4>()[i] = Float4.Affine(x.Cast<Float4>()[i], map.Cast<Float4>()[from >> 2], 1);
    }

    /// <summary>Where the nearest pixel to that of some channels of the output has them.</summary>
    private static int NearestPlace(int i, int width, ResizeGeometry resize) {
        int lanes = resize.Channels / width, pixel = i / lanes, channel = (i - pixel * lanes) * width;
        int line = pixel / resize.OutputWidth, image = line / resize.OutputHeight;
        int iy = resize.NearestRow(line - image * resize.OutputHeight), ix = resize.NearestColumn(pixel - line * resize.OutputWidth);
        return ((image * resize.Height + iy) * resize.Width + ix) * resize.Channels + channel;
    }

    /// <summary>An input pixel gathers from its copies.</summary>
    internal static void NearestGradientKernel(Index1D i, ArrayView<float> dx, ArrayView<float> dy, int width, ResizeGeometry resize) {
        int lanes = resize.Channels / width, pixel = i / lanes, channel = (i - pixel * lanes) * width;
        int line = pixel / resize.Width, image = line / resize.Height, iy = line - image * resize.Height, ix = pixel - line * resize.Width;
        int firstRow = resize.FirstReaderRow(iy), firstColumn = resize.FirstReaderColumn(ix);
        while (firstRow < resize.OutputHeight && resize.NearestRow(firstRow) < iy) firstRow++;
        while (firstColumn < resize.OutputWidth && resize.NearestColumn(firstColumn) < ix) firstColumn++;
        ArrayView<Float4> dy4 = dy.Cast<Float4>();
        float sum = 0;
        Float4 sums = default;
        for (int oy = firstRow; oy < resize.OutputHeight && resize.NearestRow(oy) == iy; oy++) {
            int from = ((image * resize.OutputHeight + oy) * resize.OutputWidth + firstColumn) * resize.Channels + channel;
            for (int ox = firstColumn; ox < resize.OutputWidth && resize.NearestColumn(ox) == ix; ox++, from += resize.Channels) {
                if (width == 1) sum += dy[from];
                else Float4.MultiplyAdd(ref sums, 1, dy4[from >> 2]);
            }
        }
        if (width == 1) dx[i] = sum;
        else dx.Cast<Float4>()[i] = sums;
    }

    /// <summary>An output pixel blends four.</summary>
    internal static void BilinearKernel(Index1D i, ArrayView<float> y, ArrayView<float> x, int width, ResizeGeometry resize) {
        int lanes = resize.Channels / width, pixel = i / lanes, channel = (i - pixel * lanes) * width;
        int line = pixel / resize.OutputWidth, image = line / resize.OutputHeight;
        long row = resize.SourceRow(line - image * resize.OutputHeight), column = resize.SourceColumn(pixel - line * resize.OutputWidth);
        int iy = ResizeGeometry.First(row), ix = ResizeGeometry.First(column);
        float below = ResizeGeometry.Weight(row), right = ResizeGeometry.Weight(column);
        int from = ((image * resize.Height + iy) * resize.Width + ix) * resize.Channels + channel, across = 0, down = 0;
        if (ix + 1 < resize.Width) across = resize.Channels;
        if (iy + 1 < resize.Height) down = resize.Width * resize.Channels;
        if (width == 1) {
            float upper = x[from] * (1 - right) + x[from + across] * right;
            float lower = x[from + down] * (1 - right) + x[from + down + across] * right;
            y[i] = upper * (1 - below) + lower * below;
            return;
        }
        ArrayView<Float4> x4 = x.Cast<Float4>();
        Float4 above = default, under = default, result = default;
        Float4.MultiplyAdd(ref above, 1 - right, x4[from >> 2]);
        Float4.MultiplyAdd(ref above, right, x4[(from + across) >> 2]);
        Float4.MultiplyAdd(ref under, 1 - right, x4[(from + down) >> 2]);
        Float4.MultiplyAdd(ref under, right, x4[(from + down + across) >> 2]);
        Float4.MultiplyAdd(ref result, 1 - below, above);
        Float4.MultiplyAdd(ref result, below, under);
        y.Cast<Float4>()[i] = result;
    }

    /// <summary>An input pixel gathers, with the same weights, from the outputs that read it.</summary>
    internal static void BilinearGradientKernel(Index1D i, ArrayView<float> dx, ArrayView<float> dy, int width, ResizeGeometry resize) {
        int lanes = resize.Channels / width, pixel = i / lanes, channel = (i - pixel * lanes) * width;
        int line = pixel / resize.Width, image = line / resize.Height, iy = line - image * resize.Height, ix = pixel - line * resize.Width;
        int firstRow = resize.FirstReaderRow(iy), firstColumn = resize.FirstReaderColumn(ix);
        while (firstRow < resize.OutputHeight && ResizeGeometry.First(resize.SourceRow(firstRow)) < iy - 1) firstRow++;
        while (firstColumn < resize.OutputWidth && ResizeGeometry.First(resize.SourceColumn(firstColumn)) < ix - 1) firstColumn++;
        ArrayView<Float4> dy4 = dy.Cast<Float4>();
        float sum = 0;
        Float4 sums = default;
        for (int oy = firstRow; oy < resize.OutputHeight; oy++) {
            long row = resize.SourceRow(oy);
            if (ResizeGeometry.First(row) > iy) break;
            float down = ResizeGeometry.Share(row, iy);
            int from = ((image * resize.OutputHeight + oy) * resize.OutputWidth + firstColumn) * resize.Channels + channel;
            for (int ox = firstColumn; ox < resize.OutputWidth; ox++, from += resize.Channels) {
                long column = resize.SourceColumn(ox);
                if (ResizeGeometry.First(column) > ix) break;
                float share = ResizeGeometry.Share(column, ix) * down;
                if (width == 1) sum += dy[from] * share;
                else Float4.MultiplyAdd(ref sums, share, dy4[from >> 2]);
            }
        }
        if (width == 1) dx[i] = sum;
        else dx.Cast<Float4>()[i] = sums;
    }
}
