using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using V = System.Runtime.Intrinsics.Vector512<float>;

namespace DenseEngine.Ops;

internal static unsafe partial class PoolHost {
    /// <summary>Pixels of a window whose sum needs no double precision.</summary>
    private const int SmallWindow = 64;

    /// <summary>The averages of a line's windows: a window's lines are summed in single precision, their sums in double; small windows are
    /// summed in single precision altogether. Four vectors side by side while there are as many.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AverageLine(float* y, float* x, PoolGeometry pool, Ranges columns, AverageDivisor divisor, int image, int oy,
        int firstChannel, int endChannel) {
        int channels = pool.Channels, firstRow = pool.FirstRow(oy), endRow = pool.EndRow(oy);
        float* picture = x + (nint)image * pool.Height * pool.Width * channels;
        for (int ox = 0; ox < pool.OutputWidth; ox++) {
            int firstColumn = columns.First[ox], endColumn = columns.End[ox];
            double divide = divisor.At(pool, oy, ox);
            float* to = y + (((nint)image * pool.OutputHeight + oy) * pool.OutputWidth + ox) * channels;
            int channel = firstChannel;
            bool small = (endRow - firstRow) * (endColumn - firstColumn) <= SmallWindow;
            float* corner = picture + ((nint)firstRow * pool.Width + firstColumn) * channels;
            for (; channel <= endChannel - 4 * V.Count; channel += 4 * V.Count) {
                if (small) AverageSmall(to + channel, corner + channel, endRow - firstRow, endColumn - firstColumn, pool, (float)divide);
                else AverageLarge(to + channel, corner + channel, endRow - firstRow, endColumn - firstColumn, pool, divide);
            }
            for (; endChannel - firstChannel >= V.Count && channel < endChannel; channel += V.Count) {
                if (channel > endChannel - V.Count) channel = endChannel - V.Count;
                Vector512<double> low = Vector512<double>.Zero, high = low;
                for (int iy = firstRow; iy < endRow; iy++) {
                    float* from = picture + ((nint)iy * pool.Width + firstColumn) * channels + channel;
                    V sum = Vector512.Load(from);
                    for (int ix = firstColumn + 1; ix < endColumn; ix++) sum += Vector512.Load(from += channels);
                    (Vector512<double> sumLow, Vector512<double> sumHigh) = Vector512.Widen(sum);
                    low += sumLow;
                    high += sumHigh;
                }
                Vector512.Narrow(low / divide, high / divide).Store(to + channel);
            }
            for (; channel < endChannel; channel++) {
                double total = 0;
                for (int iy = firstRow; iy < endRow; iy++) {
                    float* from = picture + ((nint)iy * pool.Width + firstColumn) * channels + channel;
                    float sum = *from;
                    for (int ix = firstColumn + 1; ix < endColumn; ix++) sum += *(from += channels);
                    total += sum;
                }
                to[channel] = (float)(total / divide);
            }
        }
    }

    /// <summary>The average of a small window in 64 channels.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AverageSmall(float* y, float* x, int rows, int columns, in PoolGeometry pool, float divide) {
        V a = V.Zero, b = a, c = a, d = a, divisor = Vector512.Create(divide);
        nint channels = pool.Channels, next = (pool.Width - columns) * channels;
        for (; rows > 0; rows--, x += next) {
            for (int column = 0; column < columns; column++, x += channels) {
                a += Vector512.Load(x);
                b += Vector512.Load(x + 16);
                c += Vector512.Load(x + 32);
                d += Vector512.Load(x + 48);
            }
        }
        (a / divisor).Store(y);
        (b / divisor).Store(y + 16);
        (c / divisor).Store(y + 32);
        (d / divisor).Store(y + 48);
    }

    /// <summary>The average of a large window in 64 channels.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AverageLarge(float* y, float* x, int rows, int columns, in PoolGeometry pool, double divide) {
        double* totals = stackalloc double[4 * V.Count];
        new Span<double>(totals, 4 * V.Count).Clear();
        nint channels = pool.Channels, next = (pool.Width - columns) * channels;
        for (; rows > 0; rows--, x += next) {
            V a = V.Zero, b = a, c = a, d = a;
            for (int column = 0; column < columns; column++, x += channels) {
                a += Vector512.Load(x);
                b += Vector512.Load(x + 16);
                c += Vector512.Load(x + 32);
                d += Vector512.Load(x + 48);
            }
            AddWide(totals, a);
            AddWide(totals + 16, b);
            AddWide(totals + 32, c);
            AddWide(totals + 48, d);
        }
        for (int i = 0; i < 4 * V.Count; i++) y[i] = (float)(totals[i] / divide);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddWide(double* totals, V sum) {
        (Vector512<double> low, Vector512<double> high) = Vector512.Widen(sum);
        (Vector512.Load(totals) + low).Store(totals);
        (Vector512.Load(totals + 8) + high).Store(totals + 8);
    }
}
