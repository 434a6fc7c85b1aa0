namespace ILGPU;

/// <summary>A two-dimensional index or extent.</summary>
public readonly struct Index2D(int x, int y) : IIndex, IEquatable<Index2D> {
    /// <summary>All components 0.</summary>
    public static readonly Index2D Zero;

    /// <summary>All components 1.</summary>
    public static readonly Index2D One = new(1, 1);

    /// <summary>All components of one value.</summary>
    public Index2D(int value) : this(value, value) { }

    /// <summary>The X component.</summary>
    public int X { get; } = x;

    /// <summary>The Y component.</summary>
    public int Y { get; } = y;

    /// <summary>The number of elements.</summary>
    public int Size => X * Y;

    /// <summary>The number of elements, in 64 bits.</summary>
    public long LongSize => (long)X * Y;

    long IIndex.Size => LongSize;

    /// <summary>Whether the index lies in an extent.</summary>
    public bool InBounds(Index2D dimension) => X >= 0 && X < dimension.X && Y >= 0 && Y < dimension.Y;

    /// <inheritdoc/>
    public bool Equals(Index2D other) => this == other;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Index2D other && this == other;

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(X, Y);

    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant($"({X}, {Y})");

    /// <summary>A tuple as an index.</summary>
    public static implicit operator Index2D((int x, int y) values) => new(values.x, values.y);

    /// <summary>The sum, component by component.</summary>
    public static Index2D operator +(Index2D first, Index2D second) => new(first.X + second.X, first.Y + second.Y);

    /// <summary>The difference, component by component.</summary>
    public static Index2D operator -(Index2D first, Index2D second) => new(first.X - second.X, first.Y - second.Y);

    /// <summary>The product, component by component.</summary>
    public static Index2D operator *(Index2D first, Index2D second) => new(first.X * second.X, first.Y * second.Y);

    /// <summary>The quotient, component by component.</summary>
    public static Index2D operator /(Index2D first, Index2D second) => new(first.X / second.X, first.Y / second.Y);

    /// <summary>Equality.</summary>
    public static bool operator ==(Index2D first, Index2D second) => first.X == second.X && first.Y == second.Y;

    /// <summary>Inequality.</summary>
    public static bool operator !=(Index2D first, Index2D second) => !(first == second);
}
