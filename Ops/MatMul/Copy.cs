using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace DenseEngine.Ops;

/// <summary>Copies of short runs, inlined into packing loops.</summary>
internal static unsafe class Copy {
    /// <summary>Copies numbers between places that do not overlap; of 16 or more the last vector overlaps the one before.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Run(float* from, float* to, nint count) {
        if (count >= 16) {
            nint i = 0;
            for (; i + 16 <= count; i += 16) Sixteen(from + i, to + i);
            if (i < count) Sixteen(from + count - 16, to + count - 16);
        } else {
            for (nint i = 0; i < count; i++) to[i] = from[i];
        }
    }

    /// <summary>Copies a multiple of 16 numbers into blocks of 16, <paramref name="blockStride"/> apart.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float* Blocks(float* from, float* to, nint count, nint blockStride) {
        for (float* end = from + count; from < end; from += 16, to += blockStride) Sixteen(from, to);
        return to;
    }

    /// <summary>Fills a multiple of 16 numbers, in blocks of 16 that are <paramref name="blockStride"/> apart, with zeros.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float* ZeroBlocks(float* to, nint count, nint blockStride) {
        for (; count > 0; count -= 16, to += blockStride) Vector512<float>.Zero.Store(to);
        return to;
    }

    /// <summary>Copies sixteen numbers. Vectors wider than the machine's are calls, hence the choice.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Sixteen(float* from, float* to) {
        if (Vector512.IsHardwareAccelerated) {
            Vector512.Load(from).Store(to);
        } else if (Vector256.IsHardwareAccelerated) {
            Vector256<float> a = Vector256.Load(from), b = Vector256.Load(from + 8);
            a.Store(to);
            b.Store(to + 8);
        } else {
            Vector128<float> a = Vector128.Load(from), b = Vector128.Load(from + 4), c = Vector128.Load(from + 8),
                d = Vector128.Load(from + 12);
            a.Store(to);
            b.Store(to + 4);
            c.Store(to + 8);
            d.Store(to + 12);
        }
    }
}
