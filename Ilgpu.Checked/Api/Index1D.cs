namespace ILGPU;

/// <summary>A one-dimensional index or extent.</summary>
public readonly struct Index1D(int x) : IIndex, IEquatable<Index1D> {
    /// <summary>The index 0.</summary>
    public static readonly Index1D Zero;

    /// <summary>The index 1.</summary>
    public static readonly Index1D One = new(1);

    /// <summary>The value.</summary>
    public int X { get; } = x;

    /// <summary>The number of elements.</summary>
    public int Size => X;

    /// <summary>The number of elements, in 64 bits.</summary>
    public long LongSize => X;

    long IIndex.Size => X;

    /// <summary>Whether the index lies in an extent.</summary>
    public bool InBounds(Index1D dimension) => X >= 0 && X < dimension.X;

    /// <inheritdoc/>
    public bool Equals(Index1D other) => X == other.X;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Index1D other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => X;

    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant($"{X}");

    /// <summary>The value as an integer.</summary>
    public static implicit operator int(Index1D idx) => idx.X;

    /// <summary>An integer as an index.</summary>
    public static implicit operator Index1D(int idx) => new(idx);

    /// <summary>A 32-bit index as a 64-bit one.</summary>
    public static implicit operator LongIndex1D(Index1D index) => new(index.X);

    /// <summary>The sum.</summary>
    public static Index1D operator +(Index1D first, Index1D second) => new(first.X + second.X);

    /// <summary>The difference.</summary>
    public static Index1D operator -(Index1D first, Index1D second) => new(first.X - second.X);

    /// <summary>The product.</summary>
    public static Index1D operator *(Index1D first, Index1D second) => new(first.X * second.X);

    /// <summary>The quotient.</summary>
    public static Index1D operator /(Index1D first, Index1D second) => new(first.X / second.X);

    /// <summary>Equality.</summary>
    public static bool operator ==(Index1D first, Index1D second) => first.X == second.X;

    /// <summary>Inequality.</summary>
    public static bool operator !=(Index1D first, Index1D second) => first.X != second.X;
}
