using ILGPU;
using ILGPU.Runtime;

namespace DenseEngine.Ops;

public static partial class Op {
    private static void BinaryCrossEntropyGpu(GpuDevice gpu, Tensor loss, Tensor? slope, Tensor x, Tensor target, Tensor? posWeight) {
        if (x.Count == 0) return;
        gpu.Kernel(BinaryCrossEntropyKernel, a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<float>, ArrayView<float>,
            ArrayView<float>, ArrayView<float>, ArrayView<float>, int, int>(BinaryCrossEntropyKernel))
            (x.Count, gpu.Floats(loss), slope is null ? default : gpu.Floats(slope), gpu.Floats(x), gpu.Floats(target),
            posWeight is null ? default : gpu.Floats(posWeight), slope is null ? 0 : 1, posWeight?.Count ?? 0);
    }

    /// <summary>The loss of a logit and, if wanted, its slope. A period of 0: no weights of the positive.</summary>
    internal static void BinaryCrossEntropyKernel(Index1D i, ArrayView<float> loss, ArrayView<float> slope, ArrayView<float> x,
        ArrayView<float> target, ArrayView<float> posWeight, int wanted, int period) {
        var at = new LogisticValue(x[i]);
        float yes = target[i], no = 1 - yes;
        if (period > 0) yes *= posWeight[i % period];
        loss[i] = no * at.CostOfNo + yes * at.CostOfYes;
        if (wanted != 0) slope[i] = no * at.Yes - yes * at.No;
    }
}
