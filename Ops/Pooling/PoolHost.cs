using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using V = System.Runtime.Intrinsics.Vector512<float>;

namespace DenseEngine.Ops;

/// <summary>Loops over a pool's lines on the processor. A line is walked in vectors of 16 channels; the last vector overlaps the one
/// before it where 16 does not divide the channels, and fewer channels than 16 go one by one. Every result is made by one thread, so that
/// the number of threads does not matter.</summary>
internal static unsafe partial class PoolHost {
    /// <summary>Channels of a work item where there are few lines; vector operations worth a thread.</summary>
    private const int ChannelBlock = 64, Grain = 1 << 12;

    /// <summary>Few lines are also shared by channels; where there are many, neighbours go together, whose windows may overlap.</summary>
    private const int FewLines = 8, ManyLines = 64, NeighbouringLines = 4;

    /// <summary>Runs <paramref name="line"/> for each of the lines of all pictures:
    /// (picture, line, first channel, end of the channels).</summary>
    public static void Lines(HostDevice host, PoolGeometry pool, int rows, int columns, long taps, Action<int, int, int, int> line) {
        int lines = pool.Images * rows, blocks = lines < FewLines ? (pool.Channels + ChannelBlock - 1) / ChannelBlock : 1;
        int width = blocks == 1 ? pool.Channels : ChannelBlock;
        if (pool.Channels == 0) return;
        long work = Math.Max(1, columns * taps * ((width + V.Count - 1) / V.Count));
        host.Workers.ForRange(lines * blocks, (int)Math.Max(lines >= ManyLines ? NeighbouringLines : 1, Grain / work), (from, until) => {
            for (int item = from; item < until; item++) {
                (int row, int block) = Math.DivRem(item, blocks);
                (int image, row) = Math.DivRem(row, rows);
                line(image, row, block * width, Math.Min(pool.Channels, (block + 1) * width));
            }
        });
    }

    /// <summary>For each output column the input columns of its window: worked out once, as it takes divisions.</summary>
    public static Ranges Columns(PoolGeometry pool) => new(pool.OutputWidth, pool.FirstColumn, pool.EndColumn);

    /// <summary>For each input column the output columns whose windows may hold it.</summary>
    public static Ranges OutputColumns(PoolGeometry pool) => new(pool.Width, pool.FirstOutputColumn, pool.EndOutputColumn);

    /// <summary>The pixels of the largest window, for the loops' grain.</summary>
    public static long Taps(PoolGeometry pool) => pool.WindowHeight > 0
        ? (long)pool.WindowHeight * pool.WindowWidth
        : (pool.Height / pool.OutputHeight + 1L) * (pool.Width / pool.OutputWidth + 1L);

    /// <summary>The largest values of a line's windows, four vectors side by side while there are as many.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void MaxLine(float* y, float* x, PoolGeometry pool, Ranges columns, int image, int oy, int firstChannel, int endChannel) {
        int channels = pool.Channels, firstRow = pool.FirstRow(oy), endRow = pool.EndRow(oy), stepRow = pool.DilationY;
        nint stepColumn = (nint)pool.DilationX * channels, line = (nint)pool.Width * channels;
        float* picture = x + image * pool.Height * line, to = y + ((nint)image * pool.OutputHeight + oy) * pool.OutputWidth * channels;
        V least = Vector512.Create(float.NegativeInfinity);
        for (int ox = 0; ox < pool.OutputWidth; ox++, to += channels) {
            int firstColumn = columns.First[ox], endColumn = columns.End[ox], channel = firstChannel;
            for (; channel <= endChannel - 4 * V.Count; channel += 4 * V.Count) {
                V a = least, b = least, c = least, d = least;
                for (int iy = firstRow; iy < endRow; iy += stepRow) {
                    float* from = picture + iy * line + (nint)firstColumn * channels + channel,
                        end = picture + iy * line + (nint)endColumn * channels;
                    for (; from < end; from += stepColumn) {
                        a = Larger(a, Vector512.Load(from));
                        b = Larger(b, Vector512.Load(from + 16));
                        c = Larger(c, Vector512.Load(from + 32));
                        d = Larger(d, Vector512.Load(from + 48));
                    }
                }
                a.Store(to + channel);
                b.Store(to + channel + 16);
                c.Store(to + channel + 32);
                d.Store(to + channel + 48);
            }
            for (; endChannel - firstChannel >= V.Count && channel < endChannel; channel += V.Count) {
                if (channel > endChannel - V.Count) channel = endChannel - V.Count;
                V best = least;
                for (int iy = firstRow; iy < endRow; iy += stepRow) {
                    float* from = picture + iy * line + (nint)firstColumn * channels + channel,
                        end = picture + iy * line + (nint)endColumn * channels;
                    for (; from < end; from += stepColumn) best = Larger(best, Vector512.Load(from));
                }
                best.Store(to + channel);
            }
            for (; channel < endChannel; channel++) {
                float best = float.NegativeInfinity;
                for (int iy = firstRow; iy < endRow; iy += stepRow) {
                    float* from = picture + iy * line + (nint)firstColumn * channels + channel,
                        end = picture + iy * line + (nint)endColumn * channels;
                    for (; from < end; from += stepColumn) best = *from > best || float.IsNaN(*from) ? *from : best;
                }
                to[channel] = best;
            }
        }
    }

    /// <summary>The new value where it is larger or NaN: a NaN before it stays.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Larger(V best, V value) =>
        Vector512.ConditionalSelect(Vector512.Equals(value, value), Vector512.MaxNative(value, best), value);   // of equal ones the second

    /// <summary>The largest values of a line's windows, and which pixels (line · Width + column) hold them;
    /// -1 where there is none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void MaxLineAndPlaces(float* y, int* indices, float* x, PoolGeometry pool, Ranges columns, int image, int oy,
        int firstChannel, int endChannel) {
        int channels = pool.Channels, firstRow = pool.FirstRow(oy), endRow = pool.EndRow(oy), stepRow = pool.DilationY,
            stepColumn = pool.DilationX;
        float* picture = x + (nint)image * pool.Height * pool.Width * channels;
        for (int ox = 0; ox < pool.OutputWidth; ox++) {
            int firstColumn = columns.First[ox], endColumn = columns.End[ox], channel = firstChannel;
            // A dilated window may step over a small picture; it has no winner.
            int start = firstRow < endRow && firstColumn < endColumn ? firstRow * pool.Width + firstColumn : -1;
            nint to = (((nint)image * pool.OutputHeight + oy) * pool.OutputWidth + ox) * channels;
            for (; endChannel - firstChannel >= V.Count && channel < endChannel; channel += V.Count) {
                if (channel > endChannel - V.Count) channel = endChannel - V.Count;
                V best = start < 0 ? Vector512.Create(float.NegativeInfinity) : Vector512.Load(picture + (nint)start * channels + channel);
                Vector512<int> place = Vector512.Create(start);
                for (int iy = firstRow; iy < endRow; iy += stepRow) {
                    for (int ix = firstColumn; ix < endColumn; ix += stepColumn) {
                        int here = iy * pool.Width + ix;
                        V value = Vector512.Load(picture + (nint)here * channels + channel);
                        V better = Vector512.GreaterThan(value, best) | ~Vector512.Equals(value, value);
                        best = Vector512.ConditionalSelect(better, value, best);
                        place = Vector512.ConditionalSelect(better.AsInt32(), Vector512.Create(here), place);
                    }
                }
                best.Store(y + to + channel);
                place.Store(indices + to + channel);
            }
            for (; channel < endChannel; channel++) {
                int place = start;
                float best = start < 0 ? float.NegativeInfinity : picture[(nint)start * channels + channel];
                for (int iy = firstRow; iy < endRow; iy += stepRow) {
                    for (int ix = firstColumn; ix < endColumn; ix += stepColumn) {
                        float value = picture[((nint)iy * pool.Width + ix) * channels + channel];
                        if (value > best || float.IsNaN(value)) (best, place) = (value, iy * pool.Width + ix);
                    }
                }
                y[to + channel] = best;
                indices[to + channel] = place;
            }
        }
    }

    /// <summary>The gradient of an input line: each pixel gathers from the windows that chose it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void MaxGradientLine(float* dx, float* dy, int* indices, PoolGeometry pool, Ranges columns, int image, int iy,
        int firstChannel, int endChannel) {
        int channels = pool.Channels, firstRow = pool.FirstOutputRow(iy), endRow = pool.EndOutputRow(iy);
        nint picture = (nint)image * pool.OutputHeight * pool.OutputWidth * channels;
        for (int ix = 0; ix < pool.Width; ix++) {
            int firstColumn = columns.First[ix], endColumn = columns.End[ix], place = iy * pool.Width + ix;
            float* to = dx + (((nint)image * pool.Height + iy) * pool.Width + ix) * channels;
            Vector512<int> here = Vector512.Create(place);
            int channel = firstChannel;
            for (; endChannel - firstChannel >= V.Count && channel < endChannel; channel += V.Count) {
                if (channel > endChannel - V.Count) channel = endChannel - V.Count;
                V sum = V.Zero;
                for (int oy = firstRow; oy < endRow; oy++) {
                    for (int ox = firstColumn; ox < endColumn; ox++) {
                        nint from = picture + ((nint)oy * pool.OutputWidth + ox) * channels + channel;
                        sum += Vector512.Equals(Vector512.Load(indices + from), here).AsSingle() & Vector512.Load(dy + from);
                    }
                }
                sum.Store(to + channel);
            }
            for (; channel < endChannel; channel++) {
                float sum = 0;
                for (int oy = firstRow; oy < endRow; oy++) {
                    for (int ox = firstColumn; ox < endColumn; ox++) {
                        nint from = picture + ((nint)oy * pool.OutputWidth + ox) * channels + channel;
                        if (indices[from] == place) sum += dy[from];
                    }
                }
                to[channel] = sum;
            }
        }
    }

    /// <summary>The gradient of an input line: each pixel gathers its share from the windows that hold it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AverageGradientLine(float* dx, float* dy, PoolGeometry pool, Ranges columns, AverageDivisor divisor, int image,
        int iy, int firstChannel, int endChannel) {
        int channels = pool.Channels, firstRow = pool.FirstOutputRow(iy), endRow = pool.EndOutputRow(iy);
        float* picture = dy + (nint)image * pool.OutputHeight * pool.OutputWidth * channels;
        float* line = dx + ((nint)image * pool.Height + iy) * pool.Width * channels;
        for (int ix = 0; ix < pool.Width; ix++) {
            new Span<float>(line + (nint)ix * channels + firstChannel, endChannel - firstChannel).Clear();
            for (int oy = firstRow; oy < endRow; oy++) {
                for (int ox = columns.First[ix]; ox < columns.End[ix]; ox++) {
                    float share = 1f / divisor.At(pool, oy, ox);
                    VectorLoops.AddScaled(line + (nint)ix * channels + firstChannel,
                        picture + ((nint)oy * pool.OutputWidth + ox) * channels + firstChannel,
                        endChannel - firstChannel, share);
                }
            }
        }
    }
}

/// <summary>What an average pool divides by.</summary>
/// <param name="CountPadding">Whether padding counts as pixels.</param>
/// <param name="Given">A number for all windows, or 0: each window's pixels.</param>
internal readonly record struct AverageDivisor(bool CountPadding, int Given) {
    /// <summary>The divisor of one window.</summary>
    public int At(PoolGeometry pool, int oy, int ox) => Given != 0 ? Given : pool.Divisor(oy, ox, CountPadding);
}

/// <summary>A range, First to End (exclusive), for each of some numbers.</summary>
internal readonly struct Ranges(int count, Func<int, int> first, Func<int, int> end) {
    /// <summary>Where each begins.</summary>
    public readonly int[] First = Each(count, first);

    /// <summary>One past where each ends.</summary>
    public readonly int[] End = Each(count, end);

    private static int[] Each(int count, Func<int, int> value) {
        int[] values = new int[count];
        for (int i = 0; i < count; i++) values[i] = value(i);
        return values;
    }
}
