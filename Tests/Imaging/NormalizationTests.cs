using DenseEngine.Models;
using Xunit;

namespace DenseEngine.Tests;

public class NormalizationTests {
    private static readonly float[] Mean = [123.675f, 116.28f, 103.53f], Std = [58.395f, 57.12f, 57.375f];

    // Values of mmcv's formula for ImageNet's statistics, rounded as stated, computed in Python.
    [Theory, InlineData(0, -2.11790395f, -2.03571439f, -1.80444443f), InlineData(100, -0.405428588f, -0.285014004f, -0.0615250319f),
        InlineData(104, -0.33692959f, -0.214985982f, 0.008191742f), InlineData(200, 1.30704677f, 1.46568632f, 1.68139434f),
        InlineData(255, 2.24890828f, 2.42857146f, 2.6400001f)]
    public void Values_are_those_of_mmcv(byte value, float red, float green, float blue) {
        var picture = new Picture(1, 1, [value, value, value]);
        var target = new float[3];
        new Normalization(Mean, Std, toRgb: true).Write(picture, target, 1, 1);
        Assert.Equal([red, green, blue], target);
    }

    [Theory, InlineData(true), InlineData(false)]
    public void Channels_are_ordered_and_the_rest_is_zero(bool toRgb) {
        var picture = new Picture(2, 1, [1, 2, 3, 4, 5, 6]);
        var target = new float[3 * 4 * 3];
        Array.Fill(target, float.NaN);
        new Normalization([0, 10, 20], [1, 1, 0.5f], toRgb).Write(picture, target, paddedWidth: 4, paddedHeight: 3);
        float[] expected = toRgb ? [3, -8, -38, 6, -5, -32] : [1, -8, -34, 4, -5, -28];
        Assert.Equal([.. expected, .. new float[30]], target);
    }

    /// <summary>Rows long and short, so that samples are written by vectors and one by one, against the formula.</summary>
    [Theory, InlineData(true), InlineData(false)]
    public void Every_sample_follows_the_formula_wherever_it_stands(bool toRgb) {
        const int width = 31, height = 9;
        var picture = new Picture(width, height, [.. Enumerable.Range(0, 3 * width * height).Select(i => (byte)(i * 11 % 256))]);
        var target = new float[3 * (width + 2) * height];
        new Normalization(Mean, Std, toRgb).Write(picture, target, width + 2, height);
        for (int i = 0; i < picture.Pixels.Length; i++) {
            int y = i / (3 * width), sample = i % (3 * width), channel = toRgb ? 2 - sample % 3 : sample % 3;
            float expected = (float)((picture.Pixels[i] - Mean[channel]) * (1.0 / Std[channel]));
            Assert.Equal(expected, target[y * 3 * (width + 2) + sample - sample % 3 + channel]);
        }
    }

    [Fact]
    public void Sizes_are_padded_to_multiples() {
        Assert.Equal((64, 96), Normalization.PaddedSize(64, 65, 32));
        Assert.Equal((1344, 800), Normalization.PaddedSize(1333, 800, 32));
        Assert.Equal((7, 9), Normalization.PaddedSize(7, 9, 1));
    }

    [Fact]
    public void What_does_not_fit_is_refused() {
        Assert.Throws<ConfigException>(() => new Normalization([1, 2], Std, true));
        Assert.Throws<ConfigException>(() => new Normalization(Mean, [1, 0, 1], true));
        Assert.Throws<ConfigException>(() => new Normalization([float.NaN, 0, 0], Std, true));
        var normalization = new Normalization(Mean, Std, true);
        var wide = Assert.Throws<ShapeException>(() => normalization.Write(new Picture(5, 4), new float[48], 4, 4));
        Assert.Contains("5x4", wide.Message, StringComparison.Ordinal);
        Assert.Throws<ShapeException>(() => normalization.Write(new Picture(2, 2), new float[47], 4, 4));
    }

    [Fact]
    public void A_mirrored_picture_is_reversed_by_rows() {
        var picture = new Picture(3, 2, [1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 14, 15, 16, 17, 18, 19]);
        Assert.Equal([7, 8, 9, 4, 5, 6, 1, 2, 3, 17, 18, 19, 14, 15, 16, 11, 12, 13], picture.FlipHorizontally().Pixels);
    }

    // Rows of a picture of 3x2 named by their blue samples: 1 2 3 / 4 5 6, after each turn of the EXIF standard.
    [Theory, InlineData(1, "123/456"), InlineData(2, "321/654"), InlineData(3, "654/321"), InlineData(4, "456/123"),
        InlineData(5, "14/25/36"), InlineData(6, "41/52/63"), InlineData(7, "63/52/41"), InlineData(8, "36/25/14"),
        InlineData(9, "123/456")]
    public void Orientations_are_applied(int orientation, string expected) {
        var picture = new Picture(3, 2);
        for (int i = 0; i < 6; i++) picture.Pixels[3 * i] = (byte)('1' + i);
        byte[] little = [0x49, 0x49, 42, 0, 8, 0, 0, 0, 1, 0, 0x12, 1, 3, 0, 1, 0, 0, 0, (byte)orientation, 0, 0, 0, 0, 0, 0, 0];
        byte[] big = [0x4D, 0x4D, 0, 42, 0, 0, 0, 8, 0, 1, 1, 0x12, 0, 3, 0, 0, 0, 1, 0, (byte)orientation, 0, 0, 0, 0, 0, 0];
        Assert.Equal(ExifOrientation.Read(little), ExifOrientation.Read(big));
        for (int cut = 0; cut < 19; cut++) Assert.Equal(1, ExifOrientation.Read(little.AsSpan(0, cut)));
        Picture upright = ExifOrientation.Apply(picture, ExifOrientation.Read(big));
        IEnumerable<char[]> rows = upright.Pixels.Where((_, i) => i % 3 == 0).Select(sample => (char)sample).Chunk(upright.Width);
        Assert.Equal(expected, string.Join('/', rows.Select(row => new string(row))));
    }
}
