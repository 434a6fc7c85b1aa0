using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using V = System.Runtime.Intrinsics.Vector512<float>;

namespace DenseEngine.Ops;

/// <summary>The quality focal loss on the processor: values and slopes in one pass, sixteen classes of a row at a time. The lane of a
/// positive row's class is masked out and done alone, and lanes beyond the last class are masked out too.</summary>
internal static unsafe class QualityFocalHost {
    /// <summary>Rows that are done together where there are few classes: their entries lie on the stack.</summary>
    private const int Together = 64;

    /// <summary>Fills loss [N] and, if wanted, slope [N, C], the derivative of each row's loss by each logit.</summary>
    public static void Run(HostDevice host, Tensor loss, Tensor? slope, Tensor pred, Tensor label, Tensor score, float beta) {
        int classes = pred.Shape[1];
        float* to = loss.Pointer, x = pred.Pointer, quality = score.Pointer, dx = slope is null ? null : slope.Pointer;
        int* target = label.IntPointer;
        host.Workers.ForRange(loss.Count, Math.Max(1, Op.ElementwiseGrain / Math.Max(1, classes)), (first, end) => {
            if (classes < V.Count) {
                Few(x + first * classes, dx == null ? null : dx + first * classes, target + first, quality + first, end - first, classes, beta,
                    to + first);
                return;
            }
            for (int row = first; row < end; row++) {
                float* logits = x + row * classes, slopes = dx == null ? null : dx + row * classes;
                bool positive = (uint)target[row] < (uint)classes;
                to[row] = Background(logits, slopes, classes, positive ? target[row] : -1, beta);
                if (positive) to[row] += Positive(logits[target[row]], slopes == null ? null : slopes + target[row], quality[row], beta);
            }
        });
    }

    /// <summary>Fewer classes than lanes: sixteen entries at a time, whatever their rows; then the rows' sums, class by class.</summary>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Few(float* x, float* slopes, int* target, float* quality, int rows, int classes, float beta, float* loss) {
        float* tail = stackalloc float[V.Count], costs = stackalloc float[Together * V.Count], ignored = stackalloc float[V.Count];
        for (int start = 0; start < rows; start += Together, x += Together * classes) {
            int some = Math.Min(Together, rows - start), count = some * classes, whole = count / V.Count * V.Count, i = 0;
            for (; i < whole; i += V.Count) Entries(x + i, costs + i, slopes == null ? ignored : slopes + i, beta);
            if (i < count) {
                new Span<float>(tail, V.Count).Clear();
                new Span<float>(x + i, count - i).CopyTo(new Span<float>(tail, V.Count));
                Entries(tail, costs + i, tail, beta);
                if (slopes != null) new Span<float>(tail, count - i).CopyTo(new Span<float>(slopes + i, count - i));
            }
            for (int row = 0; row < some; row++) {
                int label = target[start + row];
                bool positive = (uint)label < (uint)classes;
                float sum = 0;
                for (int c = 0; c < classes; c++) sum += positive && c == label ? 0 : costs[row * classes + c];
                if (positive) {
                    int at = row * classes + label;
                    sum += Positive(x[at], slopes == null ? null : slopes + at, quality[start + row], beta);
                }
                loss[start + row] = sum;
            }
            if (slopes != null) slopes += Together * classes;
        }
    }

    /// <summary>Costs and slopes of sixteen background entries.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Entries(float* x, float* costs, float* slopes, float beta) {
        var at = new Logistic(Vector512.Load(x));
        V factor = Factor(at, beta);
        (factor * at.CostOfNo).Store(costs);
        (factor * (at.Yes + beta * at.No * at.CostOfNo)).Store(slopes);
    }

    /// <summary>sᵝ = e^(β ln s).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Factor(in Logistic at, float beta) => beta == 2 ? at.Yes * at.Yes : Elementary.Exp(at.CostOfYes * -beta);

    /// <summary>The sum over all classes but one, as if the row were background.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Background(float* x, float* slopes, int classes, int except, float beta) {
        float* tail = stackalloc float[V.Count];
        V sum = V.Zero;
        for (int i = 0; i < classes; i += V.Count) {
            bool whole = i + V.Count <= classes;
            if (!whole) {
                new Span<float>(tail, V.Count).Clear();
                new Span<float>(x + i, classes - i).CopyTo(new Span<float>(tail, V.Count));
            }
            var at = new Logistic(Vector512.Load(whole ? x + i : tail));
            V factor = Factor(at, beta);
            Vector512<int> number = Vector512.Create(i) + Vector512<int>.Indices;
            V counts =
                (Vector512.LessThan(number, Vector512.Create(classes)) & ~Vector512.Equals(number, Vector512.Create(except))).AsSingle();
            sum += Vector512.ConditionalSelect(counts, factor * at.CostOfNo, V.Zero);
            if (slopes == null) continue;
            V slope = factor * (at.Yes + beta * at.No * at.CostOfNo);
            if (whole) {
                slope.Store(slopes + i);
            } else {
                slope.Store(tail);
                new Span<float>(tail, classes - i).CopyTo(new Span<float>(slopes + i, classes - i));
            }
        }
        return LaneJoins.Sum(sum).ToScalar();
    }

    /// <summary>The entry of a positive row's class.</summary>
    private static float Positive(float x, float* slope, float quality, float beta) {
        var at = new Logistic(Vector512.Create(x));
        float yes = at.Yes.ToScalar(), no = at.No.ToScalar();
        float cost = (1 - quality) * at.CostOfNo.ToScalar() + quality * at.CostOfYes.ToScalar();
        float distance = yes - quality, size = Math.Abs(distance);
        float less = beta == 2 ? size : Elementary.Pow(size, beta - 1), factor = less * size;
        if (slope != null) *slope = distance * factor + (distance > 0 ? beta : distance < 0 ? -beta : 0) * less * cost * yes * no;
        return cost * factor;
    }
}
