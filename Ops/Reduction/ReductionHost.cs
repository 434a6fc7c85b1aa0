using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using V = System.Runtime.Intrinsics.Vector512<float>;

namespace DenseEngine.Ops;

/// <summary>Reductions on the processor. The elements of an output are cut into blocks by sizes alone; a block is combined in vectors of
/// single precision, the blocks in order in double precision: the same bits for any number of threads, and an error that does not grow
/// with the number of elements.</summary>
internal static unsafe class ReductionHost {
    /// <summary>Elements of a block of neighbours; rows of a block of columns; columns and rows of a work item;
    /// elements worth a thread.</summary>
    private const int Block = 4096, BlockRows = 128, ItemColumns = 256, ItemRows = 512, Grain = 1 << 15;

    /// <summary>Reduces x into y.</summary>
    public static void Reduce<TOp>(HostDevice host, Tensor y, Tensor x, ReductionGeometry g, TOp op) where TOp : struct, IReduction {
        float* from = x.Pointer, to = y.Pointer;
        if (g.KeptCount == 0) return;
        if (g.ReducedCount == 0) new Span<float>(to, g.KeptCount).Fill(op.Finish((double)op.Neutral, 0));
        else if (g.InnerIsKept) ReduceColumns(host, to, from, g, op);
        else if (g.ReducedCount >= 2 * Grain) ReduceLongRows(host, to, from, g, op);
        else host.Workers.ForRange(g.KeptCount, Math.Max(1, Grain / g.ReducedCount), (first, end) =>
            ReduceRows(to, from, first, end, g, op));
    }

    /// <summary>Gives each element of x its output's value, scaled.</summary>
    public static void Spread(HostDevice host, Tensor x, Tensor y, ReductionGeometry g, float scale) {
        if (x.Count == 0) return;
        float* to = x.Pointer, from = y.Pointer;
        int inner = g.Inner, reducedRows = g.InnerIsKept ? g.ReducedCount : g.ReducedCount / inner;
        int keptRows = g.InnerIsKept ? g.KeptCount / inner : g.KeptCount;
        host.Workers.ForRange(keptRows * reducedRows, Math.Max(1, Grain / inner), (first, end) => {
            for (int item = first; item < end; item++) {
                int kept = item / reducedRows, reduced = item - kept * reducedRows;
                if (g.InnerIsKept) {
                    Scale(to + g.KeptOffset(kept * inner) + g.ReducedOffset(reduced), from + kept * inner, inner, scale);
                } else {
                    new Span<float>(to + g.KeptOffset(kept) + g.ReducedOffset(reduced * inner), inner).Fill(from[kept] * scale);
                }
            }
        });
    }

    private static void Scale(float* to, float* from, int count, float scale) {
        int i = 0;
        for (; i <= count - V.Count; i += V.Count) (Vector512.Load(from + i) * scale).Store(to + i);
        for (; i < count; i++) to[i] = from[i] * scale;
    }

    /// <summary>Outputs whose elements are runs of neighbours, one after the other.</summary>
    private static void ReduceRows<TOp>(float* y, float* x, int first, int end, ReductionGeometry g, TOp op)
        where TOp : struct, IReduction {
        int n = g.Reduced0, runs = g.ReducedCount / n;
        for (int i = first; i < end; i++) {
            float* start = x + g.KeptOffset(i);
            double total = op.Neutral;
            for (int run = 0; run < runs; run++) {
                float* row = start + g.ReducedOffset(run * n);
                for (int at = 0; at < n; at += Block) total = op.Combine(total, Combine(row + at, Math.Min(Block, n - at), op));
            }
            y[i] = op.Finish(total, g.ReducedCount);
        }
    }

    /// <summary>Few outputs of many elements: the threads share the blocks of each.</summary>
    private static void ReduceLongRows<TOp>(HostDevice host, float* y, float* x, ReductionGeometry g, TOp op)
        where TOp : struct, IReduction {
        int n = g.Reduced0, runs = g.ReducedCount / n, blocks = (n + Block - 1) / Block;
        double[] results = new double[runs * blocks];
        int grain = Math.Max(1, Grain / Math.Min(n, Block));
        for (int i = 0; i < g.KeptCount; i++) {
            float* start = x + g.KeptOffset(i);
            host.Workers.ForRange(results.Length, grain, (first, end) => {
                for (int block = first; block < end; block++) {
                    int run = block / blocks, at = (block - run * blocks) * Block;
                    results[block] = Combine(start + g.ReducedOffset(run * n) + at, Math.Min(Block, n - at), op);
                }
            });
            double total = op.Neutral;
            foreach (double result in results) total = op.Combine(total, result);
            y[i] = op.Finish(total, g.ReducedCount);
        }
    }

    /// <summary>Combines neighbours: four vectors side by side, then one, then the lanes, then what is left.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Combine<TOp>(float* x, int n, TOp op) where TOp : struct, IReduction {
        float result = op.Neutral;
        int i = 0;
        if (n >= V.Count) {
            V a = Vector512.Create(op.Neutral), b = a, c = a, d = a;
            for (; i <= n - 4 * V.Count; i += 4 * V.Count) {
                a = op.Combine(a, Vector512.Load(x + i));
                b = op.Combine(b, Vector512.Load(x + i + 16));
                c = op.Combine(c, Vector512.Load(x + i + 32));
                d = op.Combine(d, Vector512.Load(x + i + 48));
            }
            for (; i <= n - V.Count; i += V.Count) a = op.Combine(a, Vector512.Load(x + i));
            a = op.Combine(op.Combine(a, b), op.Combine(c, d));
            a = op.Combine(a, LaneJoins.Halves(a));
            a = op.Combine(a, LaneJoins.Quarters(a));
            a = op.Combine(a, LaneJoins.Pairs(a));
            a = op.Combine(a, LaneJoins.Neighbours(a));
            result = a.ToScalar();
        }
        for (; i < n; i++) result = op.Combine(result, x[i]);
        return result;
    }

    /// <summary>Outputs that are neighbours, each made of a column: a work item takes up to 256 columns and 512 rows. Where there are more
    /// rows, the items' results wait in a table of doubles.</summary>
    private static void ReduceColumns<TOp>(HostDevice host, float* y, float* x, ReductionGeometry g, TOp op)
        where TOp : struct, IReduction {
        int columns = g.Kept0, outer = g.KeptCount / columns, rows = g.ReducedCount;
        int tiles = (columns + ItemColumns - 1) / ItemColumns, groups = (rows + ItemRows - 1) / ItemRows;
        double[]? table = groups > 1 ? new double[checked(groups * g.KeptCount)] : null;
        int grain = Math.Max(1, Grain / (Math.Min(columns, ItemColumns) * Math.Min(rows, ItemRows)));
        host.Workers.ForRange(checked(outer * tiles * groups), grain, (first, end) => {
            double* totals = stackalloc double[ItemColumns];
            for (int item = first; item < end; item++) {
                int tile = item % tiles, group = item / tiles % groups, row = item / tiles / groups;
                int output = row * columns + tile * ItemColumns, width = Math.Min(ItemColumns, columns - tile * ItemColumns);
                CombineColumns(totals, x + g.KeptOffset(output), width, group * ItemRows, Math.Min(rows, (group + 1) * ItemRows), g, op);
                if (table is null) Finish(y + output, totals, width, rows, op);
                else new Span<double>(totals, width).CopyTo(table.AsSpan(group * g.KeptCount + output));
            }
        });
        if (table is null) return;
        host.Workers.ForRange(g.KeptCount, Math.Max(1, Grain / groups), (first, end) => {
            for (int i = first; i < end; i++) {
                double total = table[i];
                for (int group = 1; group < groups; group++) total = op.Combine(total, table[group * g.KeptCount + i]);
                y[i] = op.Finish(total, rows);
            }
        });
    }

    private static void Finish<TOp>(float* y, double* totals, int width, int rows, TOp op) where TOp : struct, IReduction {
        for (int column = 0; column < width; column++) y[column] = op.Finish(totals[column], rows);
    }

    /// <summary>Combines the rows of each column, in blocks of 128, into its total.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void CombineColumns<TOp>(double* totals, float* x, int width, int from, int until, ReductionGeometry g, TOp op)
        where TOp : struct, IReduction {
        new Span<double>(totals, width).Fill(op.Neutral);
        float* lanes = stackalloc float[4 * V.Count];
        V neutral = Vector512.Create(op.Neutral);
        for (int block = from; block < until; block += BlockRows) {
            int last = Math.Min(until, block + BlockRows), column = 0;
            for (; column <= width - 4 * V.Count; column += 4 * V.Count) {
                V a = neutral, b = neutral, c = neutral, d = neutral;
                for (int row = block; row < last; row++) {
                    float* at = x + g.ReducedOffset(row) + column;
                    a = op.Combine(a, Vector512.Load(at));
                    b = op.Combine(b, Vector512.Load(at + 16));
                    c = op.Combine(c, Vector512.Load(at + 32));
                    d = op.Combine(d, Vector512.Load(at + 48));
                }
                a.Store(lanes);
                b.Store(lanes + 16);
                c.Store(lanes + 32);
                d.Store(lanes + 48);
                for (int i = 0; i < 4 * V.Count; i++) totals[column + i] = op.Combine(totals[column + i], lanes[i]);
            }
            for (; column <= width - V.Count; column += V.Count) {
                V a = neutral;
                for (int row = block; row < last; row++) a = op.Combine(a, Vector512.Load(x + g.ReducedOffset(row) + column));
                a.Store(lanes);
                for (int i = 0; i < V.Count; i++) totals[column + i] = op.Combine(totals[column + i], lanes[i]);
            }
            for (; column < width; column++) {
                float a = op.Neutral;
                for (int row = block; row < last; row++) a = op.Combine(a, x[g.ReducedOffset(row) + column]);
                totals[column] = op.Combine(totals[column], a);
            }
        }
    }
}
