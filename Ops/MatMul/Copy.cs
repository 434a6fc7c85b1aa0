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
            for (; i + 16 <= count; i += 16) Vector512.Load(from + i).Store(to + i);
            if (i < count) Vector512.Load(from + count - 16).Store(to + count - 16);
        } else {
            for (nint i = 0; i < count; i++) to[i] = from[i];
        }
    }

    /// <summary>Copies a multiple of 16 numbers into blocks of 16, <paramref name="blockStride"/> apart.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float* Blocks(float* from, float* to, nint count, nint blockStride) {
        for (float* end = from + count; from < end; from += 16, to += blockStride) Vector512.Load(from).Store(to);
        return to;
    }

    /// <summary>Fills a multiple of 16 numbers, in blocks of 16 that are <paramref name="blockStride"/> apart, with zeros.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float* ZeroBlocks(float* to, nint count, nint blockStride) {
        for (; count > 0; count -= 16, to += blockStride) Vector512<float>.Zero.Store(to);
        return to;
    }
}
