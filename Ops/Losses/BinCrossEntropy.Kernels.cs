using ILGPU;
using ILGPU.Runtime;

namespace DenseEngine.Ops;

public static partial class Op {
    private static void BinCrossEntropyGpu(GpuDevice gpu, Tensor loss, Tensor log, Tensor x, Tensor bin, Tensor weights) {
        if (loss.Count == 0 || x.Count == 0) return;
        gpu.Kernel(BinCrossEntropyKernel, a => a.LoadStreamKernel<ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<int>,
            ArrayView<float>, int>(BinCrossEntropyKernel))
            ((loss.Count, RowThreads), gpu.Floats(loss), gpu.Floats(log), gpu.Floats(x), gpu.Integers(bin), gpu.Floats(weights),
            x.Shape[^1]);
    }

    private static void BinCrossEntropyGradientGpu(GpuDevice gpu, Tensor dx, Tensor dy, Tensor log, Tensor bin, Tensor weights) {
        if (dx.Count == 0) return;
        gpu.Kernel(BinCrossEntropyGradientKernel, a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<float>, ArrayView<float>,
            ArrayView<float>, ArrayView<int>, ArrayView<float>, int>(BinCrossEntropyGradientKernel))
            (dx.Count, gpu.Floats(dx), gpu.Floats(dy), gpu.Floats(log), gpu.Integers(bin), gpu.Floats(weights), dx.Shape[^1]);
    }

    private static void ChooseBinsGpu(GpuDevice gpu, Tensor bin, Tensor weights, Tensor label, int bins) {
        if (label.Count == 0) return;
        gpu.Kernel(ChooseBinsKernel, a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<int>, ArrayView<float>, ArrayView<float>,
            int>(ChooseBinsKernel))(label.Count, gpu.Integers(bin), gpu.Floats(weights), gpu.Floats(label), bins);
    }

    private static void ChooseClassesGpu(GpuDevice gpu, Tensor bin, Tensor weights, Tensor target, Tensor? classWeight, int classes,
        int ignored) {
        if (target.Count == 0) return;
        gpu.Kernel(ChooseClassesKernel, a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<int>, ArrayView<float>, ArrayView<int>,
            ArrayView<float>, int, int, int>(ChooseClassesKernel))
            (target.Count, gpu.Integers(bin), gpu.Floats(weights), gpu.Integers(target),
            classWeight is null ? default : gpu.Floats(classWeight), classWeight is null ? 0 : 1, classes, ignored);
    }

    /// <summary>A row's loss, and the logarithms of its softmax.</summary>
    internal static void BinCrossEntropyKernel(ArrayView<float> loss, ArrayView<float> log, ArrayView<float> x, ArrayView<int> bin,
        ArrayView<float> weights, int bins) {
        ArrayView<float> tree = SharedMemory.Allocate<float>(RowThreads);
        int thread = Group.IdxX, row = Grid.IdxX, start = row * bins;
        float largest = float.NegativeInfinity, sum = 0;
        for (int i = thread; i < bins; i += RowThreads) {
            float value = x[start + i];
            if (value > largest || float.IsNaN(value)) largest = value;
        }
        tree[thread] = largest;
        Group.Barrier();
        for (int half = RowThreads / 2; half > 0; half /= 2) {
            if (thread < half) {
                float other = tree[thread + half];
                if (other > tree[thread] || float.IsNaN(other)) tree[thread] = other;
            }
            Group.Barrier();
        }
        largest = tree[0];
        for (int i = thread; i < bins; i += RowThreads) sum += Elementary.Exp(x[start + i] - largest);
        float shift = Elementary.Log(SumOfRow(tree, thread, sum));
        for (int i = thread; i < bins; i += RowThreads) log[start + i] = x[start + i] - largest - shift;
        if (thread != 0) return;
        int target = start + bin[row];
        float u = weights[2 * row], v = weights[2 * row + 1], cost = 0;
        if (u != 0) cost -= u * (x[target] - largest - shift);
        if (v != 0) cost -= v * (x[target + 1] - largest - shift);
        loss[row] = cost;
    }

    internal static void BinCrossEntropyGradientKernel(Index1D i, ArrayView<float> dx, ArrayView<float> dy, ArrayView<float> log,
        ArrayView<int> bin, ArrayView<float> weights, int bins) {
        int row = i / bins, place = i - row * bins - bin[row];
        float u = weights[2 * row], v = weights[2 * row + 1], slope = dy[row], result = 0;
        if (u != 0 || v != 0) result = Elementary.Exp(log[i]) * (slope * (u + v));
        if (place == 0) result -= slope * u;
        if (place == 1 && v != 0) result -= slope * v;
        dx[i] = result;
    }

    /// <summary>The bins around a label. One outside cannot be refused from here: its loss is NaN.</summary>
    internal static void ChooseBinsKernel(Index1D row, ArrayView<int> bin, ArrayView<float> weights, ArrayView<float> label, int bins) {
        float y = label[row], u = float.NaN, v = 0;
        int left = 0;
        if (y >= 0 && y < bins - 1) {
            left = (int)y;
            u = left + 1 - y;
            v = y - left;
        }
        bin[row] = left;
        weights[2 * row] = u;
        weights[2 * row + 1] = v;
    }

    /// <summary>A row's class and its weight. One out of range cannot be refused from here: its loss is NaN.</summary>
    internal static void ChooseClassesKernel(Index1D row, ArrayView<int> bin, ArrayView<float> weights, ArrayView<int> target,
        ArrayView<float> classWeight, int hasWeight, int classes, int ignored) {
        int label = target[row], chosen = 0;
        float weight = float.NaN;
        if (label == ignored) {
            weight = 0;
        } else if (label >= 0 && label < classes) {
            chosen = label;
            weight = 1;
            if (hasWeight != 0) weight = classWeight[label];
        }
        bin[row] = chosen;
        weights[2 * row] = weight;
        weights[2 * row + 1] = 0;
    }
}
