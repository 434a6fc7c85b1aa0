namespace DenseEngine.Models;

/// <summary>How far around a corner or centre others are near enough: the radius within which a box of moved corners still overlaps the
/// object's by a given IoU (H. Law and J. Deng, CornerNet, 2018, section 3.2). There are three cases (both corners move outwards, inwards,
/// the same way); the smallest of their radii counts.</summary>
public static class GaussianRadius {
    /// <summary>mmdetection's radius, in double precision, of sizes that CornerNet rounds up.</summary>
    /// <param name="height">The object's, in cells of the map.</param>
    /// <param name="width">Likewise.</param>
    /// <param name="minOverlap">The IoU, above 0.</param>
    public static double Of(double height, double width, double minOverlap) {
        (double same, double inwards, double outwards) = Cases(height, width, minOverlap);
        return Math.Min(Math.Min(same, inwards), outwards);
    }

    /// <summary>The same radius in single precision, but for the roots, as CenterNet computes it.</summary>
    /// <inheritdoc cref="Of"/>
    public static float OfSingles(float height, float width, double minOverlap) {
        float sum = height + width, area = width * height;
        float c1 = area * (float)(1 - minOverlap) / (float)(1 + minOverlap);
        float same = (sum - Root(sum * sum - 4 * c1)) / 2;
        float b2 = 2 * sum, c2 = (float)(1 - minOverlap) * width * height;
        float inwards = (b2 - Root(b2 * b2 - 16 * c2)) / 8;
        float b3 = (float)(-2 * minOverlap) * sum, c3 = (float)(minOverlap - 1) * width * height;
        float outwards = (b3 + Root(b3 * b3 - (float)(16 * minOverlap) * c3)) / (float)(8 * minOverlap);
        return MathF.Min(MathF.Min(same, inwards), outwards);
    }

    /// <summary>The larger radius of the official repositories of CornerNet and CenterNet: there the larger roots are taken, and halved
    /// whatever the leading coefficient is.</summary>
    /// <inheritdoc cref="Of"/>
    public static double Official(double height, double width, double minOverlap) {
        (double same, double inwards, double outwards) = OfficialCases(height, width, minOverlap);
        return Math.Min(Math.Min(same, inwards), outwards);
    }

    /// <summary>A radius as maps are drawn with: whole cells, and at least 0.</summary>
    public static int Whole(double radius) => Math.Max(0, (int)radius);

    internal static (double Same, double Inwards, double Outwards) Cases(double height, double width, double minOverlap) {
        (double sum, double area, double rest) = (height + width, width * height, 1 - minOverlap);
        double b3 = -2 * minOverlap * sum;
        return ((sum - Math.Sqrt(sum * sum - 4 * area * rest / (1 + minOverlap))) / 2,
            (2 * sum - Math.Sqrt(4 * sum * sum - 16 * rest * area)) / 8,
            (b3 + Math.Sqrt(b3 * b3 + 16 * minOverlap * rest * area)) / (8 * minOverlap));
    }

    internal static (double Same, double Inwards, double Outwards) OfficialCases(double height, double width, double minOverlap) {
        (double sum, double area, double rest) = (height + width, width * height, 1 - minOverlap);
        double b3 = -2 * minOverlap * sum;
        return ((sum + Math.Sqrt(sum * sum - 4 * area * rest / (1 + minOverlap))) / 2,
            (2 * sum + Math.Sqrt(4 * sum * sum - 16 * rest * area)) / 2,
            (b3 + Math.Sqrt(b3 * b3 + 16 * minOverlap * rest * area)) / 2);
    }

    private static float Root(float x) => (float)Math.Sqrt(x);
}
