using DenseEngine.Models;
using DenseEngine.Ops;

namespace DenseEngine.Cases;

/// <summary>Compares detections: same number, labels and order; neighbours whose expected scores differ by less than 2e-5 may
/// swap.</summary>
internal static class DetectionMatch {
    /// <summary>The largest error allowed of a box's edges, in pixels.</summary>
    public const double Edge = 0.05;

    /// <summary>The largest error allowed of a score.</summary>
    public const double Score = 1e-4;

    private const float MaySwap = 2e-5f;

    /// <summary>How close what was found comes.</summary>
    public static Closeness Of(string what, Detection[] expected, Detections found) {
        if (expected.Length != found.Count) return Wrong($"{what}: {found.Count} detections, expected {expected.Length}");
        var left = new List<Detection>(expected);
        double worst = 0;
        for (int i = 0; i < found.Count; i++) {
            int match = left.FindIndex(one => Share(one, found[i]) <= 1 && left[0].Score - one.Score < MaySwap);
            if (match < 0) return Wrong($"{what}: detection {i} is {found[i]}, expected {left[0]}");
            worst = Math.Max(worst, Share(left[match], found[i]));
            left.RemoveAt(match);
        }
        return new(worst, null);
    }

    private static double Share(Detection a, Detection b) => a.Label != b.Label ? double.PositiveInfinity
        : Math.Max(Math.Abs((double)a.Score - b.Score) / Score, EdgeError(a.Box, b.Box) / Edge);

    private static double EdgeError(Box a, Box b) =>
        Math.Max(Math.Max(Math.Abs(a.X1 - b.X1), Math.Abs(a.Y1 - b.Y1)), Math.Max(Math.Abs(a.X2 - b.X2), Math.Abs(a.Y2 - b.Y2)));

    private static Closeness Wrong(string failure) => new(double.PositiveInfinity, failure);
}
