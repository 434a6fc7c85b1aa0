namespace DenseEngine.Models;

/// <summary>A colour of 8 bits a sample, in the order of a <see cref="Picture"/>.</summary>
/// <param name="Blue">Blue, 0 to 255.</param>
/// <param name="Green">Green, 0 to 255.</param>
/// <param name="Red">Red, 0 to 255.</param>
public readonly record struct Bgr(byte Blue, byte Green, byte Red) {
    /// <summary>Black.</summary>
    public static Bgr Black => new(0, 0, 0);

    /// <summary>White.</summary>
    public static Bgr White => new(255, 255, 255);

    /// <summary>Black or white, whichever reads better on this colour (by Rec. 601 luma).</summary>
    public Bgr Contrasting() => 299 * Red + 587 * Green + 114 * Blue > 1000 * 140 ? Black : White;

    /// <summary>A class's colour in pictures: neighbouring indices get hues far apart, in four shades by turns of five.</summary>
    /// <param name="index">Class index, 0 or more.</param>
    public static Bgr OfClass(int index) {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        // Multiples of the golden ratio fall into the largest gap of the colour circle so far.
        double hue = 6 * (0.97 + index * 0.6180339887498949 % 1.0) % 6;
        (double saturation, double value) = (index / 5 % 4) switch { 0 => (0.9, 1.0), 1 => (0.9, 0.55), 2 => (0.45, 1.0), _ => (0.5, 0.7) };
        return new Bgr(Sample(1), Sample(3), Sample(5));

        // One sample of HSV: distance of the hue from where the sample is full.
        byte Sample(int offset) {
            double k = (offset + hue) % 6;
            return (byte)Math.Round(255 * value * (1 - saturation * Math.Clamp(Math.Min(k, 4 - k), 0, 1)));
        }
    }
}
