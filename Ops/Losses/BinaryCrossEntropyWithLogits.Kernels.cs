using ILGPU;
using ILGPU.Runtime;

namespace DenseEngine.Ops;

public static partial class Op {
    private static void BinaryCrossEntropyGpu(GpuDevice gpu, Tensor loss, Tensor? slope, Tensor x, Tensor target, Tensor? posWeight,
        bool skipNegative) {
        if (x.Count == 0) return;
        gpu.Kernel(BinaryCrossEntropyKernel, a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<float>, ArrayView<float>,
            ArrayView<float>, ArrayView<float>, ArrayView<float>, int, int, int>(BinaryCrossEntropyKernel))
            (Fours(x.Count), gpu.Floats(loss), slope is null ? default : gpu.Floats(slope), gpu.Floats(x), gpu.Floats(target),
            posWeight is null ? default : gpu.Floats(posWeight), slope is null ? 0 : 1, posWeight?.Count ?? 0, skipNegative ? 1 : 0);
    }

    /// <summary>The losses of four neighbouring logits and, if wanted, their slopes. A period of 0: no weights of the positive.</summary>
    internal static void BinaryCrossEntropyKernel(Index1D i, ArrayView<float> loss, ArrayView<float> slope, ArrayView<float> x,
        ArrayView<float> target, ArrayView<float> posWeight, int wanted, int period, int skips) {
        int at = 4 * i, count = x.IntLength - at;
        Float4 logit = Float4.Load(x, at, count, 1), yes = Float4.Load(target, at, count, 1), weight = Float4.Splat(1), cost = default;
        if (period > 0)
            weight = Float4.Of(posWeight[at % period], posWeight[(at + 1) % period], posWeight[(at + 2) % period],
                posWeight[(at + 3) % period]);
        logit.X = BinaryCrossEntropyEntry(ref cost.X, logit.X, yes.X, weight.X, skips);
        logit.Y = BinaryCrossEntropyEntry(ref cost.Y, logit.Y, yes.Y, weight.Y, skips);
        logit.Z = BinaryCrossEntropyEntry(ref cost.Z, logit.Z, yes.Z, weight.Z, skips);
        logit.W = BinaryCrossEntropyEntry(ref cost.W, logit.W, yes.W, weight.W, skips);
        cost.Store(loss, at, count, 1);
        if (wanted != 0) logit.Store(slope, at, count, 1);
    }

    /// <summary>An entry's loss and, returned, its slope.</summary>
    private static float BinaryCrossEntropyEntry(ref float cost, float x, float target, float weight, int skips) {
        if (skips != 0 && target < 0) return 0;
        var at = new LogisticValue(x);
        float no = 1 - target, yes = weight * target;
        cost = no * at.CostOfNo + yes * at.CostOfYes;
        return no * at.Yes - yes * at.No;
    }
}
