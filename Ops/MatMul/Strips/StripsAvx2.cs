using System.Runtime.CompilerServices;
using static System.Runtime.Intrinsics.Vector256;
using static System.Runtime.Intrinsics.X86.Sse;
using Lanes = System.Runtime.Intrinsics.Vector256<float>;

namespace DenseEngine.Ops;

/// <summary>The tiles of <see cref="GemmStrip"/> for 256-bit registers; as <see cref="StripsAvx512"/>.</summary>
internal static unsafe class StripsAvx2 {
    /// <summary>6 rows by 16 columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Tile6x16(GemmStrip* strip) {
        float* b = strip->Right, start = strip->Start;
        float* ahead = strip->Ahead;
        nint lds = strip->StartStride, ld = strip->RowStride, ld2 = 2 * ld, lines = strip->Lines, skip = strip->LineStride - strip->Run;
        float* p0 = strip->Left, p3 = p0 + ld2 + ld;
        Lanes c0a = Load(start), c0b = Load(start + 8);
        Lanes c1a = Load(start + lds), c1b = Load(start + lds + 8);
        Lanes c2a = Load(start + 2 * lds), c2b = Load(start + 2 * lds + 8);
        Lanes c3a = Load(start + 3 * lds), c3b = Load(start + 3 * lds + 8);
        Lanes c4a = Load(start + 4 * lds), c4b = Load(start + 4 * lds + 8);
        Lanes c5a = Load(start + 5 * lds), c5b = Load(start + 5 * lds + 8);
        if (strip->Added != 0) {
            float* added = strip->To + strip->Added;
            nint lda = strip->ToStride;
            Prefetch0(added);
            Prefetch0(added + lda);
            Prefetch0(added + 2 * lda);
            Prefetch0(added + 3 * lda);
            Prefetch0(added + 4 * lda);
            Prefetch0(added + 5 * lda);
        }
        do {
            for (nint left = strip->Run / 2; left > 0; left--) {
                Prefetch0(b + 256);
                Prefetch1(ahead);
                Lanes b0a = Load(b), b0b = Load(b + 8);
                Lanes x0 = Create(p0[0]); c0a = FusedMultiplyAdd(x0, b0a, c0a); c0b = FusedMultiplyAdd(x0, b0b, c0b);
                x0 = Create(p0[ld]); c1a = FusedMultiplyAdd(x0, b0a, c1a); c1b = FusedMultiplyAdd(x0, b0b, c1b);
                x0 = Create(p0[ld2]); c2a = FusedMultiplyAdd(x0, b0a, c2a); c2b = FusedMultiplyAdd(x0, b0b, c2b);
                x0 = Create(p3[0]); c3a = FusedMultiplyAdd(x0, b0a, c3a); c3b = FusedMultiplyAdd(x0, b0b, c3b);
                x0 = Create(p3[ld]); c4a = FusedMultiplyAdd(x0, b0a, c4a); c4b = FusedMultiplyAdd(x0, b0b, c4b);
                x0 = Create(p3[ld2]); c5a = FusedMultiplyAdd(x0, b0a, c5a); c5b = FusedMultiplyAdd(x0, b0b, c5b);
                Lanes b1a = Load(b + 16), b1b = Load(b + 24);
                Lanes x1 = Create(p0[1]); c0a = FusedMultiplyAdd(x1, b1a, c0a); c0b = FusedMultiplyAdd(x1, b1b, c0b);
                x1 = Create(p0[ld + 1]); c1a = FusedMultiplyAdd(x1, b1a, c1a); c1b = FusedMultiplyAdd(x1, b1b, c1b);
                x1 = Create(p0[ld2 + 1]); c2a = FusedMultiplyAdd(x1, b1a, c2a); c2b = FusedMultiplyAdd(x1, b1b, c2b);
                x1 = Create(p3[1]); c3a = FusedMultiplyAdd(x1, b1a, c3a); c3b = FusedMultiplyAdd(x1, b1b, c3b);
                x1 = Create(p3[ld + 1]); c4a = FusedMultiplyAdd(x1, b1a, c4a); c4b = FusedMultiplyAdd(x1, b1b, c4b);
                x1 = Create(p3[ld2 + 1]); c5a = FusedMultiplyAdd(x1, b1a, c5a); c5b = FusedMultiplyAdd(x1, b1b, c5b);
                p0 += 2; p3 += 2;
                b += 32;
                ahead += 32;
            }
            for (nint left = strip->Run % 2; left > 0; left--) {
                Lanes b0a = Load(b), b0b = Load(b + 8);
                Lanes x0 = Create(p0[0]); c0a = FusedMultiplyAdd(x0, b0a, c0a); c0b = FusedMultiplyAdd(x0, b0b, c0b);
                x0 = Create(p0[ld]); c1a = FusedMultiplyAdd(x0, b0a, c1a); c1b = FusedMultiplyAdd(x0, b0b, c1b);
                x0 = Create(p0[ld2]); c2a = FusedMultiplyAdd(x0, b0a, c2a); c2b = FusedMultiplyAdd(x0, b0b, c2b);
                x0 = Create(p3[0]); c3a = FusedMultiplyAdd(x0, b0a, c3a); c3b = FusedMultiplyAdd(x0, b0b, c3b);
                x0 = Create(p3[ld]); c4a = FusedMultiplyAdd(x0, b0a, c4a); c4b = FusedMultiplyAdd(x0, b0b, c4b);
                x0 = Create(p3[ld2]); c5a = FusedMultiplyAdd(x0, b0a, c5a); c5b = FusedMultiplyAdd(x0, b0b, c5b);
                p0++; p3++;
                b += 16;
            }
            p0 += skip; p3 += skip;
        } while (--lines != 0);
        float* c = strip->To;
        nint ldc = strip->ToStride;
        if (strip->Added != 0) {
            float* added = c + strip->Added;
            c0a += Load(added); c0b += Load(added + 8);
            c1a += Load(added + ldc); c1b += Load(added + ldc + 8);
            c2a += Load(added + 2 * ldc); c2b += Load(added + 2 * ldc + 8);
            c3a += Load(added + 3 * ldc); c3b += Load(added + 3 * ldc + 8);
            c4a += Load(added + 4 * ldc); c4b += Load(added + 4 * ldc + 8);
            c5a += Load(added + 5 * ldc); c5b += Load(added + 5 * ldc + 8);
        }
        if (strip->Relu) {
            c0a = Positive(c0a); c0b = Positive(c0b);
            c1a = Positive(c1a); c1b = Positive(c1b);
            c2a = Positive(c2a); c2b = Positive(c2b);
            c3a = Positive(c3a); c3b = Positive(c3b);
            c4a = Positive(c4a); c4b = Positive(c4b);
            c5a = Positive(c5a); c5b = Positive(c5b);
        }
        if (strip->Past) {
            c0a.StoreAlignedNonTemporal(c); c0b.StoreAlignedNonTemporal(c + 8);
            c1a.StoreAlignedNonTemporal(c + ldc); c1b.StoreAlignedNonTemporal(c + ldc + 8);
            c2a.StoreAlignedNonTemporal(c + 2 * ldc); c2b.StoreAlignedNonTemporal(c + 2 * ldc + 8);
            c3a.StoreAlignedNonTemporal(c + 3 * ldc); c3b.StoreAlignedNonTemporal(c + 3 * ldc + 8);
            c4a.StoreAlignedNonTemporal(c + 4 * ldc); c4b.StoreAlignedNonTemporal(c + 4 * ldc + 8);
            c5a.StoreAlignedNonTemporal(c + 5 * ldc); c5b.StoreAlignedNonTemporal(c + 5 * ldc + 8);
            return;
        }
        c0a.Store(c); c0b.Store(c + 8);
        c1a.Store(c + ldc); c1b.Store(c + ldc + 8);
        c2a.Store(c + 2 * ldc); c2b.Store(c + 2 * ldc + 8);
        c3a.Store(c + 3 * ldc); c3b.Store(c + 3 * ldc + 8);
        c4a.Store(c + 4 * ldc); c4b.Store(c + 4 * ldc + 8);
        c5a.Store(c + 5 * ldc); c5b.Store(c + 5 * ldc + 8);
    }

    /// <summary>6 rows by 8 columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Tile6x8(GemmStrip* strip) {
        float* b = strip->Right, start = strip->Start;
        float* ahead = strip->Ahead;
        nint lds = strip->StartStride, ld = strip->RowStride, ld2 = 2 * ld, lines = strip->Lines, skip = strip->LineStride - strip->Run;
        float* p0 = strip->Left, p3 = p0 + ld2 + ld;
        Lanes c0a = Load(start);
        Lanes c1a = Load(start + lds);
        Lanes c2a = Load(start + 2 * lds);
        Lanes c3a = Load(start + 3 * lds);
        Lanes c4a = Load(start + 4 * lds);
        Lanes c5a = Load(start + 5 * lds);
        if (strip->Added != 0) {
            float* added = strip->To + strip->Added;
            nint lda = strip->ToStride;
            Prefetch0(added);
            Prefetch0(added + lda);
            Prefetch0(added + 2 * lda);
            Prefetch0(added + 3 * lda);
            Prefetch0(added + 4 * lda);
            Prefetch0(added + 5 * lda);
        }
        do {
            for (nint left = strip->Run / 2; left > 0; left--) {
                Lanes b0a = Load(b);
                Lanes x0 = Create(p0[0]); c0a = FusedMultiplyAdd(x0, b0a, c0a);
                x0 = Create(p0[ld]); c1a = FusedMultiplyAdd(x0, b0a, c1a);
                x0 = Create(p0[ld2]); c2a = FusedMultiplyAdd(x0, b0a, c2a);
                x0 = Create(p3[0]); c3a = FusedMultiplyAdd(x0, b0a, c3a);
                x0 = Create(p3[ld]); c4a = FusedMultiplyAdd(x0, b0a, c4a);
                x0 = Create(p3[ld2]); c5a = FusedMultiplyAdd(x0, b0a, c5a);
                Lanes b1a = Load(b + 8);
                Lanes x1 = Create(p0[1]); c0a = FusedMultiplyAdd(x1, b1a, c0a);
                x1 = Create(p0[ld + 1]); c1a = FusedMultiplyAdd(x1, b1a, c1a);
                x1 = Create(p0[ld2 + 1]); c2a = FusedMultiplyAdd(x1, b1a, c2a);
                x1 = Create(p3[1]); c3a = FusedMultiplyAdd(x1, b1a, c3a);
                x1 = Create(p3[ld + 1]); c4a = FusedMultiplyAdd(x1, b1a, c4a);
                x1 = Create(p3[ld2 + 1]); c5a = FusedMultiplyAdd(x1, b1a, c5a);
                p0 += 2; p3 += 2;
                b += 16;
            }
            for (nint left = strip->Run % 2; left > 0; left--) {
                Lanes b0a = Load(b);
                Lanes x0 = Create(p0[0]); c0a = FusedMultiplyAdd(x0, b0a, c0a);
                x0 = Create(p0[ld]); c1a = FusedMultiplyAdd(x0, b0a, c1a);
                x0 = Create(p0[ld2]); c2a = FusedMultiplyAdd(x0, b0a, c2a);
                x0 = Create(p3[0]); c3a = FusedMultiplyAdd(x0, b0a, c3a);
                x0 = Create(p3[ld]); c4a = FusedMultiplyAdd(x0, b0a, c4a);
                x0 = Create(p3[ld2]); c5a = FusedMultiplyAdd(x0, b0a, c5a);
                p0++; p3++;
                b += 8;
            }
            p0 += skip; p3 += skip;
        } while (--lines != 0);
        float* c = strip->To;
        nint ldc = strip->ToStride;
        if (strip->Added != 0) {
            float* added = c + strip->Added;
            c0a += Load(added);
            c1a += Load(added + ldc);
            c2a += Load(added + 2 * ldc);
            c3a += Load(added + 3 * ldc);
            c4a += Load(added + 4 * ldc);
            c5a += Load(added + 5 * ldc);
        }
        if (strip->Relu) {
            c0a = Positive(c0a);
            c1a = Positive(c1a);
            c2a = Positive(c2a);
            c3a = Positive(c3a);
            c4a = Positive(c4a);
            c5a = Positive(c5a);
        }
        if (strip->Past) {
            c0a.StoreAlignedNonTemporal(c);
            c1a.StoreAlignedNonTemporal(c + ldc);
            c2a.StoreAlignedNonTemporal(c + 2 * ldc);
            c3a.StoreAlignedNonTemporal(c + 3 * ldc);
            c4a.StoreAlignedNonTemporal(c + 4 * ldc);
            c5a.StoreAlignedNonTemporal(c + 5 * ldc);
            return;
        }
        c0a.Store(c);
        c1a.Store(c + ldc);
        c2a.Store(c + 2 * ldc);
        c3a.Store(c + 3 * ldc);
        c4a.Store(c + 4 * ldc);
        c5a.Store(c + 5 * ldc);
    }

    /// <summary>A number, or zero in place of one that is not above it; a NaN stays.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Lanes Positive(Lanes x) => AndNot(x, LessThanOrEqual(x, Lanes.Zero));
}
