using DenseEngine.Models;

namespace DenseEngine.Training;

/// <summary>Changes pictures' colours at random.</summary>
internal static class Colors {
    /// <summary>A changed copy. Samples are rounded and cut to bytes at the end; the original goes on with floats.</summary>
    public static Picture Distort(ColorDistortion rule, Picture picture, Philox random) {
        float added = Coin(random) ? Between(random, -rule.Brightness, rule.Brightness) : 0;
        bool contrastFirst = Coin(random);
        float contrast = Coin(random) ? Between(random, rule.LeastContrast, rule.MostContrast) : 1;
        float saturation = Coin(random) ? Between(random, rule.LeastSaturation, rule.MostSaturation) : 1;
        float hue = Coin(random) ? Between(random, -rule.Hue, rule.Hue) : 0;
        int[] order = Coin(random) ? random.Permutation(3) : [0, 1, 2];
        (float before, float after) = contrastFirst ? (contrast, 1f) : (1f, contrast);
        Picture result = picture.Clone();
        byte[] pixels = result.Pixels;
        Span<float> color = stackalloc float[3];
        for (int i = 0; i < pixels.Length; i += 3) {
            for (int k = 0; k < 3; k++) color[k] = (pixels[i + k] + added) * before;
            if (saturation != 1 || hue != 0) Turn(color, saturation, hue);
            for (int k = 0; k < 3; k++) pixels[i + k] = (byte)Math.Clamp(MathF.Round(color[order[k]] * after), 0, 255);
        }
        return result;
    }

    /// <summary>Changes saturation and hue of a blue, a green and a red sample.</summary>
    private static void Turn(Span<float> color, float saturation, float degrees) {
        (float blue, float green, float red) = (color[0], color[1], color[2]);
        float most = MathF.Max(red, MathF.Max(green, blue)), range = most - MathF.Min(red, MathF.Min(green, blue));
        if (range == 0 || most == 0) return;   // grey
        float sextant = most == red ? (green - blue) / range : most == green ? 2 + (blue - red) / range : 4 + (red - green) / range;
        sextant += degrees / 60;
        if (sextant < 0) sextant += 6;
        if (sextant >= 6) sextant -= 6;
        float share = range / MathF.Abs(most) * saturation, part = sextant - MathF.Floor(sextant);
        float low = most * (1 - share), falling = most * (1 - share * part), rising = most * (1 - share * (1 - part));
        (color[2], color[1], color[0]) = (int)sextant switch {
            0 => (most, rising, low),
            1 => (falling, most, low),
            2 => (low, most, rising),
            3 => (low, falling, most),
            4 => (rising, low, most),
            _ => (most, low, falling),
        };
    }

    private static bool Coin(Philox random) => random.Next(2) == 1;

    private static float Between(Philox random, float least, float most) => least + (most - least) * random.NextSingle();
}
