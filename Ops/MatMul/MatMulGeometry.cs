namespace DenseEngine.Ops;

/// <summary>Sizes of a batched matrix product, and which matrices meet.</summary>
internal readonly struct MatMulGeometry {
    /// <summary>Rows, columns and inner size.</summary>
    public readonly int M, N, K;

    /// <summary>Whether a side is stored transposed.</summary>
    public readonly bool TransposeA, TransposeB;

    /// <summary>The shapes of the sides and the result.</summary>
    public readonly Shape LeftShape, RightShape, OutputShape;

    public MatMulGeometry(Tensor a, Tensor b, bool transposeA, bool transposeB) {
        (LeftShape, RightShape, TransposeA, TransposeB) = (a.Shape, b.Shape, transposeA, transposeB);
        Check.That(LeftShape.Rank >= 2 && RightShape.Rank >= 2,
            $"MatMul: shapes {LeftShape} and {RightShape} are given; both need at least two axes.");
        (M, K) = transposeA ? (LeftShape[^1], LeftShape[^2]) : (LeftShape[^2], LeftShape[^1]);
        (int inner, N) = transposeB ? (RightShape[^1], RightShape[^2]) : (RightShape[^2], RightShape[^1]);
        Check.That(inner == K,
            $"MatMul: the inner sizes {K} and {inner} of {LeftShape}{(transposeA ? " (transposed)" : "")}"
            + $" and {RightShape}{(transposeB ? " (transposed)" : "")} differ.");
        int rank = Math.Max(LeftShape.Rank, RightShape.Rank);
        var sizes = new int[rank];
        for (int axis = 0; axis < rank - 2; axis++) {
            int left = Size(LeftShape, axis, rank), right = Size(RightShape, axis, rank);
            Check.That(left == right || left == 1 || right == 1, $"MatMul: the batches of {LeftShape} and {RightShape} do not broadcast.");
            sizes[axis] = left == 1 ? right : left;
        }
        (sizes[^2], sizes[^1]) = (M, N);
        OutputShape = new Shape(sizes);
    }

    /// <summary>Products in the batch.</summary>
    public int Batches => BatchCount(OutputShape);

    /// <summary>Left matrices.</summary>
    public int LeftBatches => BatchCount(LeftShape);

    /// <summary>Right matrices.</summary>
    public int RightBatches => BatchCount(RightShape);

    /// <summary>The left matrix of a product.</summary>
    public int Left(int batch) => Source(LeftShape, batch);

    /// <summary>The right matrix of a product.</summary>
    public int Right(int batch) => Source(RightShape, batch);

    private int Source(Shape shape, int batch) {
        int rank = OutputShape.Rank, source = 0, stride = 1;
        for (int axis = rank - 3; axis >= 0; axis--) {
            int size = Size(shape, axis, rank), place = batch % OutputShape[axis];
            batch /= OutputShape[axis];
            if (size > 1) source += place * stride;
            stride *= size;
        }
        return source;
    }

    private static int Size(Shape shape, int axis, int rank) => axis < rank - shape.Rank ? 1 : shape[axis - (rank - shape.Rank)];

    private static int BatchCount(Shape shape) => new Shape(shape.ToArray().AsSpan(0, shape.Rank - 2)).Count;
}
