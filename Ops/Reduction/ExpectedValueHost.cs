using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using V = System.Runtime.Intrinsics.Vector512<float>;

namespace DenseEngine.Ops;

/// <summary>Expected values on the processor: sixteen lines side by side, turned into a tile in the cache, so that a bin is a vector and
/// nothing is summed across lanes.</summary>
internal static unsafe class ExpectedValueHost {
    /// <summary>Lines of a tile; elements worth a thread.</summary>
    public const int Width = 16, Grain = 1 << 15;

    /// <summary>y of the logits [lines, bins].</summary>
    public static void Forward(HostDevice host, float* y, float* x, float* values, int lines, int bins) => OverTiles(host, lines, bins,
        (tile, line, count) => {
            PermuteCopy.Transpose((int*)tile, Width, (int*)(x + (nint)line * bins), bins, bins, count);
            Store(y + line, Expect(tile, values, bins), count);
        });

    /// <summary>dx from dy, the result y and the logits.</summary>
    public static void Gradient(HostDevice host, float* dx, float* dy, float* y, float* x, float* values, int lines, int bins) =>
        OverTiles(host, lines, bins, (tile, line, count) => {
            PermuteCopy.Transpose((int*)tile, Width, (int*)(x + (nint)line * bins), bins, bins, count);
            Differentiate(tile, Load(y + line, count), Load(dy + line, count), values, bins);
            PermuteCopy.Transpose((int*)(dx + (nint)line * bins), bins, (int*)tile, Width, count, bins);
        });

    /// <summary>The expected values of the lines of a tile [bins, 16]; it may be overwritten.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static V Expect(float* tile, float* values, int bins) {
        V max = SoftmaxLines.Largest(tile, bins, Width, false), sum = V.Zero, weighted = V.Zero;
        for (int i = 0; i < bins; i++) {
            V e = Elementary.Exp(Vector512.Load(tile + i * Width) - max);
            sum += e;
            weighted += e * values[i];
        }
        return weighted / sum;
    }

    /// <summary>Turns a tile of logits into their gradients.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Differentiate(float* tile, V y, V dy, float* values, int bins) {
        V max = SoftmaxLines.Largest(tile, bins, Width, false), sum = V.Zero;
        for (int i = 0; i < bins; i++) {
            V e = Elementary.Exp(Vector512.Load(tile + i * Width) - max);
            sum += e;
            e.Store(tile + i * Width);
        }
        V share = dy / sum;
        for (int i = 0; i < bins; i++)
            (Vector512.Load(tile + i * Width) * (Vector512.Create(values[i]) - y) * share).Store(tile + i * Width);
    }

    private delegate void OfTile(float* tile, int line, int count);

    private static void OverTiles(HostDevice host, int lines, int bins, OfTile work) =>
        host.Workers.ForRange((lines + Width - 1) / Width, Math.Max(1, Grain / (Width * bins)), (first, end) => {
            float* tile = (float*)NativeMemory.AlignedAlloc((nuint)(bins * Width * sizeof(float)), 64);
            for (int at = first; at < end; at++) {
                int line = at * Width, count = Math.Min(Width, lines - line);
                if (count < Width) new Span<float>(tile, bins * Width).Clear();   // what lies there may be slow to compute with
                work(tile, line, count);
            }
            NativeMemory.AlignedFree(tile);
        });

    private static V Load(float* from, int count) {
        if (count == Width) return Vector512.Load(from);
        float* lanes = stackalloc float[Width];
        new Span<float>(lanes, Width).Clear();
        new Span<float>(from, count).CopyTo(new Span<float>(lanes, Width));
        return Vector512.Load(lanes);
    }

    private static void Store(float* to, V value, int count) {
        if (count == Width) {
            value.Store(to);
            return;
        }
        float* lanes = stackalloc float[Width];
        value.Store(lanes);
        new Span<float>(lanes, count).CopyTo(new Span<float>(to, count));
    }
}
