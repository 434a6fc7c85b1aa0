namespace DenseEngine.Ops;

/// <summary>Numbers for the four deltas of a box.</summary>
/// <param name="X">The centre's move, in widths.</param>
/// <param name="Y">The centre's move, in heights.</param>
/// <param name="Width">The logarithm of the width's ratio.</param>
/// <param name="Height">The logarithm of the height's ratio.</param>
public readonly record struct DeltaNumbers(float X, float Y, float Width, float Height) {
    /// <summary>The same for all four.</summary>
    public static DeltaNumbers All(float value) => new(value, value, value, value);
}

/// <summary>How deltas become boxes (Girshick et al., 2014): scaled by <paramref name="Stds"/>, moved by <paramref name="Means"/>; the
/// centre moves by dx · width, the size by e to the dw; all between limits, inside which (ends included) the gradient passes.</summary>
/// <param name="Means">Added to the scaled deltas.</param>
/// <param name="Stds">What the deltas are multiplied by.</param>
/// <param name="LeastLog">The limits of dw and dh.</param>
/// <param name="LargestLog">The same.</param>
/// <param name="LargestMove">The most pixels by which a centre moves.</param>
/// <param name="From">The least coordinate of a box.</param>
/// <param name="Right">The largest x of a box.</param>
/// <param name="Bottom">The largest y of a box.</param>
public readonly record struct DeltaRule(DeltaNumbers Means, DeltaNumbers Stds, float LeastLog, float LargestLog,
    float LargestMove = float.PositiveInfinity, float From = float.NegativeInfinity, float Right = float.PositiveInfinity,
    float Bottom = float.PositiveInfinity) {
    /// <summary>A rule whose sizes change by at most a ratio, up or down, and that limits nothing else.</summary>
    /// <param name="means">Added to the scaled deltas.</param>
    /// <param name="stds">What the deltas are multiplied by.</param>
    /// <param name="ratio">Below 1: the least size, as a share of the given box' size.</param>
    public static DeltaRule Of(DeltaNumbers means, DeltaNumbers stds, float ratio = 16f / 1000) {
        float log = -Elementary.Log(ratio);
        return new DeltaRule(means, stds, -log, log);
    }

    /// <summary>The deltas that lead from a box to another.</summary>
    internal Box Encode(Box from, Box to) => new(
        (Move(from.X1, from.X2, to.X1, to.X2) - Means.X) / Stds.X, (Move(from.Y1, from.Y2, to.Y1, to.Y2) - Means.Y) / Stds.Y,
        (Elementary.Log(to.Width / from.Width) - Means.Width) / Stds.Width,
        (Elementary.Log(to.Height / from.Height) - Means.Height) / Stds.Height);

    internal Box Decode(Box box, Box deltas) {
        (float x1, float x2) = Side(box.X1, box.X2, deltas.X1 * Stds.X + Means.X, deltas.X2 * Stds.Width + Means.Width);
        (float y1, float y2) = Side(box.Y1, box.Y2, deltas.Y1 * Stds.Y + Means.Y, deltas.Y2 * Stds.Height + Means.Height);
        return new Box(Held(x1, From, Right), Held(y1, From, Bottom), Held(x2, From, Right), Held(y2, From, Bottom));
    }

    /// <summary>The deltas' gradient.</summary>
    internal Box Gradient(Box box, Box deltas, Box dy) {
        (float x, float width) = SideGradient(box.X1, box.X2, deltas.X1 * Stds.X + Means.X, deltas.X2 * Stds.Width + Means.Width, dy.X1,
            dy.X2, Right);
        (float y, float height) = SideGradient(box.Y1, box.Y2, deltas.Y1 * Stds.Y + Means.Y, deltas.Y2 * Stds.Height + Means.Height, dy.Y1,
            dy.Y2, Bottom);
        return new Box(x * Stds.X, y * Stds.Y, width * Stds.Width, height * Stds.Height);
    }

    private static float Move(float first, float second, float toFirst, float toSecond) =>
        ((toFirst + toSecond) * 0.5f - (first + second) * 0.5f) / (second - first);

    /// <summary>Both edges in one direction, not yet cut.</summary>
    private (float First, float Second) Side(float first, float second, float move, float log) {
        float size = second - first, centre = (first + second) * 0.5f + Held(size * move, -LargestMove, LargestMove);
        float half = size * Elementary.Exp(Held(log, LeastLog, LargestLog)) * 0.5f;
        return (centre - half, centre + half);
    }

    private (float Move, float Log) SideGradient(float first, float second, float move, float log, float dFirst, float dSecond, float to) {
        (float from, float until) = Side(first, second, move, log);
        if (from < From || from > to) dFirst = 0;
        if (until < From || until > to) dSecond = 0;
        float size = second - first, dMove = (dFirst + dSecond) * size, dLog = (dSecond - dFirst) * 0.5f * size;
        if (size * move < -LargestMove || size * move > LargestMove) dMove = 0;
        dLog *= Elementary.Exp(Held(log, LeastLog, LargestLog));
        if (log < LeastLog || log > LargestLog) dLog = 0;
        return (dMove, dLog);
    }

    /// <summary>Math.Clamp has an exception, which kernels must not. NaN stays.</summary>
    private static float Held(float x, float from, float to) => x < from ? from : x > to ? to : x;
}
