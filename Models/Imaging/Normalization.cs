namespace DenseEngine.Models;

/// <summary>
/// Turns 8-bit pictures into the float32 input of a network: (x - mean) / std by channel. As in mmcv's <c>imnormalize</c>, mean and std are
/// float32; the difference is rounded to float32, multiplied by the float64 reciprocal of std, and rounded again.
/// </summary>
public sealed class Normalization {
    private readonly float[] table = new float[3 * 256];   // results by output channel and byte
    private readonly bool toRgb;

    /// <summary>Prepares the three channels' values.</summary>
    /// <param name="mean">Three means in the order of the output's channels, in units of 0 to 255.</param>
    /// <param name="std">Three divisors, likewise; none is 0.</param>
    /// <param name="toRgb">Whether the output's channels are red, green, blue; else they stay blue, green, red.</param>
    /// <exception cref="ConfigException">Not three values each, or one that is no number, or a std of 0.</exception>
    public Normalization(ReadOnlySpan<float> mean, ReadOnlySpan<float> std, bool toRgb) {
        if (mean.Length != 3 || std.Length != 3)
            throw new ConfigException($"Normalisation needs 3 means and 3 stds but got {mean.Length} and {std.Length}.");
        this.toRgb = toRgb;
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
        ReadOnlySpan<float> first = table.AsSpan(0, 256), second = table.AsSpan(256, 256), third = table.AsSpan(512, 256);
        int samples = 3 * width, paddedSamples = 3 * paddedWidth, firstSample = toRgb ? 2 : 0;
        for (int y = 0; y < height; y++) {
            ReadOnlySpan<byte> pixels = picture.Slice(y * samples, samples);
            Span<float> row = target.Slice(y * paddedSamples, paddedSamples);
            for (int i = 0; i + 2 < pixels.Length; i += 3) {
                row[i] = first[pixels[i + firstSample]];
                row[i + 1] = second[pixels[i + 1]];
                row[i + 2] = third[pixels[i + 2 - firstSample]];
            }
            row[samples..].Clear();
        }
        target[(height * paddedSamples)..].Clear();
    }
}
