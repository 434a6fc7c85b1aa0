namespace DenseEngine.Ops;

/// <summary>4 by 4 results of a thread, in registers.</summary>
internal struct TileSums {
    /// <summary>A row each.</summary>
    public Float4 A, B, C, D;

    /// <summary>Adds the products of four rows and four columns at an inner place.</summary>
    public void Add(Float4 rows, Float4 columns) {
        Float4.MultiplyAdd(ref A, rows.X, columns);
        Float4.MultiplyAdd(ref B, rows.Y, columns);
        Float4.MultiplyAdd(ref C, rows.Z, columns);
        Float4.MultiplyAdd(ref D, rows.W, columns);
    }

    /// <summary>The first row, the others moving up.</summary>
    public Float4 Take() {
        Float4 first = A;
        A = B;
        B = C;
        C = D;
        return first;
    }
}
