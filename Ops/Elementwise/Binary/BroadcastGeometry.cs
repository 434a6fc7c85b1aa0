namespace DenseEngine.Ops;

/// <summary>How the elements of two operands, broadcast as NumPy does (axes aligned at the end; size 1 repeats), meet those of the result:
/// rows of <see cref="Inner"/> elements, in which each operand advances by 1 or stays, and row numbers that give each operand's offset.
/// Neighbouring axes that both operands walk alike are merged.</summary>
internal readonly struct BroadcastGeometry {
    /// <summary>Elements of a row, and rows.</summary>
    public readonly int Inner, Rows;

    /// <summary>1 where the operand advances along a row, 0 where it repeats.</summary>
    public readonly int StepA, StepB;

    private readonly int size0, size1, size2, size3, size4;   // of the axes outside a row, innermost first
    private readonly int a0, a1, a2, a3, a4, b0, b1, b2, b3, b4;   // the operands' strides along them

    /// <summary>The shape that two broadcast to.</summary>
    /// <exception cref="ShapeException">They do not; both are named.</exception>
    public static Shape Result(string name, Shape a, Shape b) {
        int[] sizes = new int[Math.Max(a.Rank, b.Rank)];
        for (int i = 1; i <= sizes.Length; i++) {
            int sizeA = i <= a.Rank ? a[^i] : 1, sizeB = i <= b.Rank ? b[^i] : 1;
            Check.That(sizeA == sizeB || sizeA == 1 || sizeB == 1,
                $"{name}: shapes {a} and {b} do not broadcast: axis -{i} has {sizeA} and {sizeB}.");
            sizes[^i] = sizeA == 1 ? sizeB : sizeA;
        }
        return new Shape(sizes);
    }

    /// <summary>The walk over a result, for operands that broadcast to it.</summary>
    public BroadcastGeometry(Shape result, Shape a, Shape b) {
        Span<int> sizes = stackalloc int[Shape.MaxRank + 1], stridesA = stackalloc int[Shape.MaxRank + 1],
            stridesB = stackalloc int[Shape.MaxRank + 1];
        int axes = 0, strideA = 1, strideB = 1;
        for (int i = 1; i <= result.Rank; i++) {
            int size = result[^i], sizeA = i <= a.Rank ? a[^i] : 1, sizeB = i <= b.Rank ? b[^i] : 1;
            int stepA = sizeA == 1 ? 0 : strideA, stepB = sizeB == 1 ? 0 : strideB;
            strideA *= sizeA;
            strideB *= sizeB;
            if (size == 1) continue;
            int last = axes - 1;
            if (axes > 0 && stepA == stridesA[last] * sizes[last] && stepB == stridesB[last] * sizes[last]) {
                sizes[last] *= size;
                continue;
            }
            (sizes[axes], stridesA[axes], stridesB[axes]) = (size, stepA, stepB);
            axes++;
        }
        for (int i = axes; i < sizes.Length; i++) sizes[i] = 1;
        (Inner, StepA, StepB) = (sizes[0], stridesA[0], stridesB[0]);
        Rows = Inner == 0 ? 0 : result.Count / Inner;
        (size0, size1, size2, size3, size4) = (sizes[1], sizes[2], sizes[3], sizes[4], sizes[5]);
        (a0, a1, a2, a3, a4) = (stridesA[1], stridesA[2], stridesA[3], stridesA[4], stridesA[5]);
        (b0, b1, b2, b3, b4) = (stridesB[1], stridesB[2], stridesB[3], stridesB[4], stridesB[5]);
    }

    /// <summary>Whether four neighbours of the result, from a multiple of four on, are four neighbours of each operand, from a multiple of
    /// four on, or one of its elements; but for what is left at the end.</summary>
    public bool InFours => Rows == 1 || Inner % 4 == 0;

    /// <summary>Where a row of the result begins in the first operand.</summary>
    public int OffsetA(int row) => Offset(row, a0, a1, a2, a3, a4);

    /// <summary>Where a row of the result begins in the second operand.</summary>
    public int OffsetB(int row) => Offset(row, b0, b1, b2, b3, b4);

    /// <summary>Where the first operand's element stands for one after an element of the result; beyond the last, that of the
    /// last.</summary>
    public int PlaceA(int element, int next) {
        int at = Math.Min(element + next, Rows * Inner - 1), row = at / Inner;
        return OffsetA(row) + (at - row * Inner) * StepA;
    }

    /// <summary>As <see cref="PlaceA"/>, of the second operand.</summary>
    public int PlaceB(int element, int next) {
        int at = Math.Min(element + next, Rows * Inner - 1), row = at / Inner;
        return OffsetB(row) + (at - row * Inner) * StepB;
    }

    private int Offset(int row, int s0, int s1, int s2, int s3, int s4) {
        int offset = row % size0 * s0;
        if ((row /= size0) == 0) return offset;
        offset += row % size1 * s1;
        if ((row /= size1) == 0) return offset;
        offset += row % size2 * s2;
        if ((row /= size2) == 0) return offset;
        return offset + row % size3 * s3 + row / size3 % size4 * s4;
    }
}
