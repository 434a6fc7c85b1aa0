using ILGPU;

namespace DenseEngine.Ops;

/// <summary>Which elements meet in a reduction over any axes. Neighbouring axes of one kind are merged and axes of size one dropped, so
/// that kept and reduced runs alternate: at most three of each, the innermost first. Element (i, j), the j-th of those that make output i,
/// stands at <c>KeptOffset(i) + ReducedOffset(j)</c>.</summary>
internal readonly struct ReductionGeometry {
    /// <summary>Sizes of the kept runs.</summary>
    public readonly int Kept0, Kept1, Kept2;

    /// <summary>Distances within the kept runs.</summary>
    public readonly int KeptStride0, KeptStride1, KeptStride2;

    /// <summary>Sizes of the reduced runs.</summary>
    public readonly int Reduced0, Reduced1, Reduced2;

    /// <summary>Distances within the reduced runs.</summary>
    public readonly int ReducedStride0, ReducedStride1, ReducedStride2;

    /// <summary>The number of outputs.</summary>
    public readonly int KeptCount;

    /// <summary>The number of elements that make one output.</summary>
    public readonly int ReducedCount;

    /// <summary>Whether the innermost run is a kept one.</summary>
    public bool InnerIsKept => innerIsKept != 0;

    private readonly int innerIsKept;   // devices and .NET may lay out truth values differently

    /// <summary>The geometry of a reduction of the marked axes.</summary>
    public ReductionGeometry(Shape shape, ReadOnlySpan<bool> reduced) {
        Span<int> kept = [1, 1, 1], keptStrides = [0, 0, 0], gone = [1, 1, 1], goneStrides = [0, 0, 0];
        int keptRuns = 0, goneRuns = 0, stride = 1;
        bool? before = null;
        KeptCount = ReducedCount = 1;
        for (int axis = shape.Rank - 1; axis >= 0; axis--) {
            int size = shape[axis];
            if (reduced[axis]) ReducedCount *= size;
            else KeptCount *= size;
            if (size == 1) continue;
            if (before is null) innerIsKept = reduced[axis] ? 0 : 1;
            if (reduced[axis]) Extend(gone, goneStrides, ref goneRuns, before == true, size, stride);
            else Extend(kept, keptStrides, ref keptRuns, before == false, size, stride);
            before = reduced[axis];
            stride *= size;
        }
        (Kept0, Kept1, Kept2) = (kept[0], kept[1], kept[2]);
        (KeptStride0, KeptStride1, KeptStride2) = (keptStrides[0], keptStrides[1], keptStrides[2]);
        (Reduced0, Reduced1, Reduced2) = (gone[0], gone[1], gone[2]);
        (ReducedStride0, ReducedStride1, ReducedStride2) = (goneStrides[0], goneStrides[1], goneStrides[2]);
    }

    /// <summary>The length of the innermost run, whose elements are neighbours.</summary>
    public int Inner => InnerIsKept ? Kept0 : Reduced0;

    /// <summary>Where output i's first element stands.</summary>
    public int KeptOffset(int i) {
        if (Kept0 == KeptCount) return i * KeptStride0;
        int rest = i / Kept0;
        return (i - rest * Kept0) * KeptStride0 + rest % Kept1 * KeptStride1 + rest / Kept1 * KeptStride2;
    }

    /// <summary>How far an output's j-th element stands from its first.</summary>
    public int ReducedOffset(int j) {
        if (Reduced0 == ReducedCount) return j * ReducedStride0;
        int rest = j / Reduced0;
        return (j - rest * Reduced0) * ReducedStride0 + rest % Reduced1 * ReducedStride1 + rest / Reduced1 * ReducedStride2;
    }

    /// <summary>Whether the elements are the rows of a matrix, each an output.</summary>
    public bool IsMatrix => Reduced0 == ReducedCount && Kept0 == KeptCount;

    /// <summary>1 where four elements of an innermost run, from a multiple of four on, begin at a multiple of four; else 0.</summary>
    public int Vectors => Inner % 4 == 0 || Inner == KeptCount * ReducedCount ? 1 : 0;

    /// <summary>How many groups of up to four neighbouring elements there are; none reaches beyond its innermost run.</summary>
    public int Fours => KeptCount * ReducedCount / Inner * InnerFours;

    /// <summary>How many groups of up to four neighbouring outputs there are, where the innermost run is kept.</summary>
    public int KeptFours => KeptCount / Inner * InnerFours;

    /// <summary>How many elements there are in four.</summary>
    public int CountOfFour(int four) => Math.Min(4, Inner - 4 * (four % InnerFours));

    /// <summary>The first of four neighbouring outputs.</summary>
    public int FirstOfKeptFour(int four) {
        int run = four / InnerFours;
        return run * Inner + 4 * (four - run * InnerFours);
    }

    /// <summary>Where the first of four elements stands.</summary>
    public int PlaceOfFour(int four) {
        (int kept, int reduced) = FirstOfFour(four);
        return KeptOffset(kept) + ReducedOffset(reduced);
    }

    /// <summary>The outputs' values for four elements.</summary>
    public Float4 OutputsOfFour(ArrayView<float> y, int four) {
        (int kept, _) = FirstOfFour(four);
        Float4 result = default;
        if (InnerIsKept) result = Float4.Load(y, kept, CountOfFour(four), Vectors);
        else result = Float4.Splat(y[kept]);
        return result;
    }

    private int InnerFours => (Inner + 3) >> 2;

    private (int Kept, int Reduced) FirstOfFour(int four) {
        int run = four / InnerFours, column = 4 * (four - run * InnerFours), rows = ReducedCount / (InnerIsKept ? 1 : Inner);
        int kept = run / rows, reduced = run - kept * rows;
        return InnerIsKept ? (kept * Inner + column, reduced) : (kept, reduced * Inner + column);
    }

    private static void Extend(Span<int> sizes, Span<int> strides, ref int runs, bool merge, int size, int stride) {
        if (merge) {
            sizes[runs - 1] *= size;
        } else {
            sizes[runs] = size;
            strides[runs++] = stride;
        }
    }
}
