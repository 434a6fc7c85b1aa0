namespace DenseEngine.Ops;

/// <summary>How two boxes' overlap is computed: the measure, and the small numbers that keep its divisions from zero, in which torchvision
/// and mmdetection differ. <see cref="Value"/> and <see cref="Gradient"/> are the element bodies of all overlap operations.</summary>
internal readonly struct OverlapRule {
    private const float FourByPiSquared = 0.405284735f;

    public required IouKind Kind { get; init; }

    /// <summary>The union and the area around both are at least this.</summary>
    public float Floor { get; init; }

    /// <summary>Added to the union.</summary>
    public float UnionEps { get; init; }

    /// <summary>Added to c².</summary>
    public float DiagonalEps { get; init; }

    /// <summary>Added to the heights inside atan.</summary>
    public float HeightEps { get; init; }

    /// <summary>Added to α's divisor.</summary>
    public float AlphaEps { get; init; }

    /// <summary>α counts only where IoU exceeds this.</summary>
    public float AlphaFrom { get; init; }

    /// <summary>torchvision's pairwise rules: no guard but 1e-7 in c² and α; 0/0 is NaN.</summary>
    public static OverlapRule Torchvision(IouKind kind) =>
        new() { Kind = kind, Floor = float.NegativeInfinity, DiagonalEps = 1e-7f, AlphaEps = 1e-7f, AlphaFrom = float.NegativeInfinity };

    /// <summary>mmdetection's rules: IoU and GIoU bound their divisors from below by eps, DIoU and CIoU add it.</summary>
    public static OverlapRule Floored(IouKind kind, float eps) => kind is IouKind.Iou or IouKind.Giou
        ? new() { Kind = kind, Floor = eps }
        : new() { Kind = kind, Floor = float.NegativeInfinity, UnionEps = eps, DiagonalEps = eps, HeightEps = eps, AlphaFrom = 0.5f };

    /// <summary>The measure for a pair.</summary>
    public float Value(Box a, Box b) {
        float inter = a.Intersection(b), union = a.Area + b.Area - inter + UnionEps;
        if (union < Floor) union = Floor;
        float iou = inter / union;
        if (Kind == IouKind.Iou) return iou;
        (float width, float height) = Around(a, b);
        if (Kind == IouKind.Giou) {
            float around = Positive(width) * Positive(height);
            if (around < Floor) around = Floor;
            return iou - (around - union) / around;
        }
        float distance = CentreDistance(a, b) / Diagonal(width, height);
        if (Kind == IouKind.Diou) return iou - distance;
        float v = Aspect(a, b, out _);
        return iou - (distance + Alpha(iou, v) * v);
    }

    /// <summary>Adds dy times the derivative by each coordinate. Where two edges meet, each gets half; an intersection or hull of
    /// exactly zero width still passes its gradient; α has none (as in PyTorch).</summary>
    public void Gradient(Box a, Box b, float dy, ref Box da, ref Box db) {
        float rawUnion = a.Area + b.Area - a.Intersection(b) + UnionEps, union = rawUnion < Floor ? Floor : rawUnion;
        float inter = a.Intersection(b), iou = inter / union;
        float dInter = dy / union, dUnion = -dy * inter / union / union, dWidth = 0, dHeight = 0;
        (float width, float height) = Around(a, b);
        if (Kind == IouKind.Giou) {
            float rawAround = Positive(width) * Positive(height), around = rawAround < Floor ? Floor : rawAround;
            dUnion += dy / around;
            float dAround = -dy * union / around / around * Share(rawAround, Floor);
            (dWidth, dHeight) = (dAround * Positive(height), dAround * Positive(width));
        } else if (Kind is IouKind.Diou or IouKind.Ciou) {
            float diagonal = Diagonal(width, height), dDistance = -dy / diagonal;
            float dDiagonal = dy * CentreDistance(a, b) / diagonal / diagonal;
            (dWidth, dHeight) = (2 * Positive(width) * dDiagonal, 2 * Positive(height) * dDiagonal);
            float dx = dDistance * (b.X1 + b.X2 - (a.X1 + a.X2)) / 2, dyy = dDistance * (b.Y1 + b.Y2 - (a.Y1 + a.Y2)) / 2;
            da = new(da.X1 - dx, da.Y1 - dyy, da.X2 - dx, da.Y2 - dyy);
            db = new(db.X1 + dx, db.Y1 + dyy, db.X2 + dx, db.Y2 + dyy);
            if (Kind == IouKind.Ciou) {
                float v = Aspect(a, b, out float turn), dTurn = -dy * Alpha(iou, v) * FourByPiSquared * 2 * turn;
                da = WithAspect(da, a, -dTurn);
                db = WithAspect(db, b, dTurn);
            }
        }
        // The hull's edges: max(a, b) of the far ones, min(a, b) of the near ones.
        if (!(width >= 0)) dWidth = 0;
        if (!(height >= 0)) dHeight = 0;
        float far, near;
        (far, near) = (Share(a.X2, b.X2), Share(b.X1, a.X1));
        float ax1 = -dWidth * near, bx1 = -dWidth * (1 - near), ax2 = dWidth * far, bx2 = dWidth * (1 - far);
        (far, near) = (Share(a.Y2, b.Y2), Share(b.Y1, a.Y1));
        float ay1 = -dHeight * near, by1 = -dHeight * (1 - near), ay2 = dHeight * far, by2 = dHeight * (1 - far);
        // The areas, then the intersection's edges: min of the far ones, max of the near ones.
        dUnion *= Share(rawUnion, Floor);
        dInter -= dUnion;
        float w = Math.Min(a.X2, b.X2) - Math.Max(a.X1, b.X1), h = Math.Min(a.Y2, b.Y2) - Math.Max(a.Y1, b.Y1);
        float dw = w >= 0 ? dInter * Positive(h) : 0, dh = h >= 0 ? dInter * Positive(w) : 0;
        (far, near) = (Share(b.X2, a.X2), Share(a.X1, b.X1));
        da = new(da.X1 + ax1 - dw * near - dUnion * a.Height, da.Y1, da.X2 + ax2 + dw * far + dUnion * a.Height, da.Y2);
        db = new(db.X1 + bx1 - dw * (1 - near) - dUnion * b.Height, db.Y1, db.X2 + bx2 + dw * (1 - far) + dUnion * b.Height, db.Y2);
        (far, near) = (Share(b.Y2, a.Y2), Share(a.Y1, b.Y1));
        da = new(da.X1, da.Y1 + ay1 - dh * near - dUnion * a.Width, da.X2, da.Y2 + ay2 + dh * far + dUnion * a.Width);
        db = new(db.X1, db.Y1 + by1 - dh * (1 - near) - dUnion * b.Width, db.X2, db.Y2 + by2 + dh * (1 - far) + dUnion * b.Width);
    }

    /// <summary>The first one's share of the gradient of max(first, second).</summary>
    private static float Share(float first, float second) => first > second ? 1 : first == second ? 0.5f : 0;

    private static float Positive(float x) => Math.Max(x, 0);

    private static (float Width, float Height) Around(Box a, Box b) =>
        (Math.Max(a.X2, b.X2) - Math.Min(a.X1, b.X1), Math.Max(a.Y2, b.Y2) - Math.Min(a.Y1, b.Y1));

    private static float CentreDistance(Box a, Box b) {
        // The sums of both edges first: the order of float32 additions matters for tiny boxes.
        float x = b.X1 + b.X2 - (a.X1 + a.X2), y = b.Y1 + b.Y2 - (a.Y1 + a.Y2);
        return x * x / 4 + y * y / 4;
    }

    private float Diagonal(float width, float height) =>
        Positive(width) * Positive(width) + Positive(height) * Positive(height) + DiagonalEps;

    private float Aspect(Box a, Box b, out float turn) {
        turn = Elementary.Atan(b.Width / (b.Height + HeightEps)) - Elementary.Atan(a.Width / (a.Height + HeightEps));
        return FourByPiSquared * (turn * turn);
    }

    private float Alpha(float iou, float v) => iou > AlphaFrom ? v / (1 - iou + v + AlphaEps) : 0;

    /// <summary>Adds the gradient through atan(w / h).</summary>
    private Box WithAspect(Box sum, Box box, float dTurn) {
        float h = box.Height + HeightEps, ratio = box.Width / h, dRatio = dTurn / (1 + ratio * ratio);
        float dw = dRatio / h, dh = -dRatio * ratio / h;
        return new(sum.X1 - dw, sum.Y1 - dh, sum.X2 + dw, sum.Y2 + dh);
    }
}
