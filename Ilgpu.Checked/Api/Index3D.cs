namespace ILGPU;

/// <summary>A three-dimensional index or extent.</summary>
public readonly struct Index3D(int x, int y, int z) : IIndex, IEquatable<Index3D> {
    /// <summary>All components 0.</summary>
    public static readonly Index3D Zero;

    /// <summary>All components 1.</summary>
    public static readonly Index3D One = new(1, 1, 1);

    /// <summary>All components of one value.</summary>
    public Index3D(int value) : this(value, value, value) { }

    /// <summary>The X component.</summary>
    public int X { get; } = x;

    /// <summary>The Y component.</summary>
    public int Y { get; } = y;

    /// <summary>The Z component.</summary>
    public int Z { get; } = z;

    /// <summary>The number of elements.</summary>
    public int Size => X * Y * Z;

    /// <summary>The number of elements, in 64 bits.</summary>
    public long LongSize => (long)X * Y * Z;

    long IIndex.Size => LongSize;

    /// <summary>Whether the index lies in an extent.</summary>
    public bool InBounds(Index3D dimension) => X >= 0 && X < dimension.X && Y >= 0 && Y < dimension.Y && Z >= 0 && Z < dimension.Z;

    /// <inheritdoc/>
    public bool Equals(Index3D other) => this == other;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Index3D other && this == other;

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(X, Y, Z);

    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant($"({X}, {Y}, {Z})");

    /// <summary>A tuple as an index.</summary>
    public static implicit operator Index3D((int x, int y, int z) values) => new(values.x, values.y, values.z);

    /// <summary>The sum, component by component.</summary>
    public static Index3D operator +(Index3D first, Index3D second) => new(first.X + second.X, first.Y + second.Y, first.Z + second.Z);

    /// <summary>The difference, component by component.</summary>
    public static Index3D operator -(Index3D first, Index3D second) => new(first.X - second.X, first.Y - second.Y, first.Z - second.Z);

    /// <summary>The product, component by component.</summary>
    public static Index3D operator *(Index3D first, Index3D second) => new(first.X * second.X, first.Y * second.Y, first.Z * second.Z);

    /// <summary>The quotient, component by component.</summary>
    public static Index3D operator /(Index3D first, Index3D second) => new(first.X / second.X, first.Y / second.Y, first.Z / second.Z);

    /// <summary>Equality.</summary>
    public static bool operator ==(Index3D first, Index3D second) => first.X == second.X && first.Y == second.Y && first.Z == second.Z;

    /// <summary>Inequality.</summary>
    public static bool operator !=(Index3D first, Index3D second) => !(first == second);
}
