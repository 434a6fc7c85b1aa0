using System.Runtime.CompilerServices;
using Lanes = System.Runtime.Intrinsics.Vector512<float>;
using V = System.Runtime.Intrinsics.Vector512;

namespace DenseEngine.Ops;

/// <summary>The host path of pairwise overlaps: sixteen of a row at once, from coordinates that lie apart, in the order of
/// <see cref="OverlapRule.Value"/>'s operations, so that the bits are its own. CIoU's arc tangents and the last few of a row go through
/// that.</summary>
internal static unsafe class BoxIouHost {
    private const int PairsPerRange = 1 << 14;

    /// <summary>y[i,j] = the measure of a[i] and b[j].</summary>
    public static void Run(HostDevice host, Tensor y, Tensor a, Tensor b, OverlapRule rule) {
        int rows = a.Shape[0], columns = b.Shape[0];
        if (rows == 0 || columns == 0) return;
        using var apart = new Tensor(host, [4, columns]);
        float* edges = apart.Pointer, to = y.Pointer;
        Box* left = (Box*)a.Pointer, right = (Box*)b.Pointer;
        for (int j = 0; j < columns; j++) {
            (edges[j], edges[columns + j]) = (right[j].X1, right[j].Y1);
            (edges[2 * columns + j], edges[3 * columns + j]) = (right[j].X2, right[j].Y2);
        }
        host.Workers.ForRange(rows, Math.Max(1, PairsPerRange / columns), (from, until) => {
            for (int i = from; i < until; i++) Row(to + (nint)i * columns, left[i], right, edges, columns, rule);
        });
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Row(float* y, Box a, Box* b, float* edges, int columns, OverlapRule rule) {
        int j = 0;
        if (rule.Kind != IouKind.Ciou) {
            Lanes ax1 = V.Create(a.X1), ay1 = V.Create(a.Y1), ax2 = V.Create(a.X2), ay2 = V.Create(a.Y2), area = V.Create(a.Area);
            Lanes floor = V.Create(rule.Floor), eps = V.Create(rule.UnionEps), zero = Lanes.Zero;
            for (; j + Lanes.Count <= columns; j += Lanes.Count) {
                Lanes bx1 = V.Load(edges + j), by1 = V.Load(edges + columns + j), bx2 = V.Load(edges + 2 * columns + j),
                    by2 = V.Load(edges + 3 * columns + j);
                Lanes inter = V.Max(V.Min(ax2, bx2) - V.Max(ax1, bx1), zero) * V.Max(V.Min(ay2, by2) - V.Max(ay1, by1), zero);
                Lanes union = Floored(area + (bx2 - bx1) * (by2 - by1) - inter + eps, floor);
                Lanes value = inter / union;
                if (rule.Kind != IouKind.Iou) {
                    Lanes width = V.Max(V.Max(ax2, bx2) - V.Min(ax1, bx1), zero), height = V.Max(V.Max(ay2, by2) - V.Min(ay1, by1), zero);
                    if (rule.Kind == IouKind.Giou) {
                        Lanes around = Floored(width * height, floor);
                        value -= (around - union) / around;
                    } else {
                        Lanes x = bx1 + bx2 - (ax1 + ax2), down = by1 + by2 - (ay1 + ay2), quarter = V.Create(0.25f);
                        value -= (x * x * quarter + down * down * quarter) / (width * width + height * height + V.Create(rule.DiagonalEps));
                    }
                }
                V.Store(value, y + j);
            }
        }
        for (; j < columns; j++) y[j] = rule.Value(a, b[j]);
    }

    private static Lanes Floored(Lanes x, Lanes floor) => V.ConditionalSelect(V.LessThan(x, floor), floor, x);
}
