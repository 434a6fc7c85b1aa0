using System.Runtime.CompilerServices;
using static System.Runtime.Intrinsics.Vector512;
using Lanes = System.Runtime.Intrinsics.Vector512<float>;

namespace DenseEngine.Ops;

/// <summary>The outer-product kernels for 512-bit registers.</summary>
internal static unsafe class OuterAvx512 {
    /// <summary>8 rows by 48 columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Tile8x48(float* a, nint lda, float* b, nint ldb, nint blockStride, nint steps, float* c, nint ldc) {
        Lanes c0a = Load(c), c0b = Load(c + 16), c0c = Load(c + 32);
        Lanes c1a = Load(c + ldc), c1b = Load(c + ldc + 16), c1c = Load(c + ldc + 32);
        Lanes c2a = Load(c + 2 * ldc), c2b = Load(c + 2 * ldc + 16), c2c = Load(c + 2 * ldc + 32);
        Lanes c3a = Load(c + 3 * ldc), c3b = Load(c + 3 * ldc + 16), c3c = Load(c + 3 * ldc + 32);
        Lanes c4a = Load(c + 4 * ldc), c4b = Load(c + 4 * ldc + 16), c4c = Load(c + 4 * ldc + 32);
        Lanes c5a = Load(c + 5 * ldc), c5b = Load(c + 5 * ldc + 16), c5c = Load(c + 5 * ldc + 32);
        Lanes c6a = Load(c + 6 * ldc), c6b = Load(c + 6 * ldc + 16), c6c = Load(c + 6 * ldc + 32);
        Lanes c7a = Load(c + 7 * ldc), c7b = Load(c + 7 * ldc + 16), c7c = Load(c + 7 * ldc + 32);
        do {
            Lanes ba = Load(b), bb = Load(b + blockStride), bc = Load(b + 2 * blockStride);
            Lanes x = Create(a[0]);
            c0a = FusedMultiplyAdd(x, ba, c0a); c0b = FusedMultiplyAdd(x, bb, c0b); c0c = FusedMultiplyAdd(x, bc, c0c);
            x = Create(a[1]);
            c1a = FusedMultiplyAdd(x, ba, c1a); c1b = FusedMultiplyAdd(x, bb, c1b); c1c = FusedMultiplyAdd(x, bc, c1c);
            x = Create(a[2]);
            c2a = FusedMultiplyAdd(x, ba, c2a); c2b = FusedMultiplyAdd(x, bb, c2b); c2c = FusedMultiplyAdd(x, bc, c2c);
            x = Create(a[3]);
            c3a = FusedMultiplyAdd(x, ba, c3a); c3b = FusedMultiplyAdd(x, bb, c3b); c3c = FusedMultiplyAdd(x, bc, c3c);
            x = Create(a[4]);
            c4a = FusedMultiplyAdd(x, ba, c4a); c4b = FusedMultiplyAdd(x, bb, c4b); c4c = FusedMultiplyAdd(x, bc, c4c);
            x = Create(a[5]);
            c5a = FusedMultiplyAdd(x, ba, c5a); c5b = FusedMultiplyAdd(x, bb, c5b); c5c = FusedMultiplyAdd(x, bc, c5c);
            x = Create(a[6]);
            c6a = FusedMultiplyAdd(x, ba, c6a); c6b = FusedMultiplyAdd(x, bb, c6b); c6c = FusedMultiplyAdd(x, bc, c6c);
            x = Create(a[7]);
            c7a = FusedMultiplyAdd(x, ba, c7a); c7b = FusedMultiplyAdd(x, bb, c7b); c7c = FusedMultiplyAdd(x, bc, c7c);
            a += lda;
            b += ldb;
        } while (--steps != 0);
        c0a.Store(c); c0b.Store(c + 16); c0c.Store(c + 32);
        c1a.Store(c + ldc); c1b.Store(c + ldc + 16); c1c.Store(c + ldc + 32);
        c2a.Store(c + 2 * ldc); c2b.Store(c + 2 * ldc + 16); c2c.Store(c + 2 * ldc + 32);
        c3a.Store(c + 3 * ldc); c3b.Store(c + 3 * ldc + 16); c3c.Store(c + 3 * ldc + 32);
        c4a.Store(c + 4 * ldc); c4b.Store(c + 4 * ldc + 16); c4c.Store(c + 4 * ldc + 32);
        c5a.Store(c + 5 * ldc); c5b.Store(c + 5 * ldc + 16); c5c.Store(c + 5 * ldc + 32);
        c6a.Store(c + 6 * ldc); c6b.Store(c + 6 * ldc + 16); c6c.Store(c + 6 * ldc + 32);
        c7a.Store(c + 7 * ldc); c7b.Store(c + 7 * ldc + 16); c7c.Store(c + 7 * ldc + 32);
    }

    /// <summary>8 rows by 32 columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Tile8x32(float* a, nint lda, float* b, nint ldb, nint blockStride, nint steps, float* c, nint ldc) {
        Lanes c0a = Load(c), c0b = Load(c + 16);
        Lanes c1a = Load(c + ldc), c1b = Load(c + ldc + 16);
        Lanes c2a = Load(c + 2 * ldc), c2b = Load(c + 2 * ldc + 16);
        Lanes c3a = Load(c + 3 * ldc), c3b = Load(c + 3 * ldc + 16);
        Lanes c4a = Load(c + 4 * ldc), c4b = Load(c + 4 * ldc + 16);
        Lanes c5a = Load(c + 5 * ldc), c5b = Load(c + 5 * ldc + 16);
        Lanes c6a = Load(c + 6 * ldc), c6b = Load(c + 6 * ldc + 16);
        Lanes c7a = Load(c + 7 * ldc), c7b = Load(c + 7 * ldc + 16);
        do {
            Lanes ba = Load(b), bb = Load(b + blockStride);
            Lanes x = Create(a[0]); c0a = FusedMultiplyAdd(x, ba, c0a); c0b = FusedMultiplyAdd(x, bb, c0b);
            x = Create(a[1]); c1a = FusedMultiplyAdd(x, ba, c1a); c1b = FusedMultiplyAdd(x, bb, c1b);
            x = Create(a[2]); c2a = FusedMultiplyAdd(x, ba, c2a); c2b = FusedMultiplyAdd(x, bb, c2b);
            x = Create(a[3]); c3a = FusedMultiplyAdd(x, ba, c3a); c3b = FusedMultiplyAdd(x, bb, c3b);
            x = Create(a[4]); c4a = FusedMultiplyAdd(x, ba, c4a); c4b = FusedMultiplyAdd(x, bb, c4b);
            x = Create(a[5]); c5a = FusedMultiplyAdd(x, ba, c5a); c5b = FusedMultiplyAdd(x, bb, c5b);
            x = Create(a[6]); c6a = FusedMultiplyAdd(x, ba, c6a); c6b = FusedMultiplyAdd(x, bb, c6b);
            x = Create(a[7]); c7a = FusedMultiplyAdd(x, ba, c7a); c7b = FusedMultiplyAdd(x, bb, c7b);
            a += lda;
            b += ldb;
        } while (--steps != 0);
        c0a.Store(c); c0b.Store(c + 16);
        c1a.Store(c + ldc); c1b.Store(c + ldc + 16);
        c2a.Store(c + 2 * ldc); c2b.Store(c + 2 * ldc + 16);
        c3a.Store(c + 3 * ldc); c3b.Store(c + 3 * ldc + 16);
        c4a.Store(c + 4 * ldc); c4b.Store(c + 4 * ldc + 16);
        c5a.Store(c + 5 * ldc); c5b.Store(c + 5 * ldc + 16);
        c6a.Store(c + 6 * ldc); c6b.Store(c + 6 * ldc + 16);
        c7a.Store(c + 7 * ldc); c7b.Store(c + 7 * ldc + 16);
    }

    /// <summary>8 rows by 16 columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Tile8x16(float* a, nint lda, float* b, nint ldb, nint blockStride, nint steps, float* c, nint ldc) {
        Lanes c0a = Load(c);
        Lanes c1a = Load(c + ldc);
        Lanes c2a = Load(c + 2 * ldc);
        Lanes c3a = Load(c + 3 * ldc);
        Lanes c4a = Load(c + 4 * ldc);
        Lanes c5a = Load(c + 5 * ldc);
        Lanes c6a = Load(c + 6 * ldc);
        Lanes c7a = Load(c + 7 * ldc);
        do {
            Lanes ba = Load(b);
            Lanes x = Create(a[0]); c0a = FusedMultiplyAdd(x, ba, c0a);
            x = Create(a[1]); c1a = FusedMultiplyAdd(x, ba, c1a);
            x = Create(a[2]); c2a = FusedMultiplyAdd(x, ba, c2a);
            x = Create(a[3]); c3a = FusedMultiplyAdd(x, ba, c3a);
            x = Create(a[4]); c4a = FusedMultiplyAdd(x, ba, c4a);
            x = Create(a[5]); c5a = FusedMultiplyAdd(x, ba, c5a);
            x = Create(a[6]); c6a = FusedMultiplyAdd(x, ba, c6a);
            x = Create(a[7]); c7a = FusedMultiplyAdd(x, ba, c7a);
            a += lda;
            b += ldb;
        } while (--steps != 0);
        c0a.Store(c);
        c1a.Store(c + ldc);
        c2a.Store(c + 2 * ldc);
        c3a.Store(c + 3 * ldc);
        c4a.Store(c + 4 * ldc);
        c5a.Store(c + 5 * ldc);
        c6a.Store(c + 6 * ldc);
        c7a.Store(c + 7 * ldc);
    }
}
