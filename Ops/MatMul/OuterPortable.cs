using System.Runtime.CompilerServices;
using static System.Runtime.Intrinsics.Vector128;
using Lanes = System.Runtime.Intrinsics.Vector128<float>;

namespace DenseEngine.Ops;

/// <summary>The outer-product kernel for 128-bit registers.</summary>
internal static unsafe class OuterPortable {
    /// <summary>2 rows by 16 columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Tile2x16(float* a, nint lda, float* b, nint ldb, nint blockStride, nint steps, float* c, nint ldc) {
        Lanes c0a = Load(c), c0b = Load(c + 4), c0c = Load(c + 8), c0d = Load(c + 12);
        Lanes c1a = Load(c + ldc), c1b = Load(c + ldc + 4), c1c = Load(c + ldc + 8), c1d = Load(c + ldc + 12);
        do {
            Lanes ba = Load(b), bb = Load(b + 4), bc = Load(b + 8), bd = Load(b + 12);
            Lanes x = Create(a[0]);
            c0a = MultiplyAddEstimate(x, ba, c0a); c0b = MultiplyAddEstimate(x, bb, c0b);
            c0c = MultiplyAddEstimate(x, bc, c0c); c0d = MultiplyAddEstimate(x, bd, c0d);
            x = Create(a[1]);
            c1a = MultiplyAddEstimate(x, ba, c1a); c1b = MultiplyAddEstimate(x, bb, c1b);
            c1c = MultiplyAddEstimate(x, bc, c1c); c1d = MultiplyAddEstimate(x, bd, c1d);
            a += lda;
            b += ldb;
        } while (--steps != 0);
        c0a.Store(c); c0b.Store(c + 4); c0c.Store(c + 8); c0d.Store(c + 12);
        c1a.Store(c + ldc); c1b.Store(c + ldc + 4); c1c.Store(c + ldc + 8); c1d.Store(c + ldc + 12);
    }
}
