using ILGPU;
using ILGPU.Runtime;

namespace DenseEngine.Ops;

public static partial class Op {
    private static void QualityFocalGpu(GpuDevice gpu, Tensor loss, Tensor? slope, Tensor pred, Tensor label, Tensor score, float beta) {
        if (gpu.HasShuffles) QualityFocalWith<Shuffles>(gpu, loss, slope, pred, label, score, beta);
        else QualityFocalWith<NoShuffles>(gpu, loss, slope, pred, label, score, beta);
    }

    private static void QualityFocalWith<TWarp>(GpuDevice gpu, Tensor loss, Tensor? slope, Tensor pred, Tensor label, Tensor score,
        float beta) where TWarp : struct, IWarp {
        if (loss.Count == 0) return;
        if (pred.Count == 0) {
            gpu.Fill(loss, 0);
            return;
        }
        int classes = pred.Shape[1];
        ArrayView<float> slopes = slope is null ? default : gpu.Floats(slope);
        if (LineTile.Fits(classes)) {
            var lines = new LineTile(loss.Count, classes);
            gpu.Kernel(QualityFocalKernel<TWarp>, a => a.LoadStreamKernel<ArrayView<float>, ArrayView<float>, ArrayView<float>,
                ArrayView<int>, ArrayView<float>, int, LineTile, float>(QualityFocalKernel<TWarp>))
                ((lines.Groups, LineTile.Threads), gpu.Floats(loss), slopes, gpu.Floats(pred), gpu.Integers(label), gpu.Floats(score),
                slope is null ? 0 : 1, lines, beta);
        } else {
            gpu.Kernel(QualityFocalLongKernel<TWarp>, a => a.LoadStreamKernel<ArrayView<float>, ArrayView<float>, ArrayView<float>,
                ArrayView<int>, ArrayView<float>, int, int, float>(QualityFocalLongKernel<TWarp>))
                ((loss.Count, ReduceThreads), gpu.Floats(loss), slopes, gpu.Floats(pred), gpu.Integers(label), gpu.Floats(score),
                slope is null ? 0 : 1, classes, beta);
        }
    }

    private static void ScaleRowsGpu(GpuDevice gpu, Tensor y, Tensor x, Tensor factor) {
        if (y.Count == 0) return;
        gpu.Kernel(ScaleRowsKernel,
            a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<float>, ArrayView<float>, ArrayView<float>, int>(ScaleRowsKernel))
            (Fours(y.Count), gpu.Floats(y), gpu.Floats(x), gpu.Floats(factor), y.Count / factor.Count);
    }

    /// <summary>Four neighbouring elements a thread, whichever rows they lie in.</summary>
    internal static void ScaleRowsKernel(Index1D i, ArrayView<float> y, ArrayView<float> x, ArrayView<float> factor, int columns) {
        int at = 4 * i, count = y.IntLength - at, last = y.IntLength - 1;
        Float4 v = Float4.Load(x, at, count, 1);
        Float4.Of(v.X * factor[at / columns], v.Y * factor[Math.Min(at + 1, last) / columns],
            v.Z * factor[Math.Min(at + 2, last) / columns], v.W * factor[Math.Min(at + 3, last) / columns]).Store(y, at, count, 1);
    }

    /// <summary>Whole rows in shared memory: their losses and, if wanted, slopes. One look at the logits.</summary>
    internal static void QualityFocalKernel<TWarp>(ArrayView<float> loss, ArrayView<float> slope, ArrayView<float> pred,
        ArrayView<int> label, ArrayView<float> score, int wanted, LineTile lines, float beta) where TWarp : struct, IWarp {
        ArrayView<Float4> tile4 = SharedMemory.Allocate<Float4>(LineTile.Floats / 4);
        ArrayView<float> tile = tile4.Cast<float>(), joined = SharedMemory.Allocate<float>(LineTile.Threads);
        int thread = Group.IdxX, first = lines.First(thread), end = lines.End(Grid.IdxX, thread), target = -1;
        float quality = 0, sum = 0;
        if (end > 0) {
            target = label[lines.Line(Grid.IdxX, thread)];
            if (target >= 0 && target < lines.Size) quality = score[lines.Line(Grid.IdxX, thread)];
        }
        lines.Load(tile4, pred, Grid.IdxX, thread);
        Group.Barrier();
        for (int i = first, c = thread % lines.PerLine; i < end; i += lines.PerLine, c += lines.PerLine)
            tile[i] = QualityFocalEntry(ref sum, tile[i], c == target, quality, beta);
        sum = GroupJoin.Sum<TWarp>(joined, thread, lines.PerLine, sum);
        if (end > 0 && thread % lines.PerLine == 0) loss[lines.Line(Grid.IdxX, thread)] = sum;
        if (wanted == 0) return;
        Group.Barrier();
        lines.Store(slope, tile4, Grid.IdxX, thread);
    }

    /// <summary>A row, too long for shared memory, a group.</summary>
    internal static void QualityFocalLongKernel<TWarp>(ArrayView<float> loss, ArrayView<float> slope, ArrayView<float> pred,
        ArrayView<int> label, ArrayView<float> score, int wanted, int classes, float beta) where TWarp : struct, IWarp {
        ArrayView<float> joined = SharedMemory.Allocate<float>(ReduceThreads);
        int thread = Group.IdxX, start = Grid.IdxX * classes, whole = InFours(pred, classes), target = label[Grid.IdxX];
        float quality = score[Grid.IdxX], sum = 0;
        for (int c = 4 * thread; c < whole; c += 4 * ReduceThreads) {
            Float4 v = pred.Cast<Float4>()[(start + c) >> 2];
            v.X = QualityFocalEntry(ref sum, v.X, c == target, quality, beta);
            v.Y = QualityFocalEntry(ref sum, v.Y, c + 1 == target, quality, beta);
            v.Z = QualityFocalEntry(ref sum, v.Z, c + 2 == target, quality, beta);
            v.W = QualityFocalEntry(ref sum, v.W, c + 3 == target, quality, beta);
            if (wanted != 0) slope.Cast<Float4>()[(start + c) >> 2] = v;
        }
        for (int c = whole + thread; c < classes; c += ReduceThreads) {
            float steep = QualityFocalEntry(ref sum, pred[start + c], c == target, quality, beta);
            if (wanted != 0) slope[start + c] = steep;
        }
        sum = GroupJoin.Sum<TWarp>(joined, thread, ReduceThreads, sum);
        if (thread == 0) loss[Grid.IdxX] = sum;
    }

    /// <summary>Adds an entry's loss; gives its slope.</summary>
    private static float QualityFocalEntry(ref float sum, float x, bool positive, float quality, float beta) {
        var at = new LogisticValue(x);
        if (positive) {
            float distance = at.Yes - quality, size = distance < 0 ? -distance : distance, less = size;
            if (beta != 2) less = Elementary.Pow(size, beta - 1);
            float entropy = (1 - quality) * at.CostOfNo + quality * at.CostOfYes, sign = distance > 0 ? beta : distance < 0 ? -beta : 0;
            sum += entropy * less * size;
            return distance * less * size + sign * less * entropy * at.Yes * at.No;
        }
        float factor = at.Yes * at.Yes;
        if (beta != 2) factor = Elementary.Exp(at.CostOfYes * -beta);   // sᵝ = e^(β ln s)
        sum += factor * at.CostOfNo;
        return factor * (at.Yes + beta * at.No * at.CostOfNo);
    }
}
