using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace DenseEngine.Models;

/// <summary>
/// Turns 8-bit pictures into the float32 input of a network: (x - mean) / std by channel. As in mmcv's <c>imnormalize</c>, mean and std are
/// float32; the difference is rounded to float32, multiplied by the float64 reciprocal of std, and rounded again.
/// </summary>
public sealed class Normalization {
    private readonly float[] table = new float[3 * 256];   // results by output channel and byte
    private readonly bool toRgb;
    private readonly float[] mean, std;
    private readonly Lanes lanes;

    /// <summary>Prepares the three channels' values.</summary>
    /// <param name="mean">Three means in the order of the output's channels, in units of 0 to 255.</param>
    /// <param name="std">Three divisors, likewise; none is 0.</param>
    /// <param name="toRgb">Whether the output's channels are red, green, blue; else they stay blue, green, red.</param>
    /// <exception cref="ConfigException">Not three values each, or one that is no number, or a std of 0.</exception>
    public Normalization(ReadOnlySpan<float> mean, ReadOnlySpan<float> std, bool toRgb) {
        if (mean.Length != 3 || std.Length != 3)
            throw new ConfigException($"Normalisation needs 3 means and 3 stds but got {mean.Length} and {std.Length}.");
        (this.toRgb, this.mean, this.std) = (toRgb, mean.ToArray(), std.ToArray());
        lanes = new Lanes(mean, std, toRgb);
        for (int channel = 0; channel < 3; channel++) {
            if (!float.IsFinite(mean[channel]) || !float.IsFinite(std[channel]) || std[channel] == 0)
                throw new ConfigException($"Normalisation cannot use mean {mean[channel]} with std {std[channel]} (channel {channel}).");
            double reciprocal = 1.0 / std[channel];
            for (int value = 0; value < 256; value++) table[256 * channel + value] = (float)((float)(value - mean[channel]) * reciprocal);
        }
    }

    /// <summary>The smallest size that holds the given one and is a multiple of the divisor in both directions.</summary>
    /// <param name="width">Columns.</param>
    /// <param name="height">Rows.</param>
    /// <param name="divisor">The largest stride of the network, 32 say.</param>
    public static (int Width, int Height) PaddedSize(int width, int height, int divisor) {
        ArgumentOutOfRangeException.ThrowIfLessThan(divisor, 1);
        return (checked((width + divisor - 1) / divisor * divisor), checked((height + divisor - 1) / divisor * divisor));
    }

    /// <summary>Writes one picture of a batch: its normalised pixels at the top left, zeros to the right and below.</summary>
    /// <param name="picture">The picture, already resized.</param>
    /// <param name="target">The picture's place in the batch: [paddedHeight, paddedWidth, 3] floats.</param>
    /// <param name="paddedWidth">Columns of the batch, at least the picture's.</param>
    /// <param name="paddedHeight">Rows of the batch, at least the picture's.</param>
    /// <exception cref="ShapeException">The picture does not fit, or the target has another length.</exception>
    public void Write(Picture picture, Span<float> target, int paddedWidth, int paddedHeight) {
        ArgumentNullException.ThrowIfNull(picture);
        Write(picture.Pixels, picture.Width, picture.Height, target, paddedWidth, paddedHeight);
    }

    /// <summary>The same for pixels [height, width, 3] in memory, blue first.</summary>
    internal void Write(ReadOnlySpan<byte> picture, int width, int height, Span<float> target, int paddedWidth, int paddedHeight) {
        if (width > paddedWidth || height > paddedHeight || target.Length != 3L * paddedWidth * paddedHeight) {
            throw new ShapeException($"Normalization: a picture of {width}x{height} needs a place at least as large and "
                + $"height x width x 3 floats but got {paddedWidth}x{paddedHeight} and {target.Length} floats.");
        }
        int samples = 3 * width, paddedSamples = 3 * paddedWidth;
        for (int y = 0; y < height; y++) {
            Span<float> row = target.Slice(y * paddedSamples, paddedSamples);
            WriteRow(picture.Slice(y * samples, samples), row);
            row[samples..].Clear();
        }
        target[(height * paddedSamples)..].Clear();
    }

    /// <summary>Writes one picture into the middle of its own padding, which is filled and normalised as the picture is; zeros to the right
    /// and below of that.</summary>
    /// <param name="picture">Pixels [height, width, 3], blue first.</param>
    /// <param name="place">Its place. Where the padding ends before the picture, so does the picture.</param>
    /// <param name="fill">Blue, green and red of the padding, from 0 to 255.</param>
    /// <param name="target">The picture's place in the batch: [height, width, 3] floats.</param>
    /// <param name="targetWidth">Columns of the batch.</param>
    internal void WriteCentered(ReadOnlySpan<byte> picture, ImageInfo place, ReadOnlySpan<float> fill, Span<float> target,
        int targetWidth) {
        target.Clear();
        Span<float> color = stackalloc float[3];
        for (int channel = 0; channel < 3; channel++) {
            float shift = fill[toRgb ? 2 - channel : channel] - mean[channel];
            color[channel] = (float)(shift * (1.0 / std[channel]));
        }
        // The picture's halves and the place's need not fit: an odd side in an equally long place loses its end.
        int columns = Math.Min(place.Width, place.Width / 2 + place.PaddedWidth / 2), rows = Math.Min(place.Height,
            place.Height / 2 + place.PaddedHeight / 2);
        for (int y = 0; y < place.PaddedHeight; y++) {
            Span<float> row = target.Slice(3 * y * targetWidth, 3 * place.PaddedWidth);
            for (int i = 0; i < row.Length; i++) row[i] = color[i % 3];
            int from = y - place.Top;
            if (from < 0 || from >= rows) continue;
            WriteRow(picture.Slice(3 * from * place.Width, 3 * columns), row.Slice(3 * place.Left, 3 * columns));
        }
    }

    private void WriteRow(ReadOnlySpan<byte> pixels, Span<float> row) {
        ReadOnlySpan<float> first = table.AsSpan(0, 256), second = table.AsSpan(256, 256), third = table.AsSpan(512, 256);
        int firstSample = toRgb ? 2 : 0;
        for (int i = lanes.Write(pixels, row); i + 2 < pixels.Length; i += 3) {
            row[i] = first[pixels[i + firstSample]];
            row[i + 1] = second[pixels[i + 1]];
            row[i + 2] = third[pixels[i + 2 - firstSample]];
        }
    }

    /// <summary>Five pixels at a time: fifteen samples and one more, which the next five overwrite. The same operations as the table's,
    /// hence the same bits.</summary>
    private readonly struct Lanes {
        private const int Samples = 15;

        private readonly Vector128<byte> order;
        private readonly Vector256<float> lowMean, highMean;
        private readonly Vector256<double> scale0, scale1, scale2, scale3;

        public Lanes(ReadOnlySpan<float> mean, ReadOnlySpan<float> std, bool toRgb) {
            Span<byte> from = stackalloc byte[16];
            Span<float> means = stackalloc float[16];
            Span<double> scales = stackalloc double[16];
            for (int i = 0; i < 16; i++) {
                int channel = i % 3;
                from[i] = (byte)(toRgb && i < Samples ? i - channel + 2 - channel : i);
                (means[i], scales[i]) = (mean[channel], 1.0 / std[channel]);
            }
            order = Vector128.Create<byte>(from);
            (lowMean, highMean) = (Vector256.Create<float>(means), Vector256.Create<float>(means[8..]));
            (scale0, scale1) = (Vector256.Create<double>(scales), Vector256.Create<double>(scales[4..]));
            (scale2, scale3) = (Vector256.Create<double>(scales[8..]), Vector256.Create<double>(scales[12..]));
        }

        /// <summary>Writes as much of a row as it can, whole pixels, and returns how many samples that was.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public int Write(ReadOnlySpan<byte> pixels, Span<float> row) {
            int i = 0;
            for (; i + 16 <= pixels.Length; i += Samples) {
                Vector128<byte> bytes = Vector128.Shuffle(Vector128.Create(pixels[i..]), order);
                (Vector128<ushort> low, Vector128<ushort> high) = Vector128.Widen(bytes);
                Half(low, lowMean, scale0, scale1).CopyTo(row[i..]);
                Half(high, highMean, scale2, scale3).CopyTo(row[(i + 8)..]);
            }
            return i;
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static Vector256<float> Half(Vector128<ushort> values, Vector256<float> mean, Vector256<double> low,
            Vector256<double> high) {
            Vector256<int> whole = Vector256.Create(Vector128.WidenLower(values), Vector128.WidenUpper(values)).AsInt32();
            (Vector256<double> first, Vector256<double> second) = Vector256.Widen(Vector256.ConvertToSingle(whole) - mean);
            return Vector256.Narrow(first * low, second * high);
        }
    }
}
