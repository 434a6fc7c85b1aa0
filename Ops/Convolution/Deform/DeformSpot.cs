namespace DenseEngine.Ops;

/// <summary>A place between four pixels. Outside (-1, height) × (-1, width) nothing is seen; within, corners off the map count as
/// zero.</summary>
internal readonly struct DeformSpot {
    /// <summary>Line and column of the upper left corner, from -1.</summary>
    public readonly int Y, X;

    /// <summary>How far below and to the right of that corner, from 0 to below 1.</summary>
    public readonly float Down, Across;

    /// <summary>Which corners lie on the map, as bits: upper left 1, upper right 2, lower left 4, lower right 8.</summary>
    public readonly int Corners;

    public DeformSpot(float y, float x, int height, int width) {
        if (!(y > -1 && x > -1 && y < height && x < width)) return;
        Y = (int)y - (y < 0 ? 1 : 0);
        X = (int)x - (x < 0 ? 1 : 0);
        Down = y - Y;
        Across = x - X;
        int across = (X >= 0 ? 1 : 0) + (X + 1 < width ? 2 : 0);
        Corners = (Y >= 0 ? across : 0) + (Y + 1 < height ? across << 2 : 0);
    }

    /// <summary>The upper left corner's share.</summary>
    public float UpperLeft => (1 - Down) * (1 - Across);

    /// <summary>The upper right corner's share.</summary>
    public float UpperRight => (1 - Down) * Across;

    /// <summary>The lower left corner's share.</summary>
    public float LowerLeft => Down * (1 - Across);

    /// <summary>The lower right corner's share.</summary>
    public float LowerRight => Down * Across;

    /// <summary>The value between four.</summary>
    public float Between(float upperLeft, float upperRight, float lowerLeft, float lowerRight) =>
        UpperLeft * upperLeft + UpperRight * upperRight + LowerLeft * lowerLeft + LowerRight * lowerRight;

    /// <summary>How much that changes with a step down.</summary>
    public float SlopeDown(float upperLeft, float upperRight, float lowerLeft, float lowerRight) =>
        (1 - Across) * (lowerLeft - upperLeft) + Across * (lowerRight - upperRight);

    /// <summary>How much it changes with a step to the right.</summary>
    public float SlopeAcross(float upperLeft, float upperRight, float lowerLeft, float lowerRight) =>
        (1 - Down) * (upperRight - upperLeft) + Down * (lowerRight - lowerLeft);
}
