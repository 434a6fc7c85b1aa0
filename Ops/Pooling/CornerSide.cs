namespace DenseEngine.Ops;

/// <summary>The side of the picture that a corner pool looks away from: the pixel's own is the first of those it looks at.</summary>
public enum CornerSide {
    /// <summary>A pixel gets the largest value of itself and the pixels below it, as a box's top edge lies above all of the
    /// object.</summary>
    Top,

    /// <summary>Of itself and the pixels above it.</summary>
    Bottom,

    /// <summary>Of itself and the pixels to its right.</summary>
    Left,

    /// <summary>Of itself and the pixels to its left.</summary>
    Right,
}
