using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace DenseEngine.Ops;

/// <summary>Sums over the rows of [images, rows, channels], for each image and channel: what norms and their gradients need. Rows are cut
/// into blocks by the shape alone; inside a block sums are single precision, across blocks double, in order.</summary>
internal static unsafe class ChannelSums {
    /// <summary>The least elements of a block, the most rows of one, and how many blocks of a picture are enough;
    /// rows that give a centre; channels whose sums wait in memory; elements of rows that the nearest cache holds.</summary>
    private const int BlockElements = 1 << 14, BlockRows = 1024, ManyBlocks = 32, CentreRows = 8, StripChannels = 512,
        NearElements = 1 << 12;

    /// <summary>Mean and sum of squared deviations from it. Blocks are measured around the mean of their first rows, which is never further
    /// off than √(rows/8) deviations, and merged by Chan's rule, so a large mean costs no accuracy.</summary>
    /// <returns>For each image: the means of all channels, then their sums of squares; to be given back.</returns>
    public static double[] Moments(HostDevice host, float* x, int images, int rows, int channels) {
        double[] result = Rent(2 * images * channels);
        OverBlocks(host, images, rows, channels, new MomentBlocks(x, channels), result);
        return result;
    }

    /// <summary>Σ dy and Σ dy·(x - mean), mean being that of the image and channel (stride <paramref name="stride"/> an image). With a
    /// <paramref name="bias"/> a ReLU followed the norm: dy counts only where (x - mean)·scale + bias is positive.</summary>
    /// <returns>For each image: the first sums of all channels, then the second; to be given back.</returns>
    public static double[] Gradients(HostDevice host, float* dy, float* x, float* mean, int stride, int images, int rows,
        int channels, float* scale = null, float* bias = null) {
        double[] result = Rent(2 * images * channels);
        OverBlocks(host, images, rows, channels, new GradientBlocks(dy, x, mean, stride, rows, channels, scale, bias), result);
        return result;
    }

    /// <summary>Gives sums back.</summary>
    public static void Return(double[] sums) => ArrayPool<double>.Shared.Return(sums);

    private static double[] Rent(int count) {
        double[] sums = ArrayPool<double>.Shared.Rent(count);
        sums.AsSpan(0, count).Clear();
        return sums;
    }

    /// <summary>What is done with a block of rows.</summary>
    private interface IBlocks {
        /// <summary>Measures some rows into two lines of the channels.</summary>
        void Measure(int firstRow, int count, double* into);

        /// <summary>Merges a block's lines into those of its image, whose first <paramref name="row"/> rows are in them already.</summary>
        void Merge(Span<double> sums, int row, int count, ReadOnlySpan<double> block);
    }

    private readonly struct MomentBlocks(float* x, int channels) : IBlocks {
        public void Measure(int firstRow, int count, double* into) =>
            MeasureRows(x + (nint)firstRow * channels, count, channels, into, into + channels);

        public void Merge(Span<double> sums, int row, int count, ReadOnlySpan<double> block) {
            Span<double> mean = sums[..channels], squares = sums[channels..];
            double towards = (double)count / (row + count), spread = towards * row;
            for (int c = 0; c < channels; c++) {
                double apart = block[c] - mean[c];
                mean[c] += apart * towards;
                squares[c] += block[channels + c] + apart * apart * spread;
            }
        }
    }

    private readonly struct GradientBlocks(float* dy, float* x, float* mean, int stride, int rows, int channels, float* scale, float* bias)
        : IBlocks {
        public void Measure(int firstRow, int count, double* into) {
            float* gradient = dy + (nint)firstRow * channels, from = x + (nint)firstRow * channels;
            int at = firstRow / rows * stride;
            if (bias == null)
                GradientRows<Plain>(gradient, from, mean + at, mean, mean, count, channels, into, into + channels);
            else
                GradientRows<Rectified>(gradient, from, mean + at, scale + at, bias + at, count, channels, into, into + channels);
        }

        public void Merge(Span<double> sums, int row, int count, ReadOnlySpan<double> block) {
            for (int i = 0; i < sums.Length; i++) sums[i] += block[i];
        }
    }

    private static void OverBlocks<T>(HostDevice host, int images, int rows, int channels, T work, double[] result) where T : struct,
        IBlocks {
        int blockRows =
            Math.Clamp(Math.Max(BlockElements / Math.Max(1, channels), Math.Min(rows / ManyBlocks, BlockRows)), 1, Math.Max(1, rows));
        int blocks = (rows + blockRows - 1) / blockRows;
        double[] partial = ArrayPool<double>.Shared.Rent(Math.Max(1, 2 * channels * images * blocks));
        fixed (double* first = partial)
            host.Workers.For(images * blocks, new Loop<T>(work, rows, channels, blockRows, blocks, first));
        for (int image = 0, item = 0; image < images; image++)
            for (int row = 0; row < rows; row += blockRows, item++)
                work.Merge(result.AsSpan(2 * image * channels, 2 * channels), row, Math.Min(blockRows, rows - row),
                    partial.AsSpan(item * 2 * channels, 2 * channels));
        ArrayPool<double>.Shared.Return(partial);
    }

    private readonly struct Loop<T>(T work, int rows, int channels, int blockRows, int blocks, double* into) : ILoopBody
        where T : struct, IBlocks {
        public void Run(int item, int slot) {
            (int image, int block) = Math.DivRem(item, blocks);
            work.Measure(image * rows + block * blockRows, Math.Min(blockRows, rows - block * blockRows), into + (nint)item * 2 * channels);
        }
    }

    /// <summary>Each channel's mean and sum of squared deviations: 64 channels at a time where there are as many (whole cache lines of a
    /// row), then sixteen with four rows in flight, then one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void MeasureRows(float* x, int rows, int channels, double* means, double* squares) {
        int c = 0;
        for (int wide = channels & -64; c < wide; c += Math.Min(StripChannels, wide - c))
            MeasureStrip(x + c, rows, channels, Math.Min(StripChannels, wide - c), means + c, squares + c);
        for (; c + 16 <= channels; c += 16) {
            Vector512<float> s0 = Vector512<float>.Zero, s1 = s0, s2 = s0, s3 = s0, q0 = s0, q1 = s0, q2 = s0, q3 = s0;
            float* at = x + c;
            Vector512<float> middle = Centre(at, rows, channels);
            int row = 0;
            for (; row + 4 <= rows; row += 4, at += 4 * channels) {
                Vector512<float> a = Vector512.Load(at) - middle, b = Vector512.Load(at + channels) - middle;
                Vector512<float> d = Vector512.Load(at + 2 * channels) - middle, e = Vector512.Load(at + 3 * channels) - middle;
                s0 += a;
                q0 += a * a;
                s1 += b;
                q1 += b * b;
                s2 += d;
                q2 += d * d;
                s3 += e;
                q3 += e * e;
            }
            for (; row < rows; row++, at += channels) {
                Vector512<float> a = Vector512.Load(at) - middle;
                s0 += a;
                q0 += a * a;
            }
            Finish(middle, s0 + s1 + (s2 + s3), q0 + q1 + (q2 + q3), rows, means + c, squares + c);
        }
        for (; c < channels; c++) {
            float sum = 0, square = 0, middle = 0;
            for (int row = 0; row < Math.Min(rows, CentreRows); row++) middle += x[(nint)row * channels + c];
            middle /= Math.Min(rows, CentreRows);
            for (int row = 0; row < rows; row++) {
                float a = x[(nint)row * channels + c] - middle;
                sum += a;
                square += a * a;
            }
            Finish(middle, sum, square, rows, means + c, squares + c);
        }
    }

    /// <summary>Neighbouring channels, a multiple of 64. Some rows at a time go through the nearest cache, in the order in which they lie;
    /// sums wait in memory meanwhile.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void MeasureStrip(float* x, int rows, int channels, int strip, double* means, double* squares) {
        float* centres = stackalloc float[3 * StripChannels], sums = centres + StripChannels, products = sums + StripChannels;
        for (int c = 0; c < strip; c += 16) Centre(x + c, rows, channels).Store(centres + c);
        new Span<float>(sums, 2 * StripChannels).Clear();
        for (int first = 0, step = Math.Max(4, NearElements / channels); first < rows; first += step) {
            int count = Math.Min(step, rows - first);
            for (int c = 0; c < strip; c += 64) {
                float* at = x + (nint)first * channels + c, sum = sums + c, product = products + c, centre = centres + c;
                Vector512<float> m0 = Vector512.Load(centre), m1 = Vector512.Load(centre + 16), m2 = Vector512.Load(centre + 32),
                    m3 = Vector512.Load(centre + 48);
                Vector512<float> s0 = Vector512.Load(sum), s1 = Vector512.Load(sum + 16), s2 = Vector512.Load(sum + 32),
                    s3 = Vector512.Load(sum + 48);
                Vector512<float> q0 = Vector512.Load(product), q1 = Vector512.Load(product + 16), q2 = Vector512.Load(product + 32),
                    q3 = Vector512.Load(product + 48);
                for (int row = 0; row < count; row++, at += channels) {
                    Vector512<float> a = Vector512.Load(at) - m0, b = Vector512.Load(at + 16) - m1, d = Vector512.Load(at + 32) - m2,
                        e = Vector512.Load(at + 48) - m3;
                    s0 += a;
                    q0 += a * a;
                    s1 += b;
                    q1 += b * b;
                    s2 += d;
                    q2 += d * d;
                    s3 += e;
                    q3 += e * e;
                }
                s0.Store(sum);
                s1.Store(sum + 16);
                s2.Store(sum + 32);
                s3.Store(sum + 48);
                q0.Store(product);
                q1.Store(product + 16);
                q2.Store(product + 32);
                q3.Store(product + 48);
            }
        }
        for (int c = 0; c < strip; c++) Finish(centres[c], sums[c], products[c], rows, means + c, squares + c);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Centre(float* x, int rows, int channels) {
        rows = Math.Min(rows, CentreRows);
        Vector512<float> sum = Vector512.Load(x);
        for (int row = 1; row < rows; row++) sum += Vector512.Load(x + (nint)row * channels);
        return sum / rows;
    }

    private static void Finish(Vector512<float> middle, Vector512<float> sum, Vector512<float> square, int rows, double* means,
        double* squares) {
        float* lanes = stackalloc float[48];
        middle.Store(lanes);
        sum.Store(lanes + 16);
        square.Store(lanes + 32);
        for (int i = 0; i < 16; i++) Finish(lanes[i], lanes[16 + i], lanes[32 + i], rows, means + i, squares + i);
    }

    /// <summary>From sums around a centre to the mean and the sum of squares around it.</summary>
    private static void Finish(float middle, double sum, double square, int rows, double* mean, double* squares) =>
        (*mean, *squares) = (middle + sum / rows, Math.Max(0, square - sum * sum / rows));

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void GradientRows<TEnding>(float* dy, float* x, float* mean, float* scale, float* bias, int rows, int channels,
        double* sums, double* products) where TEnding : struct, INormEnding {
        float* lanes = stackalloc float[16];
        int c = 0;
        for (int wide = channels & -32; c < wide; c += Math.Min(StripChannels, wide - c))
            GradientStrip<TEnding>(dy + c, x + c, mean + c, scale + c, bias + c, rows, channels, Math.Min(StripChannels, wide - c), sums
                + c,
                products + c);
        for (; c + 16 <= channels; c += 16) {
            Vector512<float> middle = Vector512.Load(mean + c), factor = Vector512.Load(scale + c), s0 = Vector512<float>.Zero, s1 = s0,
                p0 = s0, p1 = s0;
            nint at = c;
            int row = 0;
            for (; row + 2 <= rows; row += 2, at += 2 * channels) {
                Vector512<float> d0 = Vector512.Load(x + at) - middle, d1 = Vector512.Load(x + at + channels) - middle;
                Vector512<float> g0 = TEnding.Open(Vector512.Load(dy + at), d0, factor, bias + c),
                    g1 = TEnding.Open(Vector512.Load(dy + at + channels), d1, factor, bias + c);
                (s0, s1) = (s0 + g0, s1 + g1);
                p0 += g0 * d0;
                p1 += g1 * d1;
            }
            if (row < rows) {
                Vector512<float> d = Vector512.Load(x + at) - middle, g = TEnding.Open(Vector512.Load(dy + at), d, factor, bias + c);
                s0 += g;
                p0 += g * d;
            }
            (s0 + s1).Store(lanes);
            for (int i = 0; i < 16; i++) sums[c + i] = lanes[i];
            (p0 + p1).Store(lanes);
            for (int i = 0; i < 16; i++) products[c + i] = lanes[i];
        }
        for (; c < channels; c++) {
            float sum = 0, product = 0;
            for (int row = 0; row < rows; row++) {
                float apart = x[(nint)row * channels + c] - mean[c];
                float g = TEnding.Open(dy[(nint)row * channels + c], apart, scale[c], bias + c);
                sum += g;
                product += g * apart;
            }
            (sums[c], products[c]) = (sum, product);
        }
    }

    /// <summary>Neighbouring channels, a multiple of 32, as in <see cref="MeasureStrip"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void GradientStrip<TEnding>(float* dy, float* x, float* mean, float* scale, float* bias, int rows, int channels,
        int strip, double* sums, double* products) where TEnding : struct, INormEnding {
        float* plain = stackalloc float[2 * StripChannels], weighted = plain + StripChannels;
        new Span<float>(plain, 2 * StripChannels).Clear();
        for (int first = 0, step = Math.Max(4, NearElements / channels); first < rows; first += step) {
            int count = Math.Min(step, rows - first);
            for (int c = 0; c < strip; c += 32) {
                Vector512<float> m0 = Vector512.Load(mean + c), m1 = Vector512.Load(mean + c + 16), s0 = Vector512.Load(plain + c),
                    s1 = Vector512.Load(plain + c + 16), p0 = Vector512.Load(weighted + c), p1 = Vector512.Load(weighted + c + 16),
                    f0 = Vector512.Load(scale + c), f1 = Vector512.Load(scale + c + 16);
                nint at = (nint)first * channels + c;
                for (int row = 0; row < count; row++, at += channels) {
                    Vector512<float> d0 = Vector512.Load(x + at) - m0, d1 = Vector512.Load(x + at + 16) - m1;
                    Vector512<float> g0 = TEnding.Open(Vector512.Load(dy + at), d0, f0, bias + c),
                        g1 = TEnding.Open(Vector512.Load(dy + at + 16), d1, f1, bias + c + 16);
                    s0 += g0;
                    s1 += g1;
                    p0 += g0 * d0;
                    p1 += g1 * d1;
                }
                s0.Store(plain + c);
                s1.Store(plain + c + 16);
                p0.Store(weighted + c);
                p1.Store(weighted + c + 16);
            }
        }
        for (int c = 0; c < strip; c++) (sums[c], products[c]) = (plain[c], weighted[c]);
    }
}
