using System.Runtime.CompilerServices;
using static System.Runtime.Intrinsics.Vector256;
using Lanes = System.Runtime.Intrinsics.Vector256<float>;

namespace DenseEngine.Ops;

/// <summary>The product kernels for 256-bit registers.</summary>
internal static unsafe class GemmAvx2 {
    private const int Block = GemmKernel.Block;

    /// <summary>6 rows by 16 columns: 12 accumulators of the 16 registers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Tile6x16(float* a, float* b, float* c, float* start, nint k, nint ldc, nint lds) {
        Lanes c0a = Load(start), c0b = Load(start + 8);
        Lanes c1a = Load(start + lds), c1b = Load(start + lds + 8);
        Lanes c2a = Load(start + 2 * lds), c2b = Load(start + 2 * lds + 8);
        Lanes c3a = Load(start + 3 * lds), c3b = Load(start + 3 * lds + 8);
        Lanes c4a = Load(start + 4 * lds), c4b = Load(start + 4 * lds + 8);
        Lanes c5a = Load(start + 5 * lds), c5b = Load(start + 5 * lds + 8);
        do {
            nint pairs = (k < Block ? k : Block) / 2;
            float* next = a + 6 * Block;
            do {
                Lanes b0a = Load(b), b0b = Load(b + 8);
                Lanes x0 = Create(a[0]); c0a = FusedMultiplyAdd(x0, b0a, c0a); c0b = FusedMultiplyAdd(x0, b0b, c0b);
                x0 = Create(a[16]); c1a = FusedMultiplyAdd(x0, b0a, c1a); c1b = FusedMultiplyAdd(x0, b0b, c1b);
                x0 = Create(a[32]); c2a = FusedMultiplyAdd(x0, b0a, c2a); c2b = FusedMultiplyAdd(x0, b0b, c2b);
                x0 = Create(a[48]); c3a = FusedMultiplyAdd(x0, b0a, c3a); c3b = FusedMultiplyAdd(x0, b0b, c3b);
                x0 = Create(a[64]); c4a = FusedMultiplyAdd(x0, b0a, c4a); c4b = FusedMultiplyAdd(x0, b0b, c4b);
                x0 = Create(a[80]); c5a = FusedMultiplyAdd(x0, b0a, c5a); c5b = FusedMultiplyAdd(x0, b0b, c5b);
                Lanes b1a = Load(b + 16), b1b = Load(b + 24);
                Lanes x1 = Create(a[1]); c0a = FusedMultiplyAdd(x1, b1a, c0a); c0b = FusedMultiplyAdd(x1, b1b, c0b);
                x1 = Create(a[17]); c1a = FusedMultiplyAdd(x1, b1a, c1a); c1b = FusedMultiplyAdd(x1, b1b, c1b);
                x1 = Create(a[33]); c2a = FusedMultiplyAdd(x1, b1a, c2a); c2b = FusedMultiplyAdd(x1, b1b, c2b);
                x1 = Create(a[49]); c3a = FusedMultiplyAdd(x1, b1a, c3a); c3b = FusedMultiplyAdd(x1, b1b, c3b);
                x1 = Create(a[65]); c4a = FusedMultiplyAdd(x1, b1a, c4a); c4b = FusedMultiplyAdd(x1, b1b, c4b);
                x1 = Create(a[81]); c5a = FusedMultiplyAdd(x1, b1a, c5a); c5b = FusedMultiplyAdd(x1, b1b, c5b);
                a += 2;
                b += 32;
            } while (--pairs != 0);
            a = next;
            k -= Block;
        } while (k > 0);
        c0a.Store(c); c0b.Store(c + 8);
        c1a.Store(c + ldc); c1b.Store(c + ldc + 8);
        c2a.Store(c + 2 * ldc); c2b.Store(c + 2 * ldc + 8);
        c3a.Store(c + 3 * ldc); c3b.Store(c + 3 * ldc + 8);
        c4a.Store(c + 4 * ldc); c4b.Store(c + 4 * ldc + 8);
        c5a.Store(c + 5 * ldc); c5b.Store(c + 5 * ldc + 8);
    }

    /// <summary>6 rows by 8 columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Tile6x8(float* a, float* b, float* c, float* start, nint k, nint ldc, nint lds) {
        Lanes c0a = Load(start);
        Lanes c1a = Load(start + lds);
        Lanes c2a = Load(start + 2 * lds);
        Lanes c3a = Load(start + 3 * lds);
        Lanes c4a = Load(start + 4 * lds);
        Lanes c5a = Load(start + 5 * lds);
        do {
            nint pairs = (k < Block ? k : Block) / 2;
            float* next = a + 6 * Block;
            do {
                Lanes b0a = Load(b);
                Lanes x0 = Create(a[0]); c0a = FusedMultiplyAdd(x0, b0a, c0a);
                x0 = Create(a[16]); c1a = FusedMultiplyAdd(x0, b0a, c1a);
                x0 = Create(a[32]); c2a = FusedMultiplyAdd(x0, b0a, c2a);
                x0 = Create(a[48]); c3a = FusedMultiplyAdd(x0, b0a, c3a);
                x0 = Create(a[64]); c4a = FusedMultiplyAdd(x0, b0a, c4a);
                x0 = Create(a[80]); c5a = FusedMultiplyAdd(x0, b0a, c5a);
                Lanes b1a = Load(b + 8);
                Lanes x1 = Create(a[1]); c0a = FusedMultiplyAdd(x1, b1a, c0a);
                x1 = Create(a[17]); c1a = FusedMultiplyAdd(x1, b1a, c1a);
                x1 = Create(a[33]); c2a = FusedMultiplyAdd(x1, b1a, c2a);
                x1 = Create(a[49]); c3a = FusedMultiplyAdd(x1, b1a, c3a);
                x1 = Create(a[65]); c4a = FusedMultiplyAdd(x1, b1a, c4a);
                x1 = Create(a[81]); c5a = FusedMultiplyAdd(x1, b1a, c5a);
                a += 2;
                b += 16;
            } while (--pairs != 0);
            a = next;
            k -= Block;
        } while (k > 0);
        c0a.Store(c);
        c1a.Store(c + ldc);
        c2a.Store(c + 2 * ldc);
        c3a.Store(c + 3 * ldc);
        c4a.Store(c + 4 * ldc);
        c5a.Store(c + 5 * ldc);
    }
}
