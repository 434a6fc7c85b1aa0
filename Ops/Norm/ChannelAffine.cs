using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using V = System.Runtime.Intrinsics.Vector512<float>;

namespace DenseEngine.Ops;

/// <summary>The second pass of a norm and of its gradient over [images, rows, channels]: each element minus a mean, times a scale, plus a
/// shift, all three by image and channel. Four rows share the loads of these.</summary>
internal static unsafe class ChannelAffine {
    /// <summary>y = (x - mean)·scale + shift, and a ReLU if asked for; before it something of y's layout is <paramref name="added"/>, if
    /// given. y may be x.</summary>
    public static void Normalise(HostDevice host, float* y, float* x, float* mean, float* scale, float* shift, int images, int rows,
        int channels, int stride, bool relu = false, float* added = null) =>
        OverRows(host, images, rows, channels, new Normalised(y, x, mean, scale, shift, channels, stride, relu, added));

    /// <summary>dx = dy·scale + (x - mean)·slope + shift. With a <paramref name="bias"/> a ReLU followed the norm: dy counts only where
    /// (x - mean)·scale + bias is positive.</summary>
    public static void Differentiate(HostDevice host, float* dx, float* dy, float* x, float* mean, float* scale, float* slope, float* shift,
        int images, int rows, int channels, int stride, float* bias = null) =>
        OverRows(host, images, rows, channels, new Differentiated(dx, dy, x, mean, scale, slope, shift, channels, stride, bias));

    /// <summary>What is done with some rows of an image.</summary>
    private interface IRows {
        void Run(int image, int first, int count);
    }

    private readonly struct Normalised(float* y, float* x, float* mean, float* scale, float* shift, int channels, int stride, bool relu,
        float* added) : IRows {
        public void Run(int image, int first, int count) {
            float* to = y + (nint)first * channels, from = x + (nint)first * channels;
            nint at = (nint)image * stride;
            float* more = added == null ? null : added + (nint)first * channels;
            if (more != null) NormaliseRows<RectifiedSum>(to, from, mean + at, scale + at, shift + at, more, count, channels);
            else if (relu) NormaliseRows<Rectified>(to, from, mean + at, scale + at, shift + at, from, count, channels);
            else NormaliseRows<Plain>(to, from, mean + at, scale + at, shift + at, from, count, channels);
        }
    }

    private readonly struct Differentiated(float* dx, float* dy, float* x, float* mean, float* scale, float* slope, float* shift,
        int channels,
        int stride, float* bias) : IRows {
        public void Run(int image, int first, int count) {
            float* to = dx + (nint)first * channels, gradient = dy + (nint)first * channels, from = x + (nint)first * channels;
            nint at = (nint)image * stride;
            if (bias == null)
                DifferentiateRows<Plain>(to, gradient, from, mean + at, scale + at, slope + at, shift + at, mean, count, channels);
            else
                DifferentiateRows<Rectified>(to, gradient, from, mean + at, scale + at, slope + at, shift + at, bias + at, count, channels);
        }
    }

    /// <summary>Last rows first: they were read last before, and are still in the cache.</summary>
    private static void OverRows<T>(HostDevice host, int images, int rows, int channels, T work) where T : struct, IRows {
        int blockRows = Math.Max(1, Op.ElementwiseGrain / Math.Max(1, channels)), blocks = (rows + blockRows - 1) / blockRows;
        host.Workers.For(images * blocks, new Loop<T>(work, images, rows, blockRows, blocks));
    }

    private readonly struct Loop<T>(T work, int images, int rows, int blockRows, int blocks) : ILoopBody where T : struct, IRows {
        public void Run(int item, int slot) {
            (int image, int block) = Math.DivRem(images * blocks - 1 - item, blocks);
            work.Run(image, image * rows + block * blockRows, Math.Min(blockRows, rows - block * blockRows));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void NormaliseRows<TEnding>(float* y, float* x, float* mean, float* scale, float* shift, float* added, int rows,
        int channels) where TEnding : struct, INormEnding {
        nint line = channels;
        int row = 0;
        for (; row <= rows - 4; row += 4, x += 4 * line, y += 4 * line, added += 4 * line) {
            for (nint c = 0; c <= line - 16; c += 16) {
                V middle = Vector512.Load(mean + c), factor = Vector512.Load(scale + c), moved = Vector512.Load(shift + c);
                float* from = x + c, to = y + c, more = added + c;
                V a = Vector512.Load(from), b = Vector512.Load(from + line), d = Vector512.Load(from + 2 * line),
                    e = Vector512.Load(from + 3 * line);
                TEnding.End((a - middle) * factor + moved, more).Store(to);
                TEnding.End((b - middle) * factor + moved, more + line).Store(to + line);
                TEnding.End((d - middle) * factor + moved, more + 2 * line).Store(to + 2 * line);
                TEnding.End((e - middle) * factor + moved, more + 3 * line).Store(to + 3 * line);
            }
            for (nint c = line & -16; c < line; c++)
                for (nint i = c; i < 4 * line; i += line) y[i] = TEnding.End((x[i] - mean[c]) * scale[c] + shift[c], added + i);
        }
        for (; row < rows; row++, x += line, y += line, added += line) {
            nint c = 0;
            for (; c <= line - 16; c += 16)
                TEnding.End((Vector512.Load(x + c) - Vector512.Load(mean + c)) * Vector512.Load(scale + c) + Vector512.Load(shift + c),
                    added + c)
                    .Store(y + c);
            for (; c < line; c++) y[c] = TEnding.End((x[c] - mean[c]) * scale[c] + shift[c], added + c);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void DifferentiateRows<TEnding>(float* dx, float* dy, float* x, float* mean, float* scale, float* slope, float* shift,
        float* bias, int rows, int channels) where TEnding : struct, INormEnding {
        for (int row = 0; row < rows; row++, x += channels, dx += channels, dy += channels) {
            int c = 0;
            for (; c <= channels - 16; c += 16) {
                V factor = Vector512.Load(scale + c), apart = Vector512.Load(x + c) - Vector512.Load(mean + c);
                V gradient = TEnding.Open(Vector512.Load(dy + c), apart, factor, bias + c);
                (gradient * factor + apart * Vector512.Load(slope + c) + Vector512.Load(shift + c)).Store(dx + c);
            }
            for (; c < channels; c++) {
                float apart = x[c] - mean[c];
                dx[c] = TEnding.Open(dy[c], apart, scale[c], bias + c) * scale[c] + apart * slope[c] + shift[c];
            }
        }
    }
}
