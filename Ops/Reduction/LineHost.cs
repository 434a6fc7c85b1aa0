using System.Runtime.InteropServices;

namespace DenseEngine.Ops;

/// <summary>Runs a function of lines on the processor. Sixteen lines go side by side, turned into a tile where they are not neighbours:
/// a line of 17 bins would fill one vector and a sixteenth of another.
/// Long contiguous lines go one by one, spread over the lanes, if they fill vectors or are so long that a copy of the last part does not
/// count.</summary>
internal static unsafe class LineHost {
    /// <summary>The shortest contiguous line that is spread, and the shortest that fills no vectors; lanes of a vector; elements worth a
    /// thread.</summary>
    private const int Long = 48, VeryLong = 1024, Width = 16, Grain = 1 << 14;

    /// <summary>Computes y's lines of those of a and b (or of a alone).</summary>
    public static void Run<TOp>(HostDevice host, Tensor y, Tensor a, Tensor? b, AxisGeometry g, TOp op) where TOp : struct, ILineOp {
        if (y.Count == 0) return;
        float* to = y.Pointer, first = a.Pointer, second = b is null ? null : b.Pointer;
        if (g.Inner == 1 && g.Size >= Long && (g.Size % Width == 0 || g.Size >= VeryLong)) {
            host.Workers.ForRange(g.Outer, Math.Max(1, Grain / g.Size), (from, end) => Spread(to, first, second, from, end, g.Size, op));
        } else {
            int tiles = g.Inner == 1 ? (g.Outer + Width - 1) / Width : g.Outer * ((g.Inner + Width - 1) / Width);
            int grain = Math.Max(1, Grain / (Width * g.Size));
            host.Workers.ForRange(tiles, grain, (from, end) => SideBySide(to, first, second, from, end, g, op));
        }
    }

    private static void Spread<TOp>(float* y, float* a, float* b, int from, int end, int size, TOp op) where TOp : struct, ILineOp {
        int steps = (size + Width - 1) / Width, length = steps * Width;
        float* scratch = Rent(2 * length);
        for (int line = from; line < end; line++) {
            float* to = y + line * size, first = a + line * size, second = b == null ? first : b + line * size;
            if (length == size) {
                op.Apply(to, first, second, steps, Width, true);
                continue;
            }
            Pad(scratch, first, size, length, op.Padding);
            if (b != null) Pad(scratch + length, second, size, length, op.Padding);
            op.Apply(scratch, scratch, b == null ? scratch : scratch + length, steps, Width, true);
            new Span<float>(scratch, size).CopyTo(new Span<float>(to, size));
        }
        NativeMemory.AlignedFree(scratch);
    }

    private static void Pad(float* to, float* from, int size, int length, float padding) {
        new Span<float>(from, size).CopyTo(new Span<float>(to, size));
        new Span<float>(to + size, length - size).Fill(padding);
    }

    private static void SideBySide<TOp>(float* y, float* a, float* b, int from, int end, AxisGeometry g, TOp op)
        where TOp : struct, ILineOp {
        int inOuter = (g.Inner + Width - 1) / Width;
        int tileSize = Width * g.Size;
        float* tileA = Rent(2 * tileSize), tileB = tileA + tileSize;
        for (int tile = from; tile < end; tile++) {
            int column = tile % inOuter * Width;
            int lines = g.Inner == 1 ? Math.Min(Width, g.Outer - tile * Width) : Math.Min(Width, g.Inner - column);
            int start = g.Inner == 1 ? tile * tileSize : tile / inOuter * g.Size * g.Inner + column;
            if (g.Inner > 1 && lines == Width) {
                op.Apply(y + start, a + start, (b == null ? a : b) + start, g.Size, g.Inner, false);
                continue;
            }
            Gather(tileA, a + start, lines, g.Size, g.Inner);
            if (b != null) Gather(tileB, b + start, lines, g.Size, g.Inner);
            op.Apply(tileA, tileA, b == null ? tileA : tileB, g.Size, Width, false);
            if (g.Inner == 1) {
                PermuteCopy.Transpose((int*)(y + start), g.Size, (int*)tileA, Width, lines, g.Size);
                continue;
            }
            for (int line = 0; line < lines; line++)
                for (int i = 0; i < g.Size; i++) y[start + line + i * g.Inner] = tileA[i * Width + line];
        }
        NativeMemory.AlignedFree(tileA);
    }

    private static void Gather(float* tile, float* x, int lines, int size, int stride) {
        if (lines < Width) new Span<float>(tile, Width * size).Clear();
        if (stride == 1) {
            PermuteCopy.Transpose((int*)tile, Width, (int*)x, size, size, lines);
            return;
        }
        for (int line = 0; line < lines; line++)
            for (int i = 0; i < size; i++) tile[i * Width + line] = x[line + i * stride];
    }

    private static float* Rent(int count) => (float*)NativeMemory.AlignedAlloc((nuint)count * sizeof(float), 64);
}
