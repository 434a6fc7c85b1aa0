using System.Runtime.CompilerServices;
using static System.Runtime.Intrinsics.Vector256;
using Lanes = System.Runtime.Intrinsics.Vector256<float>;

namespace DenseEngine.Ops;

/// <summary>The outer-product kernel for 256-bit registers.</summary>
internal static unsafe class OuterAvx2 {
    /// <summary>6 rows by 16 columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Tile6x16(float* a, nint lda, float* b, nint ldb, nint blockStride, nint steps, float* c, nint ldc) {
        Lanes c0a = Load(c), c0b = Load(c + 8);
        Lanes c1a = Load(c + ldc), c1b = Load(c + ldc + 8);
        Lanes c2a = Load(c + 2 * ldc), c2b = Load(c + 2 * ldc + 8);
        Lanes c3a = Load(c + 3 * ldc), c3b = Load(c + 3 * ldc + 8);
        Lanes c4a = Load(c + 4 * ldc), c4b = Load(c + 4 * ldc + 8);
        Lanes c5a = Load(c + 5 * ldc), c5b = Load(c + 5 * ldc + 8);
        do {
            Lanes ba = Load(b), bb = Load(b + 8);
            Lanes x = Create(a[0]); c0a = FusedMultiplyAdd(x, ba, c0a); c0b = FusedMultiplyAdd(x, bb, c0b);
            x = Create(a[1]); c1a = FusedMultiplyAdd(x, ba, c1a); c1b = FusedMultiplyAdd(x, bb, c1b);
            x = Create(a[2]); c2a = FusedMultiplyAdd(x, ba, c2a); c2b = FusedMultiplyAdd(x, bb, c2b);
            x = Create(a[3]); c3a = FusedMultiplyAdd(x, ba, c3a); c3b = FusedMultiplyAdd(x, bb, c3b);
            x = Create(a[4]); c4a = FusedMultiplyAdd(x, ba, c4a); c4b = FusedMultiplyAdd(x, bb, c4b);
            x = Create(a[5]); c5a = FusedMultiplyAdd(x, ba, c5a); c5b = FusedMultiplyAdd(x, bb, c5b);
            a += lda;
            b += ldb;
        } while (--steps != 0);
        c0a.Store(c); c0b.Store(c + 8);
        c1a.Store(c + ldc); c1b.Store(c + ldc + 8);
        c2a.Store(c + 2 * ldc); c2b.Store(c + 2 * ldc + 8);
        c3a.Store(c + 3 * ldc); c3b.Store(c + 3 * ldc + 8);
        c4a.Store(c + 4 * ldc); c4b.Store(c + 4 * ldc + 8);
        c5a.Store(c + 5 * ldc); c5b.Store(c + 5 * ldc + 8);
    }
}
