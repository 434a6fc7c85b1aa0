using System.Runtime.CompilerServices;
using static System.Runtime.Intrinsics.Vector128;
using Lanes = System.Runtime.Intrinsics.Vector128<float>;

namespace DenseEngine.Ops;

/// <summary>The product kernels for 128-bit registers; with fused multiply-add where the machine has it.</summary>
internal static unsafe class GemmPortable {
    private const int Block = GemmKernel.Block;

    /// <summary>4 rows by 8 columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Tile4x8(float* a, float* b, float* c, float* start, nint k, nint ldc, nint lds) {
        Lanes c0a = Load(start), c0b = Load(start + 4);
        Lanes c1a = Load(start + lds), c1b = Load(start + lds + 4);
        Lanes c2a = Load(start + 2 * lds), c2b = Load(start + 2 * lds + 4);
        Lanes c3a = Load(start + 3 * lds), c3b = Load(start + 3 * lds + 4);
        do {
            nint pairs = (k < Block ? k : Block) / 2;
            float* next = a + 4 * Block;
            do {
                Lanes b0a = Load(b), b0b = Load(b + 4);
                Lanes x0 = Create(a[0]); c0a = MultiplyAddEstimate(x0, b0a, c0a); c0b = MultiplyAddEstimate(x0, b0b, c0b);
                x0 = Create(a[16]); c1a = MultiplyAddEstimate(x0, b0a, c1a); c1b = MultiplyAddEstimate(x0, b0b, c1b);
                x0 = Create(a[32]); c2a = MultiplyAddEstimate(x0, b0a, c2a); c2b = MultiplyAddEstimate(x0, b0b, c2b);
                x0 = Create(a[48]); c3a = MultiplyAddEstimate(x0, b0a, c3a); c3b = MultiplyAddEstimate(x0, b0b, c3b);
                Lanes b1a = Load(b + 8), b1b = Load(b + 12);
                Lanes x1 = Create(a[1]); c0a = MultiplyAddEstimate(x1, b1a, c0a); c0b = MultiplyAddEstimate(x1, b1b, c0b);
                x1 = Create(a[17]); c1a = MultiplyAddEstimate(x1, b1a, c1a); c1b = MultiplyAddEstimate(x1, b1b, c1b);
                x1 = Create(a[33]); c2a = MultiplyAddEstimate(x1, b1a, c2a); c2b = MultiplyAddEstimate(x1, b1b, c2b);
                x1 = Create(a[49]); c3a = MultiplyAddEstimate(x1, b1a, c3a); c3b = MultiplyAddEstimate(x1, b1b, c3b);
                a += 2;
                b += 16;
            } while (--pairs != 0);
            a = next;
            k -= Block;
        } while (k > 0);
        c0a.Store(c); c0b.Store(c + 4);
        c1a.Store(c + ldc); c1b.Store(c + ldc + 4);
        c2a.Store(c + 2 * ldc); c2b.Store(c + 2 * ldc + 4);
        c3a.Store(c + 3 * ldc); c3b.Store(c + 3 * ldc + 4);
    }

    /// <summary>4 rows by 4 columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Tile4x4(float* a, float* b, float* c, float* start, nint k, nint ldc, nint lds) {
        Lanes c0a = Load(start);
        Lanes c1a = Load(start + lds);
        Lanes c2a = Load(start + 2 * lds);
        Lanes c3a = Load(start + 3 * lds);
        do {
            nint pairs = (k < Block ? k : Block) / 2;
            float* next = a + 4 * Block;
            do {
                Lanes b0a = Load(b);
                Lanes x0 = Create(a[0]); c0a = MultiplyAddEstimate(x0, b0a, c0a);
                x0 = Create(a[16]); c1a = MultiplyAddEstimate(x0, b0a, c1a);
                x0 = Create(a[32]); c2a = MultiplyAddEstimate(x0, b0a, c2a);
                x0 = Create(a[48]); c3a = MultiplyAddEstimate(x0, b0a, c3a);
                Lanes b1a = Load(b + 4);
                Lanes x1 = Create(a[1]); c0a = MultiplyAddEstimate(x1, b1a, c0a);
                x1 = Create(a[17]); c1a = MultiplyAddEstimate(x1, b1a, c1a);
                x1 = Create(a[33]); c2a = MultiplyAddEstimate(x1, b1a, c2a);
                x1 = Create(a[49]); c3a = MultiplyAddEstimate(x1, b1a, c3a);
                a += 2;
                b += 8;
            } while (--pairs != 0);
            a = next;
            k -= Block;
        } while (k > 0);
        c0a.Store(c);
        c1a.Store(c + ldc);
        c2a.Store(c + 2 * ldc);
        c3a.Store(c + 3 * ldc);
    }
}
