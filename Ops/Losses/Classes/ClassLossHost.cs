using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using V = System.Runtime.Intrinsics.Vector512<float>;

namespace DenseEngine.Ops;

/// <summary>Losses on rows of classes on the processor: values and slopes in one pass, sixteen classes of a row at a time. The lane of a
/// row's own class is masked out and done alone, and lanes beyond the last class are masked out too.</summary>
internal static unsafe class ClassLossHost<TLoss> where TLoss : unmanaged, IClassLoss {
    /// <summary>Rows that are done together where there are few classes: their entries lie on the stack.</summary>
    private const int Together = 64;

    private delegate void Loop(float* x, float* loss, float* slopes, int* target, float* scores, int rows, int classes, in TLoss formula);

    /// <summary>Fills loss [N] and, if wanted, slope [N, C], the derivative of each entry.</summary>
    public static void Rows(HostDevice host, Tensor loss, Tensor? slope, Tensor pred, Tensor label, Tensor? score, TLoss formula) =>
        Run(host, loss, slope, pred, label, score, formula, 1, pred.Shape[1] < V.Count ? Few : Many);

    /// <summary>Fills costs and, if wanted, slope, both [N, C].</summary>
    public static void Entries(HostDevice host, Tensor costs, Tensor? slope, Tensor pred, Tensor label, Tensor? score, TLoss formula) =>
        Run(host, costs, slope, pred, label, score, formula, pred.Shape[1], Entries);

    private static void Run(HostDevice host, Tensor loss, Tensor? slope, Tensor pred, Tensor label, Tensor? score, TLoss formula, int width,
        Loop loop) {
        int classes = pred.Shape[1];
        float* to = loss.Pointer, x = pred.Pointer, quality = score is null ? null : score.Pointer;
        float* dx = slope is null ? null : slope.Pointer;
        int* target = label.IntPointer;
        host.Workers.ForRange(label.Count, Math.Max(1, Op.ElementwiseGrain / Math.Max(1, classes)), (first, end) => {
            float* some = x + first * classes, slopes = dx == null ? null : dx + first * classes;
            float* scores = quality == null ? null : quality + first;
            loop(some, to + first * width, slopes, target + first, scores, end - first, classes, formula);
        });
    }

    private static void Many(float* x, float* loss, float* slopes, int* target, float* scores, int rows, int classes, in TLoss formula) {
        for (int row = 0; row < rows; row++, x += classes) {
            int own = target[row];
            bool positive = (uint)own < (uint)classes;
            if (formula.Skips(own)) {
                loss[row] = 0;
                if (slopes != null) new Span<float>(slopes, classes).Clear();
            } else {
                loss[row] = Others(x, slopes, classes, positive ? own : -1, formula);
            }
            if (positive) {
                float slope = 0;
                loss[row] += formula.Own(x[own], scores == null ? 0 : scores[row], ref slope);
                if (slopes != null) slopes[own] = slope;
            }
            if (slopes != null) slopes += classes;
        }
    }

    /// <summary>Fewer classes than lanes: all entries, then the rows' sums, class by class.</summary>
    [SkipLocalsInit]
    private static void Few(float* x, float* loss, float* slopes, int* target, float* scores, int rows, int classes, in TLoss formula) {
        float* costs = stackalloc float[Together * V.Count];
        for (int start = 0; start < rows; start += Together, x += Together * classes) {
            int some = Math.Min(Together, rows - start);
            Entries(x, costs, slopes, target + start, scores == null ? null : scores + start, some, classes, formula);
            for (int row = 0; row < some; row++) {
                float sum = 0;
                for (int c = 0; c < classes; c++) sum += costs[row * classes + c];
                loss[start + row] = sum;
            }
            if (slopes != null) slopes += Together * classes;
        }
    }

    /// <summary>Sixteen entries at a time, whatever their rows; then each row's own.</summary>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Entries(float* x, float* costs, float* slopes, int* target, float* scores, int rows, int classes,
        in TLoss formula) {
        int count = rows * classes, i = 0;
        V cost, slope;
        for (; i <= count - V.Count; i += V.Count) {
            formula.Other(Vector512.Load(x + i), out cost, out slope);
            cost.Store(costs + i);
            if (slopes != null) slope.Store(slopes + i);
        }
        for (; i < count; i++) {
            float steep = 0;
            costs[i] = formula.Other(x[i], ref steep);
            if (slopes != null) slopes[i] = steep;
        }
        for (int row = 0; row < rows; row++) {
            int own = target[row], at = row * classes + own;
            if (formula.Skips(own)) {
                new Span<float>(costs + row * classes, classes).Clear();
                if (slopes != null) new Span<float>(slopes + row * classes, classes).Clear();
            } else if ((uint)own < (uint)classes) {
                float steep = 0;
                costs[at] = formula.Own(x[at], scores == null ? 0 : scores[row], ref steep);
                if (slopes != null) slopes[at] = steep;
            }
        }
    }

    /// <summary>The sum over all classes but one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Others(float* x, float* slopes, int classes, int except, in TLoss formula) {
        V sum = V.Zero, cost, slope;
        Vector512<int> own = Vector512.Create(except), number = Vector512<int>.Indices;
        int i = 0;
        for (; i <= classes - V.Count; i += V.Count, number += Vector512.Create(V.Count)) {
            formula.Other(Vector512.Load(x + i), out cost, out slope);
            sum += Vector512.AndNot(cost, Vector512.Equals(number, own).AsSingle());
            if (slopes != null) slope.Store(slopes + i);
        }
        float total = LaneJoins.Sum(sum).ToScalar();
        for (; i < classes; i++) {
            float steep = 0, single = formula.Other(x[i], ref steep);
            if (i != except) total += single;
            if (slopes != null) slopes[i] = steep;
        }
        return total;
    }
}
