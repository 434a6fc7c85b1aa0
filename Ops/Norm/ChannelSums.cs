using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace DenseEngine.Ops;

/// <summary>Sums over the rows of [images, rows, channels], for each image and channel: what norms and their gradients need. Rows are cut
/// into blocks by the shape alone; inside a block sums are single precision, across blocks double, in order.</summary>
internal static unsafe class ChannelSums {
    /// <summary>The least elements of a block, the most rows of one, and how many blocks of a picture are enough;
    /// rows that give a centre.</summary>
    private const int BlockElements = 1 << 14, BlockRows = 1024, ManyBlocks = 32, CentreRows = 8;

    /// <summary>Mean and sum of squared deviations from it. Blocks are measured around the mean of their first rows, which is never further
    /// off than √(rows/8) deviations, and merged by Chan's rule, so a large mean costs no accuracy.</summary>
    /// <returns>For each image: the means of all channels, then their sums of squares.</returns>
    public static double[] Moments(HostDevice host, float* x, int images, int rows, int channels) {
        double[] result = new double[2 * images * channels];
        OverBlocks(host, images, rows, channels, (start, count, into) => {
            MeasureRows(x + (nint)start * channels, count, channels, into, into + channels);
        }, (image, row, count, block) => {
            Span<double> mean = result.AsSpan(2 * image * channels, channels),
                squares = result.AsSpan((2 * image + 1) * channels, channels);
            double towards = (double)count / (row + count), spread = towards * row;
            for (int c = 0; c < channels; c++) {
                double apart = block[c] - mean[c];
                mean[c] += apart * towards;
                squares[c] += block[channels + c] + apart * apart * spread;
            }
        });
        return result;
    }

    /// <summary>Σ dy and Σ dy·(x - mean), mean being that of the image and channel (stride <paramref name="meanStride"/> an
    /// image).</summary>
    /// <returns>For each image: the first sums of all channels, then the second.</returns>
    public static double[] Gradients(HostDevice host, float* dy, float* x, float* mean, int meanStride, int images, int rows,
        int channels) {
        double[] result = new double[2 * images * channels];
        OverBlocks(host, images, rows, channels, (start, count, into) => {
            GradientRows(dy + (nint)start * channels, x + (nint)start * channels, mean + start / rows * meanStride, count, channels, into,
                into + channels);
        }, (image, _, _, block) => {
            for (int i = 0; i < 2 * channels; i++) result[2 * image * channels + i] += block[i];
        });
        return result;
    }

    private delegate void Measure(int firstRow, int count, double* into);

    private delegate void Merge(int image, int row, int count, ReadOnlySpan<double> block);

    private static void OverBlocks(HostDevice host, int images, int rows, int channels, Measure measure, Merge merge) {
        int blockRows =
            Math.Clamp(Math.Max(BlockElements / Math.Max(1, channels), Math.Min(rows / ManyBlocks, BlockRows)), 1, Math.Max(1, rows));
        int blocks = (rows + blockRows - 1) / blockRows;
        double[] partial = ArrayPool<double>.Shared.Rent(Math.Max(1, 2 * channels * images * blocks));
        fixed (double* each = partial) {
            double* first = each;
            host.Workers.For(images * blocks, item => {
                (int image, int block) = Math.DivRem(item, blocks);
                measure(image * rows + block * blockRows, Math.Min(blockRows, rows - block * blockRows), first + (nint)item * 2 * channels);
            });
        }
        for (int image = 0, item = 0; image < images; image++)
            for (int row = 0; row < rows; row += blockRows, item++)
                merge(image, row, Math.Min(blockRows, rows - row), partial.AsSpan(item * 2 * channels, 2 * channels));
        ArrayPool<double>.Shared.Return(partial);
    }

    /// <summary>Each channel's mean and sum of squared deviations: 64 channels at a time where there are as many (whole cache lines of a
    /// row), then sixteen with four rows in flight, then one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void MeasureRows(float* x, int rows, int channels, double* means, double* squares) {
        int c = 0;
        for (; c + 64 <= channels; c += 64) {
            Vector512<float> s0 = Vector512<float>.Zero, s1 = s0, s2 = s0, s3 = s0, q0 = s0, q1 = s0, q2 = s0, q3 = s0;
            float* at = x + c;
            Vector512<float> m0 = Centre(at, rows, channels), m1 = Centre(at + 16, rows, channels);
            Vector512<float> m2 = Centre(at + 32, rows, channels), m3 = Centre(at + 48, rows, channels);
            for (int row = 0; row < rows; row++, at += channels) {
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
            Finish(m0, s0, q0, rows, means + c, squares + c);
            Finish(m1, s1, q1, rows, means + c + 16, squares + c + 16);
            Finish(m2, s2, q2, rows, means + c + 32, squares + c + 32);
            Finish(m3, s3, q3, rows, means + c + 48, squares + c + 48);
        }
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
    private static void GradientRows(float* dy, float* x, float* mean, int rows, int channels, double* sums, double* products) {
        float* lanes = stackalloc float[64];
        int c = 0;
        for (; c + 32 <= channels; c += 32) {
            Vector512<float> m0 = Vector512.Load(mean + c), m1 = Vector512.Load(mean + c + 16), s0 = Vector512<float>.Zero, s1 = s0,
                p0 = s0, p1 = s0;
            nint at = c;
            for (int row = 0; row < rows; row++, at += channels) {
                Vector512<float> g0 = Vector512.Load(dy + at), g1 = Vector512.Load(dy + at + 16);
                s0 += g0;
                s1 += g1;
                p0 += g0 * (Vector512.Load(x + at) - m0);
                p1 += g1 * (Vector512.Load(x + at + 16) - m1);
            }
            s0.Store(lanes);
            s1.Store(lanes + 16);
            p0.Store(lanes + 32);
            p1.Store(lanes + 48);
            for (int i = 0; i < 32; i++) (sums[c + i], products[c + i]) = (lanes[i], lanes[32 + i]);
        }
        for (; c + 16 <= channels; c += 16) {
            Vector512<float> middle = Vector512.Load(mean + c), s0 = Vector512<float>.Zero, s1 = s0, p0 = s0, p1 = s0;
            nint at = c;
            int row = 0;
            for (; row + 2 <= rows; row += 2, at += 2 * channels) {
                Vector512<float> g0 = Vector512.Load(dy + at), g1 = Vector512.Load(dy + at + channels);
                (s0, s1) = (s0 + g0, s1 + g1);
                p0 += g0 * (Vector512.Load(x + at) - middle);
                p1 += g1 * (Vector512.Load(x + at + channels) - middle);
            }
            if (row < rows) {
                Vector512<float> g = Vector512.Load(dy + at);
                s0 += g;
                p0 += g * (Vector512.Load(x + at) - middle);
            }
            (s0 + s1).Store(lanes);
            for (int i = 0; i < 16; i++) sums[c + i] = lanes[i];
            (p0 + p1).Store(lanes);
            for (int i = 0; i < 16; i++) products[c + i] = lanes[i];
        }
        for (; c < channels; c++) {
            float sum = 0, product = 0;
            for (int row = 0; row < rows; row++) {
                float g = dy[(nint)row * channels + c];
                sum += g;
                product += g * (x[(nint)row * channels + c] - mean[c]);
            }
            (sums[c], products[c]) = (sum, product);
        }
    }
}
