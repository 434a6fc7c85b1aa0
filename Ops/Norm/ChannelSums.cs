using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace DenseEngine.Ops;

/// <summary>Sums over the rows of [images, rows, channels], for each image and channel: what norms and their gradients need. Rows are cut
/// into blocks by the shape alone; inside a block sums are single precision, across blocks double, in order.</summary>
internal static unsafe class ChannelSums {
    private const int BlockElements = 1 << 14;   // 64 KB: the second look at a block finds it in the cache

    /// <summary>Mean and sum of squared deviations from it. Blocks are measured around their own mean and merged by Chan's rule, so a large
    /// mean costs no accuracy.</summary>
    /// <returns>For each image: the means of all channels, then their sums of squares.</returns>
    public static double[] Moments(HostDevice host, float* x, int images, int rows, int channels) {
        double[] result = new double[2 * images * channels];
        OverBlocks(host, images, rows, channels, (start, count, into) => {
            SumRows(x + (nint)start * channels, count, channels, null, into);
            for (int c = 0; c < channels; c++) into[c] /= count;
            SumRows(x + (nint)start * channels, count, channels, into, into + channels);
        }, (image, row, count, block) => {
            Span<double> mean = result.AsSpan(2 * image * channels, channels), squares = result.AsSpan((2 * image + 1) * channels, channels);
            for (int c = 0; c < channels; c++) {
                double apart = block[c] - mean[c];
                mean[c] += apart * count / (row + count);
                squares[c] += block[channels + c] + apart * apart * row * count / (row + count);
            }
        });
        return result;
    }

    /// <summary>Σ dy and Σ dy·(x - mean), mean being that of the image and channel (stride <paramref name="meanStride"/> an image).</summary>
    /// <returns>For each image: the first sums of all channels, then the second.</returns>
    public static double[] Gradients(HostDevice host, float* dy, float* x, float* mean, int meanStride, int images, int rows, int channels) {
        double[] result = new double[2 * images * channels];
        OverBlocks(host, images, rows, channels, (start, count, into) => {
            GradientRows(dy + (nint)start * channels, x + (nint)start * channels, mean + start / rows * meanStride, count, channels, into, into + channels);
        }, (image, _, _, block) => {
            for (int i = 0; i < 2 * channels; i++) result[2 * image * channels + i] += block[i];
        });
        return result;
    }

    private delegate void Measure(int firstRow, int count, double* into);

    private delegate void Merge(int image, int row, int count, ReadOnlySpan<double> block);

    private static void OverBlocks(HostDevice host, int images, int rows, int channels, Measure measure, Merge merge) {
        int blockRows = Math.Clamp(BlockElements / Math.Max(1, channels), 1, Math.Max(1, rows)), blocks = (rows + blockRows - 1) / blockRows;
        double[] partial = ArrayPool<double>.Shared.Rent(Math.Max(1, 2 * channels * images * blocks));
        fixed (double* each = partial) {
            double* first = each;
            host.Workers.For(images * blocks, item => {
                (int image, int block) = Math.DivRem(item, blocks);
                measure(image * rows + block * blockRows, Math.Min(blockRows, rows - block * blockRows), first + (nint)item * 2 * channels);
            });
        }
        for (int item = 0; item < images * blocks; item++) {
            int row = item % blocks * blockRows;
            merge(item / blocks, row, Math.Min(blockRows, rows - row), partial.AsSpan(item * 2 * channels, 2 * channels));
        }
        ArrayPool<double>.Shared.Return(partial);
    }

    /// <summary>Per channel Σ x, or, around a centre, Σ (x - centre)². Sixteen channels at a time, four rows in flight.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void SumRows(float* x, int rows, int channels, double* centre, double* into) {
        float* lanes = stackalloc float[16];
        int c = 0;
        for (; c + 16 <= channels; c += 16) {
            Vector512<float> middle = Vector512<float>.Zero, s0 = middle, s1 = middle, s2 = middle, s3 = middle;
            if (centre is not null) {
                for (int i = 0; i < 16; i++) lanes[i] = (float)centre[c + i];
                middle = Vector512.Load(lanes);
            }
            float* at = x + c;
            int row = 0;
            for (; row + 4 <= rows; row += 4, at += 4 * channels) {
                Vector512<float> a = Vector512.Load(at) - middle, b = Vector512.Load(at + channels) - middle;
                Vector512<float> d = Vector512.Load(at + 2 * channels) - middle, e = Vector512.Load(at + 3 * channels) - middle;
                (s0, s1, s2, s3) = centre is null ? (s0 + a, s1 + b, s2 + d, s3 + e) : (s0 + a * a, s1 + b * b, s2 + d * d, s3 + e * e);
            }
            for (; row < rows; row++, at += channels) {
                Vector512<float> a = Vector512.Load(at) - middle;
                s0 += centre is null ? a : a * a;
            }
            (s0 + s1 + (s2 + s3)).Store(lanes);
            for (int i = 0; i < 16; i++) into[c + i] = lanes[i];
        }
        for (; c < channels; c++) {
            float sum = 0, middle = centre is null ? 0 : (float)centre[c];
            for (int row = 0; row < rows; row++) {
                float a = x[(nint)row * channels + c] - middle;
                sum += centre is null ? a : a * a;
            }
            into[c] = sum;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void GradientRows(float* dy, float* x, float* mean, int rows, int channels, double* sums, double* products) {
        float* lanes = stackalloc float[16];
        int c = 0;
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
