using DenseEngine.Ops;

namespace DenseEngine.Models;

/// <summary>How near a point is to the middle of a box (Tian et al., 2019, equation 3): 1 there, 0 on an edge.</summary>
public static class Centerness {
    /// <summary>That of an anchor's centre.</summary>
    public static float Of(Box anchor, Box box) {
        (float left, float top, float right, float bottom) =
            DistancePointBoxCoder.Encode((anchor.X1 + anchor.X2) / 2, (anchor.Y1 + anchor.Y2) / 2, box);
        return Of(left, top, right, bottom);
    }

    /// <summary>√(min(l, r) / max(l, r) · min(t, b) / max(t, b)) of a point's distances to the edges, all above 0.</summary>
    public static float Of(float left, float top, float right, float bottom) =>
        MathF.Sqrt(Math.Min(left, right) / Math.Max(left, right) * (Math.Min(top, bottom) / Math.Max(top, bottom)));
}
