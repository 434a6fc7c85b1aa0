using DenseEngine.Ops;

namespace DenseEngine.Models;

/// <summary>A box as the distances of its left, top, right and bottom edge from a point inside (mmdetection's
/// <c>DistancePointBBoxCoder</c>).</summary>
public static class DistancePointBoxCoder {
    private static readonly float[] Signs = [-1, -1, 1, 1];

    /// <summary>The four distances, in the order left, top, right, bottom.</summary>
    /// <param name="x">The point.</param>
    /// <param name="y">The point.</param>
    /// <param name="box">The box.</param>
    /// <param name="maxDistance">If given, distances are cut to [0, maxDistance - eps].</param>
    /// <param name="eps">See there.</param>
    public static (float Left, float Top, float Right, float Bottom) Encode(float x, float y, Box box, float? maxDistance = null,
        float eps = 0.1f) {
        (float left, float top, float right, float bottom) = (x - box.X1, y - box.Y1, box.X2 - x, box.Y2 - y);
        if (maxDistance is not { } most) return (left, top, right, bottom);
        float limit = most - eps;
        return (Math.Clamp(left, 0, limit), Math.Clamp(top, 0, limit), Math.Clamp(right, 0, limit), Math.Clamp(bottom, 0, limit));
    }

    /// <summary>The boxes of distances: points [P,2] (x, y) and distances [P,4] give [P,4].</summary>
    public static Tensor Decode(Tensor points, Tensor distances) =>
        Op.Concat([points, points], 1) + distances * Tensor.From(Signs, [1, 4], distances.Device);

    /// <summary>The centres [P,2] (x, y) of boxes [P,4].</summary>
    public static Tensor Centres(Tensor boxes) => (Op.Slice(boxes, 1, 0, 2) + Op.Slice(boxes, 1, 2, 4)) / 2f;

    /// <summary>Boxes [P,4] cut to [0, width] and [0, height]; the gradient passes where nothing was cut, the limits included.</summary>
    public static Tensor Clip(Tensor boxes, float height, float width) =>
        Op.Concat([.. Enumerable.Range(0, 4).Select(i => Op.Clamp(Op.Slice(boxes, 1, i, i + 1), 0, i % 2 == 0 ? width : height))], 1);
}
