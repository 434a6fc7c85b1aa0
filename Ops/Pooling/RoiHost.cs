using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using V = System.Runtime.Intrinsics.Vector512<float>;

namespace DenseEngine.Ops;

/// <summary>The host path of RoIAlign: samples along lines and columns are independent, so that a bin is a sum over few lines and few
/// columns. Channels go in vectors of 16, four side by side while there are as many.</summary>
internal static unsafe class RoiHost {
    /// <summary>Vector operations worth a thread; bytes of a band of the gradient, which stays in the second-level cache; bands of a small
    /// map, for threads to share.</summary>
    private const int Grain = 1 << 14, BandBytes = 1 << 20, FewestBands = 8;

    /// <summary>y from x; a box belongs to one thread.</summary>
    public static void Forward(HostDevice host, Tensor y, Tensor x, Tensor boxes, Tensor? levels, RoiGeometry roi) {
        if (y.Count == 0) return;
        float* to = y.Pointer, from = x.Pointer, box = boxes.Pointer;
        int* level = levels is null ? null : levels.IntPointer;
        int bins = roi.OutputHeight * roi.OutputWidth, vectors = (roi.Channels + V.Count - 1) / V.Count;
        host.Workers.ForRange(roi.Boxes, (int)Math.Max(1, Grain / ((long)bins * vectors * 4)), (first, end) => {
            RoiTaps rows = new(), columns = new();
            for (int i = first; i < end; i++) {
                if (!roi.Has(level == null ? 0 : level[i])) continue;
                float* given = box + 5 * i, target = to + (nint)i * bins * roi.Channels;
                int image = roi.Image(given[0]);
                if (image < 0) {
                    new Span<float>(target, bins * roi.Channels).Clear();
                    continue;
                }
                float share = Find(rows, columns, given, roi);
                Pool(target, from + (nint)image * roi.Height * roi.Width * roi.Channels, rows, columns, share, roi);
            }
        });
    }

    /// <summary>dx from dy; a band of lines belongs to one thread, which adds the boxes over it in their order.</summary>
    public static void Gradient(HostDevice host, Tensor dx, Tensor dy, Tensor boxes, Tensor? levels, RoiGeometry roi) {
        if (dx.Count == 0) return;
        float* to = dx.Pointer, from = dy.Pointer, box = boxes.Pointer;
        int* level = levels is null ? null : levels.IntPointer;
        var taps = new (RoiTaps Rows, RoiTaps Columns, float Share)[roi.Boxes];
        host.Workers.ForRange(roi.Boxes, 16, (first, end) => {
            for (int i = first; i < end; i++) {
                if (!roi.Has(level == null ? 0 : level[i])) continue;
                RoiTaps rows = new(), columns = new();
                taps[i] = (rows, columns, Find(rows, columns, box + 5 * i, roi));
            }
        });
        nint line = (nint)roi.Width * roi.Channels, bins = roi.OutputHeight * roi.OutputWidth;
        int band = (int)Math.Clamp(BandBytes / (line * sizeof(float)), 1, (roi.Height + FewestBands - 1) / FewestBands),
            bands = (roi.Height + band - 1) / band;
        host.Workers.For(roi.Images * bands, item => {
            int image = item / bands, top = item % bands * band, bottom = Math.Min(top + band, roi.Height);
            float* picture = to + image * roi.Height * line;
            for (int y = top; y < bottom; y++) new Span<float>(picture + y * line, (int)line).Clear();
            for (int i = 0; i < roi.Boxes; i++) {
                float* given = box + 5 * i;
                if (taps[i].Rows is not null && roi.Image(given[0]) == image && roi.Rows(given[2], given[4]).Reaches(top, bottom))
                    Spread(picture, from + i * bins * roi.Channels, taps[i].Rows, taps[i].Columns, taps[i].Share, roi, top, bottom);
            }
        });
    }

    /// <summary>The taps of a box, and a sum's share in the mean.</summary>
    private static float Find(RoiTaps rows, RoiTaps columns, float* box, RoiGeometry roi) {
        RoiAxis down = roi.Rows(box[2], box[4]), across = roi.Columns(box[1], box[3]);
        rows.Find(down);
        columns.Find(across);
        return RoiGeometry.Share(down, across);
    }

    /// <summary>The bins of a box.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Pool(float* to, float* picture, RoiTaps rows, RoiTaps columns, float share, RoiGeometry roi) {
        int channels = roi.Channels;
        nint line = (nint)roi.Width * channels;
        fixed (int* y = rows.Pixels, x = columns.Pixels)
        fixed (float* down = rows.Shares, across = columns.Shares) {
            for (int by = 0; by < roi.OutputHeight; by++) {
                int firstRow = rows.First(by), endRow = rows.End(by);
                for (int bx = 0; bx < roi.OutputWidth; bx++, to += channels) {
                    int firstColumn = columns.First(bx), endColumn = columns.End(bx), channel = 0;
                    // A bin without samples is zero, whatever its mean would be.
                    float mean = firstRow < endRow && firstColumn < endColumn ? share : 0;
                    for (; channel <= channels - 4 * V.Count; channel += 4 * V.Count) {
                        V a = V.Zero, b = V.Zero, c = V.Zero, d = V.Zero;
                        for (int row = firstRow; row < endRow; row++) {
                            float* start = picture + y[row] * line + channel;
                            for (int column = firstColumn; column < endColumn; column++) {
                                float* from = start + (nint)x[column] * channels;
                                V weight = Vector512.Create(down[row] * across[column]);
                                a += Vector512.Load(from) * weight;
                                b += Vector512.Load(from + 16) * weight;
                                c += Vector512.Load(from + 32) * weight;
                                d += Vector512.Load(from + 48) * weight;
                            }
                        }
                        (a * mean).Store(to + channel);
                        (b * mean).Store(to + channel + 16);
                        (c * mean).Store(to + channel + 32);
                        (d * mean).Store(to + channel + 48);
                    }
                    for (; channel <= channels - V.Count; channel += V.Count) {
                        V sum = V.Zero;
                        for (int row = firstRow; row < endRow; row++) {
                            float* start = picture + y[row] * line + channel;
                            for (int column = firstColumn; column < endColumn; column++)
                                sum += Vector512.Load(start + (nint)x[column] * channels) * (down[row] * across[column]);
                        }
                        (sum * mean).Store(to + channel);
                    }
                    for (; channel < channels; channel++) {
                        float sum = 0;
                        for (int row = firstRow; row < endRow; row++) {
                            float* start = picture + y[row] * line + channel;
                            for (int column = firstColumn; column < endColumn; column++)
                                sum += start[(nint)x[column] * channels] * (down[row] * across[column]);
                        }
                        to[channel] = sum * mean;
                    }
                }
            }
        }
    }

    /// <summary>Adds the bins of a box to the lines of a band.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Spread(float* picture, float* dy, RoiTaps rows, RoiTaps columns, float share, RoiGeometry roi, int top,
        int bottom) {
        int channels = roi.Channels;
        nint line = (nint)roi.Width * channels;
        fixed (int* y = rows.Pixels, x = columns.Pixels)
        fixed (float* down = rows.Shares, across = columns.Shares) {
            for (int by = 0; by < roi.OutputHeight; by++) {
                for (int row = rows.First(by); row < rows.End(by); row++) {
                    if (y[row] < top || y[row] >= bottom) continue;
                    float weight = down[row] * share;
                    float* from = dy + (nint)by * roi.OutputWidth * channels;
                    for (int bx = 0; bx < roi.OutputWidth; bx++, from += channels)
                        for (int column = columns.First(bx); column < columns.End(bx); column++)
                            VectorLoops.AddScaled(picture + y[row] * line + (nint)x[column] * channels, from, channels,
                                weight * across[column]);
                }
            }
        }
    }
}
