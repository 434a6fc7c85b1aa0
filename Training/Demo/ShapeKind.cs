namespace DenseEngine.Training;

/// <summary>The classes of the demonstration's pictures, in label order.</summary>
public enum ShapeKind {
    /// <summary>A disc.</summary>
    Circle,

    /// <summary>A square.</summary>
    Square,

    /// <summary>A triangle with equal sides.</summary>
    Triangle,

    /// <summary>A star with five points.</summary>
    Star,

    /// <summary>Two bars that cross in the middle.</summary>
    Cross,
}

/// <summary>The outlines, in a frame in which each fits the unit circle.</summary>
internal static class ShapeOutline {
    private const double StarInner = 0.45, BarHalf = 0.3, SquareHalf = 0.80;

    /// <summary>Whether a point lies inside.</summary>
    public static bool Contains(ShapeKind kind, double x, double y) => kind switch {
        ShapeKind.Circle => x * x + y * y <= 1,
        ShapeKind.Square => Math.Max(Math.Abs(x), Math.Abs(y)) <= SquareHalf,
        ShapeKind.Triangle => y <= 0.5 && Math.Abs(x) * Math.Sqrt(3) - y <= 1,
        ShapeKind.Star => InStar(x, y),
        ShapeKind.Cross => Math.Min(Math.Abs(x), Math.Abs(y)) <= BarHalf && Math.Max(Math.Abs(x), Math.Abs(y)) <= 0.95,
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };

    /// <summary>Folds the angle into half a point, where the edge is one straight line from the tip to the inner corner.</summary>
    private static bool InStar(double x, double y) {
        const double sector = Math.PI / 5;
        double angle = Math.Atan2(x, -y) + 2 * Math.PI;
        double folded = Math.Abs((angle + sector) % (2 * sector) - sector), radius = Math.Sqrt(x * x + y * y);
        (double px, double py) = (radius * Math.Cos(folded), radius * Math.Sin(folded));
        (double ix, double iy) = (StarInner * Math.Cos(sector), StarInner * Math.Sin(sector));
        return (ix - 1) * py - iy * (px - 1) >= 0;
    }
}
