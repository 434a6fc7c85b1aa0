namespace DenseEngine.Ops;

/// <summary>A scan along an axis: x [Outer, Length, Lanes], from the first position to the last or the other way. What a position
/// remembers is one bit of an integer [Outer, Words, Lanes]: bit k % 32 of word k / 32 for the k-th position that the scan reaches.
/// Shared by the host path and the kernels.</summary>
internal readonly struct ScanGeometry {
    /// <summary>Positions that a word remembers.</summary>
    public const int WordLength = 32;

    /// <summary>Independent scans one after another in memory, positions of each, and scans side by side.</summary>
    public readonly int Outer, Length, Lanes;

    /// <summary>1 where the scan begins at the last position.</summary>
    public readonly int Backward;

    private ScanGeometry(int outer, int length, int lanes, bool backward) =>
        (Outer, Length, Lanes, Backward) = (outer, length, lanes, backward ? 1 : 0);

    /// <summary>Words of a scan.</summary>
    public int Words => (Length + WordLength - 1) / WordLength;

    /// <summary>The shape of all words.</summary>
    public Shape WordShape => [Outer, Words, Lanes];

    /// <summary>Where the scan's k-th position begins, in values.</summary>
    public int At(int outer, int k) => (outer * Length + (Backward != 0 ? Length - 1 - k : k)) * Lanes;

    /// <summary>The same; positions beyond the last count as that.</summary>
    public int Near(int outer, int k) => At(outer, Math.Min(k, Length - 1));

    /// <summary>Where a word of each lane begins.</summary>
    public int WordAt(int outer, int k) => (outer * Words + k / WordLength) * Lanes;

    /// <summary>The scan of a corner pool of <paramref name="x"/>, after checking it.</summary>
    public static ScanGeometry Of(string op, Tensor x, CornerSide side) {
        Check.Type(op, "input", Check.Rank(op, "input", x, 4), DType.Float32);
        (int images, int height, int width, int channels) = (x.Shape[0], x.Shape[1], x.Shape[2], x.Shape[3]);
        return side switch {
            CornerSide.Top or CornerSide.Bottom => new(images, height, width * channels, side == CornerSide.Top),
            CornerSide.Left or CornerSide.Right => new(images * height, width, channels, side == CornerSide.Left),
            _ => throw new ArgumentOutOfRangeException(nameof(side), side, $"{op}: not a side."),
        };
    }
}
