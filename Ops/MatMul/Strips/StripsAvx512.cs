using System.Runtime.CompilerServices;
using static System.Runtime.Intrinsics.Vector512;
using static System.Runtime.Intrinsics.X86.Sse;
using Lanes = System.Runtime.Intrinsics.Vector512<float>;

namespace DenseEngine.Ops;

/// <summary>The tiles of <see cref="GemmStrip"/> for 512-bit registers: every accumulator is a named local as in
/// <see cref="GemmAvx512"/>, every third row has a pointer of its own and the two after it are reached by an index.</summary>
internal static unsafe class StripsAvx512 {
    /// <summary>14 rows by 32 columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Tile14x32(GemmStrip* strip) {
        float* b = strip->Right, start = strip->Start;
        float* ahead = strip->Ahead;
        nint lds = strip->StartStride, ld = strip->RowStride, ld2 = 2 * ld, lines = strip->Lines, skip = strip->LineStride - strip->Run;
        float* p0 = strip->Left, p3 = p0 + ld2 + ld, p6 = p3 + ld2 + ld, p9 = p6 + ld2 + ld, p12 = p9 + ld2 + ld;
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
        if (strip->Added != 0) {
            float* added = strip->To + strip->Added;
            nint lda = strip->ToStride;
            Prefetch0(added); Prefetch0(added + 16);
            Prefetch0(added + lda); Prefetch0(added + lda + 16);
            Prefetch0(added + 2 * lda); Prefetch0(added + 2 * lda + 16);
            Prefetch0(added + 3 * lda); Prefetch0(added + 3 * lda + 16);
            Prefetch0(added + 4 * lda); Prefetch0(added + 4 * lda + 16);
            Prefetch0(added + 5 * lda); Prefetch0(added + 5 * lda + 16);
            Prefetch0(added + 6 * lda); Prefetch0(added + 6 * lda + 16);
            Prefetch0(added + 7 * lda); Prefetch0(added + 7 * lda + 16);
            Prefetch0(added + 8 * lda); Prefetch0(added + 8 * lda + 16);
            Prefetch0(added + 9 * lda); Prefetch0(added + 9 * lda + 16);
            Prefetch0(added + 10 * lda); Prefetch0(added + 10 * lda + 16);
            Prefetch0(added + 11 * lda); Prefetch0(added + 11 * lda + 16);
            Prefetch0(added + 12 * lda); Prefetch0(added + 12 * lda + 16);
            Prefetch0(added + 13 * lda); Prefetch0(added + 13 * lda + 16);
        }
        do {
            for (nint left = strip->Run / 2; left > 0; left--) {
                Prefetch0(b + 512);
                Prefetch1(ahead);
                Lanes b0a = Load(b), b0b = Load(b + 16);
                Lanes x0 = Create(p0[0]); c0a = FusedMultiplyAdd(x0, b0a, c0a); c0b = FusedMultiplyAdd(x0, b0b, c0b);
                x0 = Create(p0[ld]); c1a = FusedMultiplyAdd(x0, b0a, c1a); c1b = FusedMultiplyAdd(x0, b0b, c1b);
                x0 = Create(p0[ld2]); c2a = FusedMultiplyAdd(x0, b0a, c2a); c2b = FusedMultiplyAdd(x0, b0b, c2b);
                x0 = Create(p3[0]); c3a = FusedMultiplyAdd(x0, b0a, c3a); c3b = FusedMultiplyAdd(x0, b0b, c3b);
                x0 = Create(p3[ld]); c4a = FusedMultiplyAdd(x0, b0a, c4a); c4b = FusedMultiplyAdd(x0, b0b, c4b);
                x0 = Create(p3[ld2]); c5a = FusedMultiplyAdd(x0, b0a, c5a); c5b = FusedMultiplyAdd(x0, b0b, c5b);
                x0 = Create(p6[0]); c6a = FusedMultiplyAdd(x0, b0a, c6a); c6b = FusedMultiplyAdd(x0, b0b, c6b);
                x0 = Create(p6[ld]); c7a = FusedMultiplyAdd(x0, b0a, c7a); c7b = FusedMultiplyAdd(x0, b0b, c7b);
                x0 = Create(p6[ld2]); c8a = FusedMultiplyAdd(x0, b0a, c8a); c8b = FusedMultiplyAdd(x0, b0b, c8b);
                x0 = Create(p9[0]); c9a = FusedMultiplyAdd(x0, b0a, c9a); c9b = FusedMultiplyAdd(x0, b0b, c9b);
                x0 = Create(p9[ld]); c10a = FusedMultiplyAdd(x0, b0a, c10a); c10b = FusedMultiplyAdd(x0, b0b, c10b);
                x0 = Create(p9[ld2]); c11a = FusedMultiplyAdd(x0, b0a, c11a); c11b = FusedMultiplyAdd(x0, b0b, c11b);
                x0 = Create(p12[0]); c12a = FusedMultiplyAdd(x0, b0a, c12a); c12b = FusedMultiplyAdd(x0, b0b, c12b);
                x0 = Create(p12[ld]); c13a = FusedMultiplyAdd(x0, b0a, c13a); c13b = FusedMultiplyAdd(x0, b0b, c13b);
                Prefetch0(b + 544);
                Prefetch1(ahead + 16);
                Lanes b1a = Load(b + 32), b1b = Load(b + 48);
                Lanes x1 = Create(p0[1]); c0a = FusedMultiplyAdd(x1, b1a, c0a); c0b = FusedMultiplyAdd(x1, b1b, c0b);
                x1 = Create(p0[ld + 1]); c1a = FusedMultiplyAdd(x1, b1a, c1a); c1b = FusedMultiplyAdd(x1, b1b, c1b);
                x1 = Create(p0[ld2 + 1]); c2a = FusedMultiplyAdd(x1, b1a, c2a); c2b = FusedMultiplyAdd(x1, b1b, c2b);
                x1 = Create(p3[1]); c3a = FusedMultiplyAdd(x1, b1a, c3a); c3b = FusedMultiplyAdd(x1, b1b, c3b);
                x1 = Create(p3[ld + 1]); c4a = FusedMultiplyAdd(x1, b1a, c4a); c4b = FusedMultiplyAdd(x1, b1b, c4b);
                x1 = Create(p3[ld2 + 1]); c5a = FusedMultiplyAdd(x1, b1a, c5a); c5b = FusedMultiplyAdd(x1, b1b, c5b);
                x1 = Create(p6[1]); c6a = FusedMultiplyAdd(x1, b1a, c6a); c6b = FusedMultiplyAdd(x1, b1b, c6b);
                x1 = Create(p6[ld + 1]); c7a = FusedMultiplyAdd(x1, b1a, c7a); c7b = FusedMultiplyAdd(x1, b1b, c7b);
                x1 = Create(p6[ld2 + 1]); c8a = FusedMultiplyAdd(x1, b1a, c8a); c8b = FusedMultiplyAdd(x1, b1b, c8b);
                x1 = Create(p9[1]); c9a = FusedMultiplyAdd(x1, b1a, c9a); c9b = FusedMultiplyAdd(x1, b1b, c9b);
                x1 = Create(p9[ld + 1]); c10a = FusedMultiplyAdd(x1, b1a, c10a); c10b = FusedMultiplyAdd(x1, b1b, c10b);
                x1 = Create(p9[ld2 + 1]); c11a = FusedMultiplyAdd(x1, b1a, c11a); c11b = FusedMultiplyAdd(x1, b1b, c11b);
                x1 = Create(p12[1]); c12a = FusedMultiplyAdd(x1, b1a, c12a); c12b = FusedMultiplyAdd(x1, b1b, c12b);
                x1 = Create(p12[ld + 1]); c13a = FusedMultiplyAdd(x1, b1a, c13a); c13b = FusedMultiplyAdd(x1, b1b, c13b);
                p0 += 2; p3 += 2; p6 += 2; p9 += 2; p12 += 2;
                b += 64;
                ahead += 32;
            }
            for (nint left = strip->Run % 2; left > 0; left--) {
                Lanes b0a = Load(b), b0b = Load(b + 16);
                Lanes x0 = Create(p0[0]); c0a = FusedMultiplyAdd(x0, b0a, c0a); c0b = FusedMultiplyAdd(x0, b0b, c0b);
                x0 = Create(p0[ld]); c1a = FusedMultiplyAdd(x0, b0a, c1a); c1b = FusedMultiplyAdd(x0, b0b, c1b);
                x0 = Create(p0[ld2]); c2a = FusedMultiplyAdd(x0, b0a, c2a); c2b = FusedMultiplyAdd(x0, b0b, c2b);
                x0 = Create(p3[0]); c3a = FusedMultiplyAdd(x0, b0a, c3a); c3b = FusedMultiplyAdd(x0, b0b, c3b);
                x0 = Create(p3[ld]); c4a = FusedMultiplyAdd(x0, b0a, c4a); c4b = FusedMultiplyAdd(x0, b0b, c4b);
                x0 = Create(p3[ld2]); c5a = FusedMultiplyAdd(x0, b0a, c5a); c5b = FusedMultiplyAdd(x0, b0b, c5b);
                x0 = Create(p6[0]); c6a = FusedMultiplyAdd(x0, b0a, c6a); c6b = FusedMultiplyAdd(x0, b0b, c6b);
                x0 = Create(p6[ld]); c7a = FusedMultiplyAdd(x0, b0a, c7a); c7b = FusedMultiplyAdd(x0, b0b, c7b);
                x0 = Create(p6[ld2]); c8a = FusedMultiplyAdd(x0, b0a, c8a); c8b = FusedMultiplyAdd(x0, b0b, c8b);
                x0 = Create(p9[0]); c9a = FusedMultiplyAdd(x0, b0a, c9a); c9b = FusedMultiplyAdd(x0, b0b, c9b);
                x0 = Create(p9[ld]); c10a = FusedMultiplyAdd(x0, b0a, c10a); c10b = FusedMultiplyAdd(x0, b0b, c10b);
                x0 = Create(p9[ld2]); c11a = FusedMultiplyAdd(x0, b0a, c11a); c11b = FusedMultiplyAdd(x0, b0b, c11b);
                x0 = Create(p12[0]); c12a = FusedMultiplyAdd(x0, b0a, c12a); c12b = FusedMultiplyAdd(x0, b0b, c12b);
                x0 = Create(p12[ld]); c13a = FusedMultiplyAdd(x0, b0a, c13a); c13b = FusedMultiplyAdd(x0, b0b, c13b);
                p0++; p3++; p6++; p9++; p12++;
                b += 32;
            }
            p0 += skip; p3 += skip; p6 += skip; p9 += skip; p12 += skip;
        } while (--lines != 0);
        float* c = strip->To;
        nint ldc = strip->ToStride;
        if (strip->Added != 0) {
            float* added = c + strip->Added;
            c0a += Load(added); c0b += Load(added + 16);
            c1a += Load(added + ldc); c1b += Load(added + ldc + 16);
            c2a += Load(added + 2 * ldc); c2b += Load(added + 2 * ldc + 16);
            c3a += Load(added + 3 * ldc); c3b += Load(added + 3 * ldc + 16);
            c4a += Load(added + 4 * ldc); c4b += Load(added + 4 * ldc + 16);
            c5a += Load(added + 5 * ldc); c5b += Load(added + 5 * ldc + 16);
            c6a += Load(added + 6 * ldc); c6b += Load(added + 6 * ldc + 16);
            c7a += Load(added + 7 * ldc); c7b += Load(added + 7 * ldc + 16);
            c8a += Load(added + 8 * ldc); c8b += Load(added + 8 * ldc + 16);
            c9a += Load(added + 9 * ldc); c9b += Load(added + 9 * ldc + 16);
            c10a += Load(added + 10 * ldc); c10b += Load(added + 10 * ldc + 16);
            c11a += Load(added + 11 * ldc); c11b += Load(added + 11 * ldc + 16);
            c12a += Load(added + 12 * ldc); c12b += Load(added + 12 * ldc + 16);
            c13a += Load(added + 13 * ldc); c13b += Load(added + 13 * ldc + 16);
        }
        if (strip->Relu) {
            c0a = Positive(c0a); c0b = Positive(c0b);
            c1a = Positive(c1a); c1b = Positive(c1b);
            c2a = Positive(c2a); c2b = Positive(c2b);
            c3a = Positive(c3a); c3b = Positive(c3b);
            c4a = Positive(c4a); c4b = Positive(c4b);
            c5a = Positive(c5a); c5b = Positive(c5b);
            c6a = Positive(c6a); c6b = Positive(c6b);
            c7a = Positive(c7a); c7b = Positive(c7b);
            c8a = Positive(c8a); c8b = Positive(c8b);
            c9a = Positive(c9a); c9b = Positive(c9b);
            c10a = Positive(c10a); c10b = Positive(c10b);
            c11a = Positive(c11a); c11b = Positive(c11b);
            c12a = Positive(c12a); c12b = Positive(c12b);
            c13a = Positive(c13a); c13b = Positive(c13b);
        }
        if (strip->Past) {
            c0a.StoreAlignedNonTemporal(c); c0b.StoreAlignedNonTemporal(c + 16);
            c1a.StoreAlignedNonTemporal(c + ldc); c1b.StoreAlignedNonTemporal(c + ldc + 16);
            c2a.StoreAlignedNonTemporal(c + 2 * ldc); c2b.StoreAlignedNonTemporal(c + 2 * ldc + 16);
            c3a.StoreAlignedNonTemporal(c + 3 * ldc); c3b.StoreAlignedNonTemporal(c + 3 * ldc + 16);
            c4a.StoreAlignedNonTemporal(c + 4 * ldc); c4b.StoreAlignedNonTemporal(c + 4 * ldc + 16);
            c5a.StoreAlignedNonTemporal(c + 5 * ldc); c5b.StoreAlignedNonTemporal(c + 5 * ldc + 16);
            c6a.StoreAlignedNonTemporal(c + 6 * ldc); c6b.StoreAlignedNonTemporal(c + 6 * ldc + 16);
            c7a.StoreAlignedNonTemporal(c + 7 * ldc); c7b.StoreAlignedNonTemporal(c + 7 * ldc + 16);
            c8a.StoreAlignedNonTemporal(c + 8 * ldc); c8b.StoreAlignedNonTemporal(c + 8 * ldc + 16);
            c9a.StoreAlignedNonTemporal(c + 9 * ldc); c9b.StoreAlignedNonTemporal(c + 9 * ldc + 16);
            c10a.StoreAlignedNonTemporal(c + 10 * ldc); c10b.StoreAlignedNonTemporal(c + 10 * ldc + 16);
            c11a.StoreAlignedNonTemporal(c + 11 * ldc); c11b.StoreAlignedNonTemporal(c + 11 * ldc + 16);
            c12a.StoreAlignedNonTemporal(c + 12 * ldc); c12b.StoreAlignedNonTemporal(c + 12 * ldc + 16);
            c13a.StoreAlignedNonTemporal(c + 13 * ldc); c13b.StoreAlignedNonTemporal(c + 13 * ldc + 16);
            return;
        }
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
    public static void Tile14x16(GemmStrip* strip) {
        float* b = strip->Right, start = strip->Start;
        float* ahead = strip->Ahead;
        nint lds = strip->StartStride, ld = strip->RowStride, ld2 = 2 * ld, lines = strip->Lines, skip = strip->LineStride - strip->Run;
        float* p0 = strip->Left, p3 = p0 + ld2 + ld, p6 = p3 + ld2 + ld, p9 = p6 + ld2 + ld, p12 = p9 + ld2 + ld;
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
        if (strip->Added != 0) {
            float* added = strip->To + strip->Added;
            nint lda = strip->ToStride;
            Prefetch0(added);
            Prefetch0(added + lda);
            Prefetch0(added + 2 * lda);
            Prefetch0(added + 3 * lda);
            Prefetch0(added + 4 * lda);
            Prefetch0(added + 5 * lda);
            Prefetch0(added + 6 * lda);
            Prefetch0(added + 7 * lda);
            Prefetch0(added + 8 * lda);
            Prefetch0(added + 9 * lda);
            Prefetch0(added + 10 * lda);
            Prefetch0(added + 11 * lda);
            Prefetch0(added + 12 * lda);
            Prefetch0(added + 13 * lda);
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
                x0 = Create(p6[0]); c6a = FusedMultiplyAdd(x0, b0a, c6a);
                x0 = Create(p6[ld]); c7a = FusedMultiplyAdd(x0, b0a, c7a);
                x0 = Create(p6[ld2]); c8a = FusedMultiplyAdd(x0, b0a, c8a);
                x0 = Create(p9[0]); c9a = FusedMultiplyAdd(x0, b0a, c9a);
                x0 = Create(p9[ld]); c10a = FusedMultiplyAdd(x0, b0a, c10a);
                x0 = Create(p9[ld2]); c11a = FusedMultiplyAdd(x0, b0a, c11a);
                x0 = Create(p12[0]); c12a = FusedMultiplyAdd(x0, b0a, c12a);
                x0 = Create(p12[ld]); c13a = FusedMultiplyAdd(x0, b0a, c13a);
                Lanes b1a = Load(b + 16);
                Lanes x1 = Create(p0[1]); c0a = FusedMultiplyAdd(x1, b1a, c0a);
                x1 = Create(p0[ld + 1]); c1a = FusedMultiplyAdd(x1, b1a, c1a);
                x1 = Create(p0[ld2 + 1]); c2a = FusedMultiplyAdd(x1, b1a, c2a);
                x1 = Create(p3[1]); c3a = FusedMultiplyAdd(x1, b1a, c3a);
                x1 = Create(p3[ld + 1]); c4a = FusedMultiplyAdd(x1, b1a, c4a);
                x1 = Create(p3[ld2 + 1]); c5a = FusedMultiplyAdd(x1, b1a, c5a);
                x1 = Create(p6[1]); c6a = FusedMultiplyAdd(x1, b1a, c6a);
                x1 = Create(p6[ld + 1]); c7a = FusedMultiplyAdd(x1, b1a, c7a);
                x1 = Create(p6[ld2 + 1]); c8a = FusedMultiplyAdd(x1, b1a, c8a);
                x1 = Create(p9[1]); c9a = FusedMultiplyAdd(x1, b1a, c9a);
                x1 = Create(p9[ld + 1]); c10a = FusedMultiplyAdd(x1, b1a, c10a);
                x1 = Create(p9[ld2 + 1]); c11a = FusedMultiplyAdd(x1, b1a, c11a);
                x1 = Create(p12[1]); c12a = FusedMultiplyAdd(x1, b1a, c12a);
                x1 = Create(p12[ld + 1]); c13a = FusedMultiplyAdd(x1, b1a, c13a);
                p0 += 2; p3 += 2; p6 += 2; p9 += 2; p12 += 2;
                b += 32;
            }
            for (nint left = strip->Run % 2; left > 0; left--) {
                Lanes b0a = Load(b);
                Lanes x0 = Create(p0[0]); c0a = FusedMultiplyAdd(x0, b0a, c0a);
                x0 = Create(p0[ld]); c1a = FusedMultiplyAdd(x0, b0a, c1a);
                x0 = Create(p0[ld2]); c2a = FusedMultiplyAdd(x0, b0a, c2a);
                x0 = Create(p3[0]); c3a = FusedMultiplyAdd(x0, b0a, c3a);
                x0 = Create(p3[ld]); c4a = FusedMultiplyAdd(x0, b0a, c4a);
                x0 = Create(p3[ld2]); c5a = FusedMultiplyAdd(x0, b0a, c5a);
                x0 = Create(p6[0]); c6a = FusedMultiplyAdd(x0, b0a, c6a);
                x0 = Create(p6[ld]); c7a = FusedMultiplyAdd(x0, b0a, c7a);
                x0 = Create(p6[ld2]); c8a = FusedMultiplyAdd(x0, b0a, c8a);
                x0 = Create(p9[0]); c9a = FusedMultiplyAdd(x0, b0a, c9a);
                x0 = Create(p9[ld]); c10a = FusedMultiplyAdd(x0, b0a, c10a);
                x0 = Create(p9[ld2]); c11a = FusedMultiplyAdd(x0, b0a, c11a);
                x0 = Create(p12[0]); c12a = FusedMultiplyAdd(x0, b0a, c12a);
                x0 = Create(p12[ld]); c13a = FusedMultiplyAdd(x0, b0a, c13a);
                p0++; p3++; p6++; p9++; p12++;
                b += 16;
            }
            p0 += skip; p3 += skip; p6 += skip; p9 += skip; p12 += skip;
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
            c6a += Load(added + 6 * ldc);
            c7a += Load(added + 7 * ldc);
            c8a += Load(added + 8 * ldc);
            c9a += Load(added + 9 * ldc);
            c10a += Load(added + 10 * ldc);
            c11a += Load(added + 11 * ldc);
            c12a += Load(added + 12 * ldc);
            c13a += Load(added + 13 * ldc);
        }
        if (strip->Relu) {
            c0a = Positive(c0a);
            c1a = Positive(c1a);
            c2a = Positive(c2a);
            c3a = Positive(c3a);
            c4a = Positive(c4a);
            c5a = Positive(c5a);
            c6a = Positive(c6a);
            c7a = Positive(c7a);
            c8a = Positive(c8a);
            c9a = Positive(c9a);
            c10a = Positive(c10a);
            c11a = Positive(c11a);
            c12a = Positive(c12a);
            c13a = Positive(c13a);
        }
        if (strip->Past) {
            c0a.StoreAlignedNonTemporal(c);
            c1a.StoreAlignedNonTemporal(c + ldc);
            c2a.StoreAlignedNonTemporal(c + 2 * ldc);
            c3a.StoreAlignedNonTemporal(c + 3 * ldc);
            c4a.StoreAlignedNonTemporal(c + 4 * ldc);
            c5a.StoreAlignedNonTemporal(c + 5 * ldc);
            c6a.StoreAlignedNonTemporal(c + 6 * ldc);
            c7a.StoreAlignedNonTemporal(c + 7 * ldc);
            c8a.StoreAlignedNonTemporal(c + 8 * ldc);
            c9a.StoreAlignedNonTemporal(c + 9 * ldc);
            c10a.StoreAlignedNonTemporal(c + 10 * ldc);
            c11a.StoreAlignedNonTemporal(c + 11 * ldc);
            c12a.StoreAlignedNonTemporal(c + 12 * ldc);
            c13a.StoreAlignedNonTemporal(c + 13 * ldc);
            return;
        }
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

    /// <summary>A number, or zero in place of one that is not above it; a NaN stays.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Lanes Positive(Lanes x) => AndNot(x, LessThanOrEqual(x, Lanes.Zero));
}
