using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace DenseEngine.Ops;

/// <summary>The second pass of a norm and of its gradient over [images, rows, channels]: each element minus a mean, times a scale, plus a
/// shift, all three by image and channel.</summary>
internal static unsafe class ChannelAffine {
    /// <summary>y = (x - mean)·scale + shift.</summary>
    public static void Normalise(HostDevice host, float* y, float* x, float* mean, float* scale, float* shift, int images, int rows,
        int channels, int stride) =>
        OverRows(host, images, rows, channels, (image, first, count) =>
            NormaliseRows(y + (nint)first * channels, x + (nint)first * channels, mean + image * stride, scale + image * stride,
                shift + image * stride, count, channels));

    /// <summary>dx = dy·scale + (x - mean)·slope + shift.</summary>
    public static void Differentiate(HostDevice host, float* dx, float* dy, float* x, float* mean, float* scale, float* slope, float* shift,
        int images, int rows, int channels, int stride) =>
        OverRows(host, images, rows, channels, (image, first, count) =>
            DifferentiateRows(dx + (nint)first * channels, dy + (nint)first * channels,
            x + (nint)first * channels, mean + image * stride, scale + image * stride, slope + image * stride, shift + image * stride,
                count, channels));

    private static void OverRows(HostDevice host, int images, int rows, int channels, Action<int, int, int> body) {
        int blockRows = Math.Max(1, Op.ElementwiseGrain / Math.Max(1, channels)), blocks = (rows + blockRows - 1) / blockRows;
        host.Workers.For(images * blocks, item => {
            (int image, int block) = Math.DivRem(item, blocks);
            body(image, image * rows + block * blockRows, Math.Min(blockRows, rows - block * blockRows));
        });
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void NormaliseRows(float* y, float* x, float* mean, float* scale, float* shift, int rows, int channels) {
        for (int row = 0; row < rows; row++, x += channels, y += channels) {
            int c = 0;
            for (; c + 16 <= channels; c += 16)
                ((Vector512.Load(x + c) - Vector512.Load(mean + c)) * Vector512.Load(scale + c) + Vector512.Load(shift + c)).Store(y + c);
            for (; c < channels; c++) y[c] = (x[c] - mean[c]) * scale[c] + shift[c];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void DifferentiateRows(float* dx, float* dy, float* x, float* mean, float* scale, float* slope, float* shift, int rows,
        int channels) {
        for (int row = 0; row < rows; row++, x += channels, dx += channels, dy += channels) {
            int c = 0;
            for (; c + 16 <= channels; c += 16)
                (Vector512.Load(dy + c) * Vector512.Load(scale + c)
                    + (Vector512.Load(x + c) - Vector512.Load(mean + c)) * Vector512.Load(slope + c)
                    + Vector512.Load(shift + c)).Store(dx + c);
            for (; c < channels; c++) dx[c] = dy[c] * scale[c] + (x[c] - mean[c]) * slope[c] + shift[c];
        }
    }
}
