using System.Runtime.CompilerServices;

namespace DenseEngine;

/// <summary>The sizes of a tensor's axes, outermost first; rank 0 (a scalar) to 6. Row-major: the last axis is contiguous.</summary>
[CollectionBuilder(typeof(Shape), nameof(Create))]
public readonly struct Shape : IEquatable<Shape> {
    /// <summary>The largest rank.</summary>
    public const int MaxRank = 6;

    private readonly Sizes sizes;
    private readonly int count;

    [InlineArray(MaxRank)]
    private struct Sizes {
        private int first;
    }

    /// <summary>A shape of the given sizes.</summary>
    /// <exception cref="ShapeException">More than six axes, a negative size, or more than 2³¹-1 elements.</exception>
    public Shape(params ReadOnlySpan<int> sizes) {
        Check.That(sizes.Length <= MaxRank, $"Shape: rank {sizes.Length} is above the largest, {MaxRank}.");
        long count = 1;
        bool empty = sizes.Contains(0);
        for (int axis = 0; axis < sizes.Length; axis++) {
            Check.That(sizes[axis] >= 0, $"Shape: axis {axis} has the negative size {sizes[axis]}.");
            this.sizes[axis] = sizes[axis];
            count = empty ? 0 : count * sizes[axis];
            if (count > int.MaxValue)
                throw new ShapeException($"Shape: [{string.Join(", ", sizes.ToArray())}] has more than {int.MaxValue} elements.");
        }
        Rank = sizes.Length;
        this.count = (int)count;
    }

    /// <summary>Supports collection expressions: <c>Shape s = [2, 3];</c></summary>
    public static Shape Create(ReadOnlySpan<int> sizes) => new(sizes);

    /// <summary>The number of axes.</summary>
    public int Rank { get; }

    /// <summary>The number of elements: 1 for rank 0.</summary>
    public int Count => Rank == 0 ? 1 : count;

    /// <summary>The size of an axis; negative numbers count from the end (-1 is the last).</summary>
    /// <exception cref="ShapeException">There is no such axis.</exception>
    public int this[int axis] => sizes[Axis(axis)];

    /// <summary>The size of an axis, also counted from the end (<c>shape[^1]</c>).</summary>
    public int this[Index axis] => sizes[Axis(axis.IsFromEnd ? -axis.Value : axis.Value)];

    /// <summary>Turns an axis that may count from the end into one from 0 to Rank-1.</summary>
    /// <exception cref="ShapeException">There is no such axis.</exception>
    public int Axis(int axis) {
        int counted = axis < 0 ? axis + Rank : axis;
        if ((uint)counted >= (uint)Rank) throw new ShapeException($"Axis {axis} does not exist in shape {this} of rank {Rank}.");
        return counted;
    }

    /// <summary>The distance in elements between neighbours along an axis.</summary>
    public int Stride(int axis) {
        int stride = 1;
        for (int later = Rank - 1; later > Axis(axis); later--) stride *= sizes[later];
        return stride;
    }

    /// <summary>The product of the sizes of axes <paramref name="from"/> (inclusive) to <paramref name="to"/> (exclusive).</summary>
    public int CountBetween(int from, int to) {
        int product = 1;
        for (int axis = from; axis < to; axis++) product *= sizes[axis];
        return product;
    }

    /// <summary>The sizes as an array of their own.</summary>
    public int[] ToArray() => ((ReadOnlySpan<int>)sizes)[..Rank].ToArray();

    /// <summary>The same shape with one axis' size replaced.</summary>
    public Shape With(int axis, int size) {
        int[] changed = ToArray();
        changed[Axis(axis)] = size;
        return new Shape(changed);
    }

    /// <summary>Enumerates the sizes, outermost first.</summary>
    public IEnumerator<int> GetEnumerator() => ((IEnumerable<int>)ToArray()).GetEnumerator();

    /// <inheritdoc/>
    public bool Equals(Shape other) =>
        Rank == other.Rank && ((ReadOnlySpan<int>)sizes)[..Rank].SequenceEqual(((ReadOnlySpan<int>)other.sizes)[..Rank]);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Shape other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() {
        HashCode hash = default;
        for (int axis = 0; axis < Rank; axis++) hash.Add(sizes[axis]);
        return hash.ToHashCode();
    }

    /// <summary>Whether two shapes have the same sizes.</summary>
    public static bool operator ==(Shape left, Shape right) => left.Equals(right);

    /// <summary>Whether two shapes differ.</summary>
    public static bool operator !=(Shape left, Shape right) => !left.Equals(right);

    /// <summary>The sizes in brackets: <c>[2, 40, 40, 256]</c>.</summary>
    public override string ToString() => $"[{string.Join(", ", ToArray())}]";
}
