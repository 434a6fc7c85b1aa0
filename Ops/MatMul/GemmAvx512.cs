using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using static System.Runtime.Intrinsics.Vector512;
using Lanes = System.Runtime.Intrinsics.Vector512<float>;

namespace DenseEngine.Ops;

/// <summary>The product kernels for 512-bit registers. The text is unrolled so that every accumulator is a named local: the compiler
/// keeps those in registers, arrays it does not.</summary>
internal static unsafe class GemmAvx512 {
    private const int Block = GemmKernel.Block;

    /// <summary>14 rows by 32 columns: 28 accumulators, 2 columns and 1 broadcast in the 32 registers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Tile14x32(float* a, float* b, float* c, float* start, nint k, nint ldc, nint lds) {
        Lanes c0a = Load(start), c0b = Load(start + 16);
        Lanes c1a = Load(start + lds), c1b = Load(start + lds + 16);
        Lanes c2a = Load(start + 2 * lds), c2b = Load(start + 2 * lds + 16);
        Lanes c3a = Load(start + 3 * lds), c3b = Load(start + 3 * lds + 16);
        Lanes c4a = Load(start + 4 * lds), c4b = Load(start + 4 * lds + 16);
        Lanes c5a = Load(start + 5 * lds), c5b = Load(start + 5 * lds + 16);
        Lanes c6a = Load(start + 6 * lds), c6b = Load(start + 6 * lds + 16);
        Lanes c7a = Load(start + 7 * lds), c7b = Load(start + 7 * lds + 16);
        Lanes c8a = Load(start + 8 * lds), c8b = Load(start + 8 * lds + 16);
        Lanes c9a = Load(start + 9 * lds), c9b = Load(start + 9 * lds + 16);
        Lanes c10a = Load(start + 10 * lds), c10b = Load(start + 10 * lds + 16);
        Lanes c11a = Load(start + 11 * lds), c11b = Load(start + 11 * lds + 16);
        Lanes c12a = Load(start + 12 * lds), c12b = Load(start + 12 * lds + 16);
        Lanes c13a = Load(start + 13 * lds), c13b = Load(start + 13 * lds + 16);
        do {
            nint pairs = (k < Block ? k : Block) / 2;
            float* next = a + 14 * Block;
            do {
                Prefetch(b + 512);
                Lanes b0a = Load(b), b0b = Load(b + 16);
                Lanes x0 = Create(a[0]); c0a = FusedMultiplyAdd(x0, b0a, c0a); c0b = FusedMultiplyAdd(x0, b0b, c0b);
                x0 = Create(a[16]); c1a = FusedMultiplyAdd(x0, b0a, c1a); c1b = FusedMultiplyAdd(x0, b0b, c1b);
                x0 = Create(a[32]); c2a = FusedMultiplyAdd(x0, b0a, c2a); c2b = FusedMultiplyAdd(x0, b0b, c2b);
                x0 = Create(a[48]); c3a = FusedMultiplyAdd(x0, b0a, c3a); c3b = FusedMultiplyAdd(x0, b0b, c3b);
                x0 = Create(a[64]); c4a = FusedMultiplyAdd(x0, b0a, c4a); c4b = FusedMultiplyAdd(x0, b0b, c4b);
                x0 = Create(a[80]); c5a = FusedMultiplyAdd(x0, b0a, c5a); c5b = FusedMultiplyAdd(x0, b0b, c5b);
                x0 = Create(a[96]); c6a = FusedMultiplyAdd(x0, b0a, c6a); c6b = FusedMultiplyAdd(x0, b0b, c6b);
                x0 = Create(a[112]); c7a = FusedMultiplyAdd(x0, b0a, c7a); c7b = FusedMultiplyAdd(x0, b0b, c7b);
                x0 = Create(a[128]); c8a = FusedMultiplyAdd(x0, b0a, c8a); c8b = FusedMultiplyAdd(x0, b0b, c8b);
                x0 = Create(a[144]); c9a = FusedMultiplyAdd(x0, b0a, c9a); c9b = FusedMultiplyAdd(x0, b0b, c9b);
                x0 = Create(a[160]); c10a = FusedMultiplyAdd(x0, b0a, c10a); c10b = FusedMultiplyAdd(x0, b0b, c10b);
                x0 = Create(a[176]); c11a = FusedMultiplyAdd(x0, b0a, c11a); c11b = FusedMultiplyAdd(x0, b0b, c11b);
                x0 = Create(a[192]); c12a = FusedMultiplyAdd(x0, b0a, c12a); c12b = FusedMultiplyAdd(x0, b0b, c12b);
                x0 = Create(a[208]); c13a = FusedMultiplyAdd(x0, b0a, c13a); c13b = FusedMultiplyAdd(x0, b0b, c13b);
                Prefetch(b + 544);
                Lanes b1a = Load(b + 32), b1b = Load(b + 48);
                Lanes x1 = Create(a[1]); c0a = FusedMultiplyAdd(x1, b1a, c0a); c0b = FusedMultiplyAdd(x1, b1b, c0b);
                x1 = Create(a[17]); c1a = FusedMultiplyAdd(x1, b1a, c1a); c1b = FusedMultiplyAdd(x1, b1b, c1b);
                x1 = Create(a[33]); c2a = FusedMultiplyAdd(x1, b1a, c2a); c2b = FusedMultiplyAdd(x1, b1b, c2b);
                x1 = Create(a[49]); c3a = FusedMultiplyAdd(x1, b1a, c3a); c3b = FusedMultiplyAdd(x1, b1b, c3b);
                x1 = Create(a[65]); c4a = FusedMultiplyAdd(x1, b1a, c4a); c4b = FusedMultiplyAdd(x1, b1b, c4b);
                x1 = Create(a[81]); c5a = FusedMultiplyAdd(x1, b1a, c5a); c5b = FusedMultiplyAdd(x1, b1b, c5b);
                x1 = Create(a[97]); c6a = FusedMultiplyAdd(x1, b1a, c6a); c6b = FusedMultiplyAdd(x1, b1b, c6b);
                x1 = Create(a[113]); c7a = FusedMultiplyAdd(x1, b1a, c7a); c7b = FusedMultiplyAdd(x1, b1b, c7b);
                x1 = Create(a[129]); c8a = FusedMultiplyAdd(x1, b1a, c8a); c8b = FusedMultiplyAdd(x1, b1b, c8b);
                x1 = Create(a[145]); c9a = FusedMultiplyAdd(x1, b1a, c9a); c9b = FusedMultiplyAdd(x1, b1b, c9b);
                x1 = Create(a[161]); c10a = FusedMultiplyAdd(x1, b1a, c10a); c10b = FusedMultiplyAdd(x1, b1b, c10b);
                x1 = Create(a[177]); c11a = FusedMultiplyAdd(x1, b1a, c11a); c11b = FusedMultiplyAdd(x1, b1b, c11b);
                x1 = Create(a[193]); c12a = FusedMultiplyAdd(x1, b1a, c12a); c12b = FusedMultiplyAdd(x1, b1b, c12b);
                x1 = Create(a[209]); c13a = FusedMultiplyAdd(x1, b1a, c13a); c13b = FusedMultiplyAdd(x1, b1b, c13b);
                a += 2;
                b += 64;
            } while (--pairs != 0);
            a = next;
            k -= Block;
        } while (k > 0);
        c0a.Store(c); c0b.Store(c + 16);
        c1a.Store(c + ldc); c1b.Store(c + ldc + 16);
        c2a.Store(c + 2 * ldc); c2b.Store(c + 2 * ldc + 16);
        c3a.Store(c + 3 * ldc); c3b.Store(c + 3 * ldc + 16);
        c4a.Store(c + 4 * ldc); c4b.Store(c + 4 * ldc + 16);
        c5a.Store(c + 5 * ldc); c5b.Store(c + 5 * ldc + 16);
        c6a.Store(c + 6 * ldc); c6b.Store(c + 6 * ldc + 16);
        c7a.Store(c + 7 * ldc); c7b.Store(c + 7 * ldc + 16);
        c8a.Store(c + 8 * ldc); c8b.Store(c + 8 * ldc + 16);
        c9a.Store(c + 9 * ldc); c9b.Store(c + 9 * ldc + 16);
        c10a.Store(c + 10 * ldc); c10b.Store(c + 10 * ldc + 16);
        c11a.Store(c + 11 * ldc); c11b.Store(c + 11 * ldc + 16);
        c12a.Store(c + 12 * ldc); c12b.Store(c + 12 * ldc + 16);
        c13a.Store(c + 13 * ldc); c13b.Store(c + 13 * ldc + 16);
    }

    /// <summary>14 rows by 16 columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Tile14x16(float* a, float* b, float* c, float* start, nint k, nint ldc, nint lds) {
        Lanes c0a = Load(start);
        Lanes c1a = Load(start + lds);
        Lanes c2a = Load(start + 2 * lds);
        Lanes c3a = Load(start + 3 * lds);
        Lanes c4a = Load(start + 4 * lds);
        Lanes c5a = Load(start + 5 * lds);
        Lanes c6a = Load(start + 6 * lds);
        Lanes c7a = Load(start + 7 * lds);
        Lanes c8a = Load(start + 8 * lds);
        Lanes c9a = Load(start + 9 * lds);
        Lanes c10a = Load(start + 10 * lds);
        Lanes c11a = Load(start + 11 * lds);
        Lanes c12a = Load(start + 12 * lds);
        Lanes c13a = Load(start + 13 * lds);
        do {
            nint pairs = (k < Block ? k : Block) / 2;
            float* next = a + 14 * Block;
            do {
                Lanes b0a = Load(b);
                Lanes x0 = Create(a[0]); c0a = FusedMultiplyAdd(x0, b0a, c0a);
                x0 = Create(a[16]); c1a = FusedMultiplyAdd(x0, b0a, c1a);
                x0 = Create(a[32]); c2a = FusedMultiplyAdd(x0, b0a, c2a);
                x0 = Create(a[48]); c3a = FusedMultiplyAdd(x0, b0a, c3a);
                x0 = Create(a[64]); c4a = FusedMultiplyAdd(x0, b0a, c4a);
                x0 = Create(a[80]); c5a = FusedMultiplyAdd(x0, b0a, c5a);
                x0 = Create(a[96]); c6a = FusedMultiplyAdd(x0, b0a, c6a);
                x0 = Create(a[112]); c7a = FusedMultiplyAdd(x0, b0a, c7a);
                x0 = Create(a[128]); c8a = FusedMultiplyAdd(x0, b0a, c8a);
                x0 = Create(a[144]); c9a = FusedMultiplyAdd(x0, b0a, c9a);
                x0 = Create(a[160]); c10a = FusedMultiplyAdd(x0, b0a, c10a);
                x0 = Create(a[176]); c11a = FusedMultiplyAdd(x0, b0a, c11a);
                x0 = Create(a[192]); c12a = FusedMultiplyAdd(x0, b0a, c12a);
                x0 = Create(a[208]); c13a = FusedMultiplyAdd(x0, b0a, c13a);
                Lanes b1a = Load(b + 16);
                Lanes x1 = Create(a[1]); c0a = FusedMultiplyAdd(x1, b1a, c0a);
                x1 = Create(a[17]); c1a = FusedMultiplyAdd(x1, b1a, c1a);
                x1 = Create(a[33]); c2a = FusedMultiplyAdd(x1, b1a, c2a);
                x1 = Create(a[49]); c3a = FusedMultiplyAdd(x1, b1a, c3a);
                x1 = Create(a[65]); c4a = FusedMultiplyAdd(x1, b1a, c4a);
                x1 = Create(a[81]); c5a = FusedMultiplyAdd(x1, b1a, c5a);
                x1 = Create(a[97]); c6a = FusedMultiplyAdd(x1, b1a, c6a);
                x1 = Create(a[113]); c7a = FusedMultiplyAdd(x1, b1a, c7a);
                x1 = Create(a[129]); c8a = FusedMultiplyAdd(x1, b1a, c8a);
                x1 = Create(a[145]); c9a = FusedMultiplyAdd(x1, b1a, c9a);
                x1 = Create(a[161]); c10a = FusedMultiplyAdd(x1, b1a, c10a);
                x1 = Create(a[177]); c11a = FusedMultiplyAdd(x1, b1a, c11a);
                x1 = Create(a[193]); c12a = FusedMultiplyAdd(x1, b1a, c12a);
                x1 = Create(a[209]); c13a = FusedMultiplyAdd(x1, b1a, c13a);
                a += 2;
                b += 32;
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
        c6a.Store(c + 6 * ldc);
        c7a.Store(c + 7 * ldc);
        c8a.Store(c + 8 * ldc);
        c9a.Store(c + 9 * ldc);
        c10a.Store(c + 10 * ldc);
        c11a.Store(c + 11 * ldc);
        c12a.Store(c + 12 * ldc);
        c13a.Store(c + 13 * ldc);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Prefetch(float* address) {
        if (Sse.IsSupported) Sse.Prefetch0(address);
    }
}
