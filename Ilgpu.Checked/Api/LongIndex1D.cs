namespace ILGPU;

/// <summary>A one-dimensional index or extent of 64 bits.</summary>
public readonly struct LongIndex1D(long x) : IIndex, IEquatable<LongIndex1D> {
    /// <summary>The index 0.</summary>
    public static readonly LongIndex1D Zero;

    /// <summary>The value.</summary>
    public long X { get; } = x;

    /// <summary>The number of elements.</summary>
    public long Size => X;

    /// <summary>Whether the index lies in an extent.</summary>
    public bool InBounds(LongIndex1D dimension) => X >= 0 && X < dimension.X;

    /// <inheritdoc/>
    public bool Equals(LongIndex1D other) => X == other.X;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is LongIndex1D other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => X.GetHashCode();

    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant($"{X}");

    /// <summary>The value as an integer.</summary>
    public static implicit operator long(LongIndex1D idx) => idx.X;

    /// <summary>An integer as an index.</summary>
    public static implicit operator LongIndex1D(long idx) => new(idx);

    /// <summary>A 64-bit index as a 32-bit one.</summary>
    public static explicit operator Index1D(LongIndex1D index) => new((int)index.X);

    /// <summary>Equality.</summary>
    public static bool operator ==(LongIndex1D first, LongIndex1D second) => first.X == second.X;

    /// <summary>Inequality.</summary>
    public static bool operator !=(LongIndex1D first, LongIndex1D second) => first.X != second.X;
}
