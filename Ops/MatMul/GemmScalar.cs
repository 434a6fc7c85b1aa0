namespace DenseEngine.Ops;

/// <summary>The tiles in plain loops, for machines without vector registers; the layouts of <see cref="GemmPortable"/>.</summary>
internal static unsafe class GemmScalar {
    /// <summary>4 rows by 8 columns.</summary>
    public static void Tile4x8(float* a, float* b, float* c, float* start, nint k, nint ldc, nint lds) =>
        Tile(8, a, b, c, start, k, ldc, lds);

    /// <summary>4 rows by 4 columns.</summary>
    public static void Tile4x4(float* a, float* b, float* c, float* start, nint k, nint ldc, nint lds) =>
        Tile(4, a, b, c, start, k, ldc, lds);

    /// <summary>2 rows by 16 columns.</summary>
    public static void Outer2x16(float* a, nint lda, float* b, nint ldb, nint blockStride, nint steps, float* c, nint ldc) {
        for (nint step = 0; step < steps; step++)
            for (int row = 0; row < 2; row++)
                for (int column = 0; column < 16; column++) c[row * ldc + column] += a[step * lda + row] * b[step * ldb + column];
    }

    private static void Tile(int width, float* a, float* b, float* c, float* start, nint k, nint ldc, nint lds) {
        const int Block = GemmKernel.Block;
        for (int row = 0; row < 4; row++) {
            for (int column = 0; column < width; column++) {
                float sum = start[row * lds + column];
                for (nint i = 0; i < k; i++) sum += a[(i / Block * 4 + row) * Block + i % Block] * b[i * width + column];
                c[row * ldc + column] = sum;
            }
        }
    }
}
