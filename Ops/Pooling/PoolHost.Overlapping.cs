using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using V = System.Runtime.Intrinsics.Vector512<float>;

namespace DenseEngine.Ops;

/// <summary>ResNet's first pool: windows of 3×3 with stride 2. Each input pixel is compared once down and once across, as neighbouring
/// windows share a column; four vectors of channels side by side.</summary>
internal static unsafe partial class PoolHost {
    /// <summary>Whether a pool's windows are 3×3 with stride 2, and there are four vectors of channels.</summary>
    public static bool Overlaps(PoolGeometry pool) => pool is {
        WindowHeight: 3, WindowWidth: 3, StrideY: 2, StrideX: 2, DilationY: 1, DilationX: 1,
    } && pool.Channels % (4 * V.Count) == 0;

    /// <summary>The largest values of a line's windows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void OverlappingMaxLine(float* y, float* x, PoolGeometry pool, int image, int oy) {
        nint channels = pool.Channels, line = pool.Width * channels;
        int firstRow = pool.FirstRow(oy), rows = pool.EndRow(oy) - firstRow;
        float* top = x + ((nint)image * pool.Height + firstRow) * line, to = y
            + ((nint)image * pool.OutputHeight + oy) * pool.OutputWidth * channels;
        // A line that is not there is one that is: it changes nothing.
        nint second = rows > 1 ? line : 0, third = rows > 2 ? 2 * line : 0;
        for (nint channel = 0; channel < channels; channel += 4 * V.Count) {
            float* from = top + channel, target = to + channel;
            int column = -pool.PaddingX;
            V a = Vector512.Create(float.NegativeInfinity), b = a, c = a, d = a;   // of the column that two windows share
            if (column == 0) Down(from, second, third, out a, out b, out c, out d);
            for (int ox = 0; ox < pool.OutputWidth; ox++, column += 2, target += channels) {
                V e = a, f = b, g = c, h = d;
                if (column + 1 < pool.Width) {
                    Down(from + (column + 1) * channels, second, third, out V p, out V q, out V r, out V s);
                    (e, f, g, h) = (Larger(e, p), Larger(f, q), Larger(g, r), Larger(h, s));
                }
                if (column + 2 < pool.Width) {
                    Down(from + (column + 2) * channels, second, third, out a, out b, out c, out d);
                    (e, f, g, h) = (Larger(e, a), Larger(f, b), Larger(g, c), Larger(h, d));
                }
                e.Store(target);
                f.Store(target + V.Count);
                g.Store(target + 2 * V.Count);
                h.Store(target + 3 * V.Count);
            }
        }
    }

    /// <summary>The largest of a column's pixels, in each of 64 channels.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Down(float* x, nint second, nint third, out V a, out V b, out V c, out V d) {
        float* below = x + second, last = x + third;
        a = Larger(Larger(Vector512.Load(x), Vector512.Load(below)), Vector512.Load(last));
        b = Larger(Larger(Vector512.Load(x + 16), Vector512.Load(below + 16)), Vector512.Load(last + 16));
        c = Larger(Larger(Vector512.Load(x + 32), Vector512.Load(below + 32)), Vector512.Load(last + 32));
        d = Larger(Larger(Vector512.Load(x + 48), Vector512.Load(below + 48)), Vector512.Load(last + 48));
    }
}
