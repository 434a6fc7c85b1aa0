using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace DenseEngine.Models;

/// <summary>Exactly half the size in both directions: the rounded mean of four pixels.</summary>
internal static class BilinearHalf {
    /// <summary>Computes a row of the target from the two above each other in the source.</summary>
    public static void Row(ReadOnlySpan<byte> upper, ReadOnlySpan<byte> lower, int channels, Span<byte> target) {
        int to = channels == 3 && Avx2.IsSupported ? Pixels(upper, lower, target) : 0;
        for (int from = 2 * to; to < target.Length; from += 2 * channels)
            for (int c = from; c < from + channels; c++)
                target[to++] = (byte)((upper[c] + upper[c + channels] + lower[c] + lower[c + channels] + 2) >> 2);
    }

    /// <summary>Four pixels of three channels at a time; returns how many bytes are done.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int Pixels(ReadOnlySpan<byte> upper, ReadOnlySpan<byte> lower, Span<byte> target) {
        ref byte above = ref MemoryMarshal.GetReference(upper), below = ref MemoryMarshal.GetReference(lower);
        ref byte to = ref MemoryMarshal.GetReference(target);
        // Of four pixels in 12 bytes, the samples of the first two side by side, then of the other two.
        Vector128<byte> order = Vector128.Create((byte)0, 3, 1, 4, 2, 5, 6, 9, 7, 10, 8, 11, 0x80, 0x80, 0x80, 0x80);
        Vector256<byte> neighbours = Vector256.Create(order, order);
        Vector256<sbyte> ones = Vector256.Create((sbyte)1);
        Vector128<byte> dense = Vector128.Create((byte)0, 1, 2, 3, 4, 5, 8, 9, 10, 11, 12, 13, 0x80, 0x80, 0x80, 0x80);
        int from = 0, done = 0;
        for (; from + 28 <= upper.Length && done + 16 <= target.Length; from += 24, done += 12) {
            Vector256<short> sum = Avx2.MultiplyAddAdjacent(Spread(ref above, from, neighbours), ones)
                + Avx2.MultiplyAddAdjacent(Spread(ref below, from, neighbours), ones) + Vector256.Create((short)2);
            Vector256<short> mean = sum >> 2;
            Vector128<byte> packed = Sse2.PackUnsignedSaturate(mean.GetLower(), mean.GetUpper());
            Ssse3.Shuffle(packed, dense).StoreUnsafe(ref to, (nuint)done);
        }
        return done;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<byte> Spread(ref byte row, int from, Vector256<byte> neighbours) => Avx2.Shuffle(
        Vector256.Create(Vector128.LoadUnsafe(ref row, (nuint)from), Vector128.LoadUnsafe(ref row, (nuint)(from + 12))), neighbours);
}
