namespace DenseEngine.Ops;

/// <summary>A box by two corners, in pixels; its size is x2 - x1 by y2 - y1 (no + 1). Tensors of boxes are [N,4] in this order.</summary>
/// <param name="X1">Left.</param>
/// <param name="Y1">Top.</param>
/// <param name="X2">Right.</param>
/// <param name="Y2">Bottom.</param>
public readonly record struct Box(float X1, float Y1, float X2, float Y2) {
    /// <summary>x2 - x1; negative for an inverted box.</summary>
    public float Width => X2 - X1;

    /// <summary>y2 - y1; negative for an inverted box.</summary>
    public float Height => Y2 - Y1;

    /// <summary>Width · height, signed.</summary>
    public float Area => Width * Height;

    /// <summary>(x1, y1, x2, y2), whatever the language.</summary>
    public override string ToString() => FormattableString.Invariant($"({X1}, {Y1}, {X2}, {Y2})");

    /// <summary>The area that both boxes cover.</summary>
    public float Intersection(Box other) {
        float width = Math.Min(X2, other.X2) - Math.Max(X1, other.X1), height = Math.Min(Y2, other.Y2) - Math.Max(Y1, other.Y1);
        return Math.Max(width, 0) * Math.Max(height, 0);
    }

    /// <summary>Intersection over union, the union being at least <paramref name="eps"/> (mmdetection's <c>bbox_overlaps</c>).</summary>
    public float Iou(Box other, float eps = 1e-6f) => OverlapRule.Floored(IouKind.Iou, eps).Value(this, other);

    /// <summary>Intersection over this box' own area, which counts as at least <paramref name="eps"/> ("foreground").</summary>
    public float Iof(Box other, float eps = 1e-6f) => Intersection(other) / Math.Max(Area, eps);

    /// <summary>The box cut to a picture: x to [0, width], y to [0, height].</summary>
    public Box Clip(float width, float height) =>
        new(Held(X1, width), Held(Y1, height), Held(X2, width), Held(Y2, height));

    /// <summary>Math.Clamp has an exception, which kernels must not.</summary>
    private static float Held(float x, float limit) => x < 0 ? 0 : x > limit ? limit : x;
}
