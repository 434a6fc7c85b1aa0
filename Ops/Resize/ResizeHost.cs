using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using V = System.Runtime.Intrinsics.Vector512<float>;

namespace DenseEngine.Ops;

/// <summary>Lines of resampling on the processor; in gradients each input pixel gathers from its outputs, in vectors of 16 channels and
/// then one by one; a pixel belongs to one thread.</summary>
internal static unsafe class ResizeHost {
    /// <summary>Pixels of a line, one for each of the columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void SpreadLine(float* y, float* x, int[] columns, int channels) {
        foreach (int column in columns) {
            float* from = x + (nint)column * channels;
            int c = 0;
            for (; c <= channels - V.Count; c += V.Count) Vector512.Load(from + c).Store(y + c);
            for (; c < channels; c++) y[c] = from[c];
            y += channels;
        }
    }

    /// <summary>The gradient of an input line under nearest sampling: output lines from <paramref name="firstRow"/> to
    /// <paramref name="endRow"/> of a picture copied it; input column i went to columns[i] up to columns[i + 1].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void NearestGradientLine(float* dx, float* dy, int firstRow, int endRow, int* columns, int width, int outputWidth,
        int channels) {
        nint line = (nint)outputWidth * channels;
        for (int ix = 0; ix < width; ix++, dx += channels) {
            int firstColumn = columns[ix], endColumn = columns[ix + 1];
            int c = 0;
            for (; c <= channels - V.Count; c += V.Count) {
                V sum = V.Zero;
                for (int oy = firstRow; oy < endRow; oy++) {
                    float* from = dy + oy * line + (nint)firstColumn * channels + c;
                    for (int ox = firstColumn; ox < endColumn; ox++, from += channels) sum += Vector512.Load(from);
                }
                sum.Store(dx + c);
            }
            for (; c < channels; c++) {
                float sum = 0;
                for (int oy = firstRow; oy < endRow; oy++)
                    for (int ox = firstColumn; ox < endColumn; ox++) sum += dy[oy * line + (nint)ox * channels + c];
                dx[c] = sum;
            }
        }
    }

    /// <summary>The gradient of an input line under linear sampling: each output's weight is the product of its row's and its
    /// column's. Four vectors go side by side while there are as many.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void LinearGradientLine(float* dx, float* dy, int iy, ResizeTable rows, ResizeTable columns, int[] starts,
        float[] weights,
        int width, int outputWidth, int channels) {
        nint line = (nint)outputWidth * channels;
        int firstRow = rows.FirstReader(iy), endRow = rows.EndReader(iy);
        fixed (float* shares = weights)
            for (int ix = 0; ix < width; ix++, dx += channels) {
                int firstColumn = columns.FirstReader(ix), count = columns.EndReader(ix) - firstColumn;
                float* share = shares + starts[ix], first = dy + (nint)firstColumn * channels;
                int c = 0;
                for (; c <= channels - 4 * V.Count; c += 4 * V.Count) {
                    V s0 = V.Zero, s1 = s0, s2 = s0, s3 = s0;
                    for (int oy = firstRow; oy < endRow; oy++) {
                        float* from = first + oy * line + c;
                        V a0 = V.Zero, a1 = a0, a2 = a0, a3 = a0;
                        for (int i = 0; i < count; i++, from += channels) {
                            V factor = Vector512.Create(share[i]);
                            a0 += Vector512.Load(from) * factor;
                            a1 += Vector512.Load(from + 16) * factor;
                            a2 += Vector512.Load(from + 32) * factor;
                            a3 += Vector512.Load(from + 48) * factor;
                        }
                        V down = Vector512.Create(rows.Share(oy, iy));
                        s0 += a0 * down;
                        s1 += a1 * down;
                        s2 += a2 * down;
                        s3 += a3 * down;
                    }
                    s0.Store(dx + c);
                    s1.Store(dx + c + 16);
                    s2.Store(dx + c + 32);
                    s3.Store(dx + c + 48);
                }
                for (; c <= channels - V.Count; c += V.Count) {
                    V sum = V.Zero;
                    for (int oy = firstRow; oy < endRow; oy++) {
                        V across = V.Zero;
                        float* from = first + oy * line + c;
                        for (int i = 0; i < count; i++, from += channels) across += Vector512.Load(from) * share[i];
                        sum += across * rows.Share(oy, iy);
                    }
                    sum.Store(dx + c);
                }
                for (; c < channels; c++) {
                    float sum = 0;
                    for (int oy = firstRow; oy < endRow; oy++) {
                        float across = 0;
                        for (int i = 0; i < count; i++) across += first[oy * line + (nint)i * channels + c] * share[i];
                        sum += across * rows.Share(oy, iy);
                    }
                    dx[c] = sum;
                }
            }
    }
}
