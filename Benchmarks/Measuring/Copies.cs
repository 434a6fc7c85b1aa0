using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace DenseEngine.Benchmarks;

/// <summary>Copies through the caches, or past them on the way back: which is faster depends on the size.</summary>
internal static unsafe class Copies {
    /// <summary>Copies floats between places that are aligned to 64 bytes; a multiple of 64 of them.</summary>
    /// <param name="from">The source.</param>
    /// <param name="to">The target.</param>
    /// <param name="count">How many floats.</param>
    /// <param name="pastCaches">Whether they are written past the caches.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(float* from, float* to, int count, bool pastCaches) {
        if (!pastCaches) {
            new Span<float>(from, count).CopyTo(new Span<float>(to, count));
            return;
        }
        for (int i = 0; i < count; i += 64) {
            Vector512<float> a = Vector512.Load(from + i), b = Vector512.Load(from + i + 16), c = Vector512.Load(from + i + 32),
                d = Vector512.Load(from + i + 48);
            a.StoreAlignedNonTemporal(to + i);
            b.StoreAlignedNonTemporal(to + i + 16);
            c.StoreAlignedNonTemporal(to + i + 32);
            d.StoreAlignedNonTemporal(to + i + 48);
        }
    }
}
