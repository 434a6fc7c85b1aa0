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

    private AxisGeometry(int outer, int size, int inner) => (Outer, Size, Inner) = (outer, size, inner);

    /// <summary>The same with what lies behind the axis in units of four elements.</summary>
    public AxisGeometry Quads => new(Outer, Size, Inner / 4);

    /// <summary>The number of lines.</summary>
    public int Lines => Outer * Inner;

    /// <summary>Where a line's first element stands.</summary>
    public int Start(int line) {
        int outer = line / Inner;
        return outer * Size * Inner + (line - outer * Inner);
    }

    /// <summary>How many groups of up to four neighbouring lines there are; none reaches beyond its outer index.</summary>
    public int Fours => Outer * InnerFours;

    /// <summary>1 where four neighbouring lines always begin at a multiple of four elements, else 0.</summary>
    public int Vectors => Inner % 4 == 0 ? 1 : 0;

    /// <summary>The first line of four.</summary>
    public int LineOfFour(int four) {
        int outer = four / InnerFours;
        return outer * Inner + 4 * (four - outer * InnerFours);
    }

    /// <summary>How many lines there are in four.</summary>
    public int CountOfFour(int four) => Math.Min(4, Inner - 4 * (four % InnerFours));

    /// <summary>Where the first line of four starts.</summary>
    public int StartOfFour(int four) => Start(LineOfFour(four));

    private int InnerFours => (Inner + 3) >> 2;
}
