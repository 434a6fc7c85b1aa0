using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace DenseEngine.Models;

/// <summary>Turns dequantised coefficients into samples by libjpeg's accurate integer transform (Loeffler, Ligtenberg and Moschytz, 1989;
/// constants of 13 bits, columns first, two bits kept between the passes). Also where damaged files lead out of range the results are those
/// of libjpeg-turbo's vector code: products with the table and some sums wrap at 16 bits, the first pass saturates.</summary>
internal static class JpegInverseDct {
    private const int ConstantBits = 13, KeptBits = 2;

    // cos and sin of multiples of π/16, times √2 and 2^13, as sums and differences of the publication's twelve constants.
    private const short C0541 = 4433, C0541p0765 = 10703, C0541m1847 = -10704, C1175 = 9633, C1175m1961 = -6436, C1175m0390 = 6437,
        C0298m0899 = -4927, M0899 = -7373, C2053m2562 = -4176, M2562 = -20995, C3072m2562 = 4177, C1501m0899 = 4926;

    /// <summary>Transforms a line of blocks.</summary>
    /// <param name="coefficients">64 numbers a block, in natural order; an even number of blocks.</param>
    /// <param name="table">The quantisation table in natural order.</param>
    /// <param name="samples">Where the first block's samples go; the others' follow to the right.</param>
    /// <param name="stride">Samples from line to line.</param>
    /// <param name="blocks">How many blocks are wanted: one more may be written.</param>
    public static void Line(ReadOnlySpan<short> coefficients, ReadOnlySpan<short> table, Span<byte> samples, int stride, int blocks) {
        for (int block = 0; block < blocks; block += 2) {
            ReadOnlySpan<short> two = coefficients.Slice(JpegComponent.Block * block, 2 * JpegComponent.Block);
            Span<byte> target = samples[(JpegComponent.Side * block)..];
            if (Avx2.IsSupported) {
                PairAvx2(two, table[..JpegComponent.Block], target, stride);
            } else {
                Single(two, table, target, stride);
                Single(two[JpegComponent.Block..], table, target[JpegComponent.Side..], stride);
            }
        }
    }

    /// <summary>Transforms one block.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Single(ReadOnlySpan<short> coefficients, ReadOnlySpan<short> table, Span<byte> samples, int stride) {
        Span<short> work = stackalloc short[64];
        Span<int> line = stackalloc int[8];
        bool flat = coefficients[8..64].IndexOfAnyExcept((short)0) < 0;
        for (int column = 0; column < 8; column++) {
            if (flat) {
                short dc = (short)((short)(coefficients[column] * table[column]) << KeptBits);
                for (int i = 0; i < 8; i++) work[8 * i + column] = dc;
                continue;
            }
            for (int i = 0; i < 8; i++) line[i] = (short)(coefficients[8 * i + column] * table[8 * i + column]);
            Eight(line, ConstantBits - KeptBits);
            for (int i = 0; i < 8; i++) work[8 * i + column] = (short)Math.Clamp(line[i], short.MinValue, short.MaxValue);
        }
        for (int row = 0; row < 8; row++) {
            for (int i = 0; i < 8; i++) line[i] = work[8 * row + i];
            Eight(line, ConstantBits + KeptBits + 3);
            for (int i = 0; i < 8; i++) samples[row * stride + i] = (byte)(Math.Clamp(line[i], -128, 127) + 128);
        }
    }

    private static void Eight(Span<int> x, int shift) {
        int even = (short)(x[0] + x[4]) << ConstantBits, odd = (short)(x[0] - x[4]) << ConstantBits;
        int a = x[2] * C0541 + x[6] * C0541m1847, b = x[2] * C0541p0765 + x[6] * C0541;
        int t10 = even + b, t13 = even - b, t11 = odd + a, t12 = odd - a;
        int z3 = (short)(x[3] + x[7]), z4 = (short)(x[1] + x[5]);
        int s3 = z3 * C1175m1961 + z4 * C1175, s4 = z3 * C1175 + z4 * C1175m0390;
        int t0 = x[7] * C0298m0899 + x[1] * M0899 + s3, t1 = x[5] * C2053m2562 + x[3] * M2562 + s4;
        int t2 = x[5] * M2562 + x[3] * C3072m2562 + s3, t3 = x[7] * M0899 + x[1] * C1501m0899 + s4;
        int round = 1 << (shift - 1);
        (x[0], x[7]) = ((t10 + t3 + round) >> shift, (t10 - t3 + round) >> shift);
        (x[1], x[6]) = ((t11 + t2 + round) >> shift, (t11 - t2 + round) >> shift);
        (x[2], x[5]) = ((t12 + t1 + round) >> shift, (t12 - t1 + round) >> shift);
        (x[3], x[4]) = ((t13 + t0 + round) >> shift, (t13 - t0 + round) >> shift);
    }

    /// <summary>Each 128-bit half of a register holds a line of one block.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void PairAvx2(ReadOnlySpan<short> coefficients, ReadOnlySpan<short> table, Span<byte> samples, int stride) {
        ref short c = ref MemoryMarshal.GetReference(coefficients);
        ref short q = ref MemoryMarshal.GetReference(table);
        Vector256<short> x0 = Load(ref c, ref q, 0), x1 = Load(ref c, ref q, 8), x2 = Load(ref c, ref q, 16), x3 = Load(ref c, ref q, 24);
        Vector256<short> x4 = Load(ref c, ref q, 32), x5 = Load(ref c, ref q, 40), x6 = Load(ref c, ref q, 48), x7 = Load(ref c, ref q, 56);
        // Of all lines but the first.
        Vector256<short> rest = x1 | x2 | x3 | x4 | x5 | x6 | x7;
        Vector256<short> flat0 = x0 << KeptBits;
        bool flatLow = rest.GetLower() == default, flatHigh = rest.GetUpper() == default;
        Lines(ref x0, ref x1, ref x2, ref x3, ref x4, ref x5, ref x6, ref x7, ConstantBits - KeptBits);
        if (flatLow | flatHigh) {
            // A block without other lines is shifted, which wraps where the long way saturates.
            Vector128<short> all = Vector128<short>.AllBitsSet;
            Vector256<short> keep = Vector256.Create(flatLow ? default : all, flatHigh ? default : all);
            x0 = Vector256.ConditionalSelect(keep, x0, flat0);
            x1 = Vector256.ConditionalSelect(keep, x1, flat0);
            x2 = Vector256.ConditionalSelect(keep, x2, flat0);
            x3 = Vector256.ConditionalSelect(keep, x3, flat0);
            x4 = Vector256.ConditionalSelect(keep, x4, flat0);
            x5 = Vector256.ConditionalSelect(keep, x5, flat0);
            x6 = Vector256.ConditionalSelect(keep, x6, flat0);
            x7 = Vector256.ConditionalSelect(keep, x7, flat0);
        }
        Transpose(ref x0, ref x1, ref x2, ref x3, ref x4, ref x5, ref x6, ref x7);
        Lines(ref x0, ref x1, ref x2, ref x3, ref x4, ref x5, ref x6, ref x7, ConstantBits + KeptBits + 3);
        Transpose(ref x0, ref x1, ref x2, ref x3, ref x4, ref x5, ref x6, ref x7);
        Store(x0, x1, samples, stride);
        Store(x2, x3, samples[(2 * stride)..], stride);
        Store(x4, x5, samples[(4 * stride)..], stride);
        Store(x6, x7, samples[(6 * stride)..], stride);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<short> Load(ref short coefficients, ref short table, nuint at) => Vector256.Create(
        Vector128.LoadUnsafe(ref coefficients, at), Vector128.LoadUnsafe(ref coefficients, at + 64))
        * Vector256.Create(Vector128.LoadUnsafe(ref table, at), Vector128.LoadUnsafe(ref table, at));

    /// <summary>Two lines of both blocks, as bytes around 128.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector256<short> upper, Vector256<short> lower, Span<byte> samples, int stride) {
        // Packing works within halves: upper line then lower line of the first block, then of the second.
        Vector256<byte> bytes = Avx2.PackSignedSaturate(upper, lower).AsByte() ^ Vector256.Create((byte)0x80);
        Vector256<ulong> lines = Avx2.Permute4x64(bytes.AsUInt64(), 0b11_01_10_00);
        lines.GetLower().AsByte().CopyTo(samples);
        lines.GetUpper().AsByte().CopyTo(samples[stride..]);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Lines(ref Vector256<short> x0, ref Vector256<short> x1, ref Vector256<short> x2, ref Vector256<short> x3,
        ref Vector256<short> x4, ref Vector256<short> x5, ref Vector256<short> x6, ref Vector256<short> x7, int shift) {
        (Vector256<int> a, Vector256<int> A) = Products(x2, x6, C0541, C0541m1847);
        (Vector256<int> b, Vector256<int> B) = Products(x2, x6, C0541p0765, C0541);
        (Vector256<int> even, Vector256<int> Even) = Widen(x0 + x4);
        (Vector256<int> odd, Vector256<int> Odd) = Widen(x0 - x4);
        Vector256<short> z3 = x3 + x7, z4 = x1 + x5;
        (Vector256<int> s3, Vector256<int> S3) = Products(z3, z4, C1175m1961, C1175);
        (Vector256<int> s4, Vector256<int> S4) = Products(z3, z4, C1175, C1175m0390);
        (Vector256<int> t0, Vector256<int> T0) = Products(x7, x1, C0298m0899, M0899);
        (Vector256<int> t1, Vector256<int> T1) = Products(x5, x3, C2053m2562, M2562);
        (Vector256<int> t2, Vector256<int> T2) = Products(x5, x3, M2562, C3072m2562);
        (Vector256<int> t3, Vector256<int> T3) = Products(x7, x1, M0899, C1501m0899);
        Vector256<int> round = Vector256.Create(1 << (shift - 1));
        (x0, x7) = Ends(even + b + round, Even + B + round, t3 + s4, T3 + S4, shift);
        (x1, x6) = Ends(odd + a + round, Odd + A + round, t2 + s3, T2 + S3, shift);
        (x2, x5) = Ends(odd - a + round, Odd - A + round, t1 + s4, T1 + S4, shift);
        (x3, x4) = Ends(even - b + round, Even - B + round, t0 + s3, T0 + S3, shift);
    }

    /// <summary>x·c + y·d of the lower and the upper four numbers of each half.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector256<int>, Vector256<int>) Products(Vector256<short> x, Vector256<short> y, short c, short d) {
        Vector256<short> constants = Vector256.Create((d << 16) | (ushort)c).AsInt16();
        return (Avx2.MultiplyAddAdjacent(Avx2.UnpackLow(x, y), constants), Avx2.MultiplyAddAdjacent(Avx2.UnpackHigh(x, y), constants));
    }

    /// <summary>x · 2^13.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector256<int>, Vector256<int>) Widen(Vector256<short> x) => (
        Avx2.UnpackLow(Vector256<short>.Zero, x).AsInt32() >> (16 - ConstantBits),
        Avx2.UnpackHigh(Vector256<short>.Zero, x).AsInt32() >> (16 - ConstantBits));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector256<short>, Vector256<short>) Ends(Vector256<int> sum, Vector256<int> Sum, Vector256<int> t, Vector256<int> T,
        int shift) => (
        Avx2.PackSignedSaturate((sum + t) >> shift, (Sum + T) >> shift),
        Avx2.PackSignedSaturate((sum - t) >> shift, (Sum - T) >> shift));

    /// <summary>Exchanges lines and columns within each half.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Transpose(ref Vector256<short> x0, ref Vector256<short> x1, ref Vector256<short> x2, ref Vector256<short> x3,
        ref Vector256<short> x4, ref Vector256<short> x5, ref Vector256<short> x6, ref Vector256<short> x7) {
        Vector256<int> a0 = Avx2.UnpackLow(x0, x1).AsInt32(), a1 = Avx2.UnpackHigh(x0, x1).AsInt32();
        Vector256<int> a2 = Avx2.UnpackLow(x2, x3).AsInt32(), a3 = Avx2.UnpackHigh(x2, x3).AsInt32();
        Vector256<int> a4 = Avx2.UnpackLow(x4, x5).AsInt32(), a5 = Avx2.UnpackHigh(x4, x5).AsInt32();
        Vector256<int> a6 = Avx2.UnpackLow(x6, x7).AsInt32(), a7 = Avx2.UnpackHigh(x6, x7).AsInt32();
        Vector256<long> b0 = Avx2.UnpackLow(a0, a2).AsInt64(), b1 = Avx2.UnpackHigh(a0, a2).AsInt64();
        Vector256<long> b2 = Avx2.UnpackLow(a1, a3).AsInt64(), b3 = Avx2.UnpackHigh(a1, a3).AsInt64();
        Vector256<long> b4 = Avx2.UnpackLow(a4, a6).AsInt64(), b5 = Avx2.UnpackHigh(a4, a6).AsInt64();
        Vector256<long> b6 = Avx2.UnpackLow(a5, a7).AsInt64(), b7 = Avx2.UnpackHigh(a5, a7).AsInt64();
        (x0, x1) = (Avx2.UnpackLow(b0, b4).AsInt16(), Avx2.UnpackHigh(b0, b4).AsInt16());
        (x2, x3) = (Avx2.UnpackLow(b1, b5).AsInt16(), Avx2.UnpackHigh(b1, b5).AsInt16());
        (x4, x5) = (Avx2.UnpackLow(b2, b6).AsInt16(), Avx2.UnpackHigh(b2, b6).AsInt16());
        (x6, x7) = (Avx2.UnpackLow(b3, b7).AsInt16(), Avx2.UnpackHigh(b3, b7).AsInt16());
    }
}
