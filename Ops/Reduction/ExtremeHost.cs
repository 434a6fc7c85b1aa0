using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using V = System.Runtime.Intrinsics.Vector512<float>;

namespace DenseEngine.Ops;

/// <summary>Extremes along an axis on the processor. Along the last axis, vectors find the value and a second look its place; along
/// another one, a lane follows each line.</summary>
internal static unsafe class ExtremeHost {
    private const int Grain = 1 << 15;

    /// <summary>Finds values and indices of all lines.</summary>
    public static void Find<TOp>(HostDevice host, Tensor values, Tensor indices, Tensor x, AxisGeometry g, TOp op)
        where TOp : struct, IExtreme {
        float* from = x.Pointer, value = values.Pointer;
        int* index = indices.IntPointer;
        int grain = Math.Max(1, Grain / Math.Max(1, g.Size));
        host.Workers.ForRange(g.Lines, grain, (first, end) => {
            if (g.Inner == 1) {
                for (int line = first; line < end; line++) index[line] = Row(from + g.Start(line), g.Size, value + line, op);
                return;
            }
            for (int line = first; line < end;) {
                if (line + V.Count <= end && line % g.Inner + V.Count <= g.Inner) {
                    Lanes(from + g.Start(line), g, value + line, index + line, op);
                    line += V.Count;
                } else {
                    index[line] = Line(from + g.Start(line), g.Size, g.Inner, value + line, op);
                    line++;
                }
            }
        });
    }

    /// <summary>Puts each line's gradient where its extreme stands, and zero elsewhere.</summary>
    public static void Place(HostDevice host, Tensor dx, Tensor dy, Tensor indices, AxisGeometry g) {
        float* to = dx.Pointer, slope = dy.Pointer;
        int* index = indices.IntPointer;
        host.Fill(dx, 0);
        host.Workers.ForRange(g.Lines, Grain, (first, end) => {
            for (int line = first; line < end; line++) to[g.Start(line) + index[line] * g.Inner] = slope[line];
        });
    }

    private static int Line<TOp>(float* x, int size, int stride, float* value, TOp op) where TOp : struct, IExtreme {
        int index = 0;
        for (int i = 1; i < size; i++)
            if (op.Better(x[i * stride], x[index * stride])) index = i;
        *value = x[index * stride];
        return index;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int Row<TOp>(float* x, int size, float* value, TOp op) where TOp : struct, IExtreme {
        if (size < 2 * V.Count) return Line(x, size, 1, value, op);
        V best = Vector512.Load(x);
        int at = V.Count;
        for (; at <= size - V.Count; at += V.Count) best = op.Best(best, Vector512.Load(x + at));
        best = op.Best(best, Vector512.Load(x + size - V.Count));   // what is left, with some seen before
        best = op.Best(best, LaneJoins.Halves(best));
        best = op.Best(best, LaneJoins.Quarters(best));
        best = op.Best(best, LaneJoins.Pairs(best));
        best = op.Best(best, LaneJoins.Neighbours(best));
        int index = 0;
        for (; ; index += V.Count) {
            if (index > size - V.Count) index = size - V.Count;
            V here = Vector512.Load(x + index), bothNaN = ~(Vector512.Equals(here, here) | Vector512.Equals(best, best));
            ulong found = Vector512.ExtractMostSignificantBits(Vector512.Equals(here, best) | bothNaN);
            if (found == 0) continue;
            index += BitOperations.TrailingZeroCount(found);
            break;
        }
        *value = x[index];
        return index;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Lanes<TOp>(float* x, AxisGeometry g, float* value, int* index, TOp op) where TOp : struct, IExtreme {
        V best = Vector512.Load(x);
        Vector512<int> at = Vector512<int>.Zero;
        for (int i = 1; i < g.Size; i++) {
            V here = Vector512.Load(x + i * g.Inner);
            V better = op.Better(here, best);
            best = Vector512.ConditionalSelect(better, here, best);
            at = Vector512.ConditionalSelect(better.AsInt32(), Vector512.Create(i), at);
        }
        best.Store(value);
        at.Store(index);
    }
}
