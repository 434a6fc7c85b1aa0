using System.Runtime.CompilerServices;
using static System.Runtime.Intrinsics.Vector512;
using Lanes = System.Runtime.Intrinsics.Vector512<float>;

namespace DenseEngine.Ops;

/// <summary>Numbers between neighbouring window places, as a constant of the compiled code: then all 14 are reached from one
/// address.</summary>
internal interface IPixelStride {
    static abstract int Numbers { get; }
}

/// <summary>The product tile of 14 window places side by side, read in place from lines of a padded map: the windows of neighbours overlap,
/// so nothing needs packing. In the layouts of <see cref="GemmAvx512"/> but for the left side: <c>lines</c> stretches of <c>run</c>
/// numbers,
/// <c>lineStride</c> apart.</summary>
internal static unsafe class LinesAvx512 {
    /// <summary>A picture of 3 channels at stride 2.</summary>
    public readonly struct Six : IPixelStride {
        public static int Numbers => 6;
    }

    /// <summary>16 channels at stride 1.</summary>
    public readonly struct Sixteen : IPixelStride {
        public static int Numbers => 16;
    }

    /// <summary>14 places by 32 columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Tile14x32<TPixel>(float* a, nint lineStride, int lines, int run, float* b, float* start, float* c, nint ldc)
        where TPixel : struct, IPixelStride {
        Lanes sa = Load(start), sb = Load(start + 16);
        Lanes c0a = sa, c0b = sb, c1a = sa, c1b = sb;
        Lanes c2a = sa, c2b = sb, c3a = sa, c3b = sb;
        Lanes c4a = sa, c4b = sb, c5a = sa, c5b = sb;
        Lanes c6a = sa, c6b = sb, c7a = sa, c7b = sb;
        Lanes c8a = sa, c8b = sb, c9a = sa, c9b = sb;
        Lanes c10a = sa, c10b = sb, c11a = sa, c11b = sb;
        Lanes c12a = sa, c12b = sb, c13a = sa, c13b = sb;
        nint skip = lineStride - run;
        do {
            int left = run;
            do {
                Lanes ba = Load(b), bb = Load(b + 16);
                Lanes x = Create(a[0]); c0a = FusedMultiplyAdd(x, ba, c0a); c0b = FusedMultiplyAdd(x, bb, c0b);
                x = Create(a[TPixel.Numbers]); c1a = FusedMultiplyAdd(x, ba, c1a); c1b = FusedMultiplyAdd(x, bb, c1b);
                x = Create(a[2 * TPixel.Numbers]); c2a = FusedMultiplyAdd(x, ba, c2a); c2b = FusedMultiplyAdd(x, bb, c2b);
                x = Create(a[3 * TPixel.Numbers]); c3a = FusedMultiplyAdd(x, ba, c3a); c3b = FusedMultiplyAdd(x, bb, c3b);
                x = Create(a[4 * TPixel.Numbers]); c4a = FusedMultiplyAdd(x, ba, c4a); c4b = FusedMultiplyAdd(x, bb, c4b);
                x = Create(a[5 * TPixel.Numbers]); c5a = FusedMultiplyAdd(x, ba, c5a); c5b = FusedMultiplyAdd(x, bb, c5b);
                x = Create(a[6 * TPixel.Numbers]); c6a = FusedMultiplyAdd(x, ba, c6a); c6b = FusedMultiplyAdd(x, bb, c6b);
                x = Create(a[7 * TPixel.Numbers]); c7a = FusedMultiplyAdd(x, ba, c7a); c7b = FusedMultiplyAdd(x, bb, c7b);
                x = Create(a[8 * TPixel.Numbers]); c8a = FusedMultiplyAdd(x, ba, c8a); c8b = FusedMultiplyAdd(x, bb, c8b);
                x = Create(a[9 * TPixel.Numbers]); c9a = FusedMultiplyAdd(x, ba, c9a); c9b = FusedMultiplyAdd(x, bb, c9b);
                x = Create(a[10 * TPixel.Numbers]); c10a = FusedMultiplyAdd(x, ba, c10a); c10b = FusedMultiplyAdd(x, bb, c10b);
                x = Create(a[11 * TPixel.Numbers]); c11a = FusedMultiplyAdd(x, ba, c11a); c11b = FusedMultiplyAdd(x, bb, c11b);
                x = Create(a[12 * TPixel.Numbers]); c12a = FusedMultiplyAdd(x, ba, c12a); c12b = FusedMultiplyAdd(x, bb, c12b);
                x = Create(a[13 * TPixel.Numbers]); c13a = FusedMultiplyAdd(x, ba, c13a); c13b = FusedMultiplyAdd(x, bb, c13b);
                a++;
                b += 32;
            } while (--left != 0);
            a += skip;
        } while (--lines != 0);
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

    /// <summary>14 places by 16 columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Tile14x16<TPixel>(float* a, nint lineStride, int lines, int run, float* b, float* start, float* c, nint ldc)
        where TPixel : struct, IPixelStride {
        Lanes sa = Load(start);
        Lanes c0a = sa, c1a = sa;
        Lanes c2a = sa, c3a = sa;
        Lanes c4a = sa, c5a = sa;
        Lanes c6a = sa, c7a = sa;
        Lanes c8a = sa, c9a = sa;
        Lanes c10a = sa, c11a = sa;
        Lanes c12a = sa, c13a = sa;
        nint skip = lineStride - run;
        do {
            int left = run;
            do {
                Lanes ba = Load(b);
                Lanes x = Create(a[0]); c0a = FusedMultiplyAdd(x, ba, c0a);
                x = Create(a[TPixel.Numbers]); c1a = FusedMultiplyAdd(x, ba, c1a);
                x = Create(a[2 * TPixel.Numbers]); c2a = FusedMultiplyAdd(x, ba, c2a);
                x = Create(a[3 * TPixel.Numbers]); c3a = FusedMultiplyAdd(x, ba, c3a);
                x = Create(a[4 * TPixel.Numbers]); c4a = FusedMultiplyAdd(x, ba, c4a);
                x = Create(a[5 * TPixel.Numbers]); c5a = FusedMultiplyAdd(x, ba, c5a);
                x = Create(a[6 * TPixel.Numbers]); c6a = FusedMultiplyAdd(x, ba, c6a);
                x = Create(a[7 * TPixel.Numbers]); c7a = FusedMultiplyAdd(x, ba, c7a);
                x = Create(a[8 * TPixel.Numbers]); c8a = FusedMultiplyAdd(x, ba, c8a);
                x = Create(a[9 * TPixel.Numbers]); c9a = FusedMultiplyAdd(x, ba, c9a);
                x = Create(a[10 * TPixel.Numbers]); c10a = FusedMultiplyAdd(x, ba, c10a);
                x = Create(a[11 * TPixel.Numbers]); c11a = FusedMultiplyAdd(x, ba, c11a);
                x = Create(a[12 * TPixel.Numbers]); c12a = FusedMultiplyAdd(x, ba, c12a);
                x = Create(a[13 * TPixel.Numbers]); c13a = FusedMultiplyAdd(x, ba, c13a);
                a++;
                b += 16;
            } while (--left != 0);
            a += skip;
        } while (--lines != 0);
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
}
