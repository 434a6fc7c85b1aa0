using ILGPU;
using ILGPU.Runtime;

namespace DenseEngine.Ops;

public static partial class Op {
    private static void GaussianFocalGpu(GpuDevice gpu, Tensor loss, Tensor? slope, Tensor pred, Tensor target,
        GaussianFocalFormula formula) {
        if (pred.Count == 0) return;
        gpu.Kernel(GaussianFocalKernel, a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<float>, ArrayView<float>, ArrayView<float>,
            ArrayView<float>, int, GaussianFocalFormula>(GaussianFocalKernel))
            (Fours(pred.Count), gpu.Floats(loss), slope is null ? default : gpu.Floats(slope), gpu.Floats(pred), gpu.Floats(target),
            slope is null ? 0 : 1, formula);
    }

    /// <summary>The losses of four neighbouring places and, if wanted, their slopes.</summary>
    internal static void GaussianFocalKernel(Index1D i, ArrayView<float> loss, ArrayView<float> slope, ArrayView<float> pred,
        ArrayView<float> target, int wanted, GaussianFocalFormula formula) {
        int at = 4 * i, count = pred.IntLength - at;
        Float4 p = Float4.Load(pred, at, count, 1), t = Float4.Load(target, at, count, 1), steep = default, cost = default;
        cost.X = formula.At(p.X, t.X, ref steep.X);
        cost.Y = formula.At(p.Y, t.Y, ref steep.Y);
        cost.Z = formula.At(p.Z, t.Z, ref steep.Z);
        cost.W = formula.At(p.W, t.W, ref steep.W);
        cost.Store(loss, at, count, 1);
        if (wanted != 0) steep.Store(slope, at, count, 1);
    }
}
