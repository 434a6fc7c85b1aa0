using ILGPU;
using ILGPU.Runtime;

namespace DenseEngine.Ops;

public static partial class Op {
    /// <summary>Threads that share a row of logits.</summary>
    internal const int RowThreads = 32;

    private static void QualityFocalGpu(GpuDevice gpu, Tensor loss, Tensor? slope, Tensor pred, Tensor label, Tensor score, float beta) {
        if (loss.Count == 0) return;
        if (pred.Count == 0) {
            gpu.Fill(loss, 0);
            return;
        }
        gpu.Kernel(QualityFocalKernel, a => a.LoadStreamKernel<ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<int>,
            ArrayView<float>, int, int, float>(QualityFocalKernel))
            ((loss.Count, RowThreads), gpu.Floats(loss), slope is null ? default : gpu.Floats(slope), gpu.Floats(pred),
            gpu.Integers(label), gpu.Floats(score), slope is null ? 0 : 1, pred.Shape[1], beta);
    }

    private static void ScaleRowsGpu(GpuDevice gpu, Tensor y, Tensor x, Tensor factor) {
        if (y.Count == 0) return;
        gpu.Kernel(ScaleRowsKernel,
            a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<float>, ArrayView<float>, ArrayView<float>, int>(ScaleRowsKernel))
            (y.Count, gpu.Floats(y), gpu.Floats(x), gpu.Floats(factor), y.Count / factor.Count);
    }

    internal static void ScaleRowsKernel(Index1D i, ArrayView<float> y, ArrayView<float> x, ArrayView<float> factor, int columns) =>
        y[i] = x[i] * factor[i / columns];

    /// <summary>A row's loss and, if wanted, its slopes.</summary>
    internal static void QualityFocalKernel(ArrayView<float> loss, ArrayView<float> slope, ArrayView<float> pred, ArrayView<int> label,
        ArrayView<float> score, int wanted, int classes, float beta) {
        ArrayView<float> tree = SharedMemory.Allocate<float>(RowThreads);
        int thread = Group.IdxX, row = Grid.IdxX, target = label[row];
        float sum = 0;
        for (int c = thread; c < classes; c += RowThreads) {
            var at = new LogisticValue(pred[row * classes + c]);
            float cost, steep;
            if (c == target) {
                float quality = score[row], distance = at.Yes - quality, size = distance < 0 ? -distance : distance, less = size;
                if (beta != 2) less = Elementary.Pow(size, beta - 1);
                float entropy = (1 - quality) * at.CostOfNo + quality * at.CostOfYes, sign = distance > 0 ? beta : distance < 0 ? -beta : 0;
                cost = entropy * less * size;
                steep = distance * less * size + sign * less * entropy * at.Yes * at.No;
            } else {
                float factor = at.Yes * at.Yes;
                if (beta != 2) factor = Elementary.Exp(at.CostOfYes * -beta);   // sᵝ = e^(β ln s)
                cost = factor * at.CostOfNo;
                steep = factor * (at.Yes + beta * at.No * at.CostOfNo);
            }
            sum += cost;
            if (wanted != 0) slope[row * classes + c] = steep;
        }
        sum = SumOfRow(tree, thread, sum);
        if (thread == 0) loss[row] = sum;
    }

    /// <summary>The sum over the threads of a group of <see cref="RowThreads"/>, in a tree; every thread gets it.</summary>
    private static float SumOfRow(ArrayView<float> tree, int thread, float own) {
        Group.Barrier();
        tree[thread] = own;
        Group.Barrier();
        for (int half = RowThreads / 2; half > 0; half /= 2) {
            if (thread < half) tree[thread] += tree[thread + half];
            Group.Barrier();
        }
        return tree[0];
    }
}
