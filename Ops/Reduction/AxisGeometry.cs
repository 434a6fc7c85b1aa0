namespace DenseEngine.Ops;

/// <summary>A tensor seen along one axis: [Outer, Size, Inner]. Line l, of Outer · Inner, starts at <c>Start(l)</c>; its elements are
/// Inner apart.</summary>
internal readonly struct AxisGeometry {
    /// <summary>The product of the sizes before the axis.</summary>
    public readonly int Outer;

    /// <summary>The axis' size.</summary>
    public readonly int Size;

    /// <summary>The product of the sizes after the axis.</summary>
    public readonly int Inner;

    /// <summary>A shape seen along an axis, which may count from the end.</summary>
    public AxisGeometry(Shape shape, int axis) {
        axis = shape.Axis(axis);
        Outer = shape.CountBetween(0, axis);
        Size = shape[axis];
        Inner = shape.CountBetween(axis + 1, shape.Rank);
    }

    /// <summary>All elements as one line.</summary>
    public AxisGeometry(int size) => (Outer, Size, Inner) = (1, size, 1);

    /// <summary>The number of lines.</summary>
    public int Lines => Outer * Inner;

    /// <summary>Where a line's first element stands.</summary>
    public int Start(int line) {
        int outer = line / Inner;
        return outer * Size * Inner + (line - outer * Inner);
    }
}
