using ILGPU;
using ILGPU.Runtime;

namespace DenseEngine.Ops;

public static partial class Op {
    private static void BroadcastGpu<TBody>(GpuDevice gpu, Tensor y, Tensor a, Tensor b, Tensor? dy)
        where TBody : struct, IBroadcastBody {
        if (y.Count == 0) return;
        var geometry = new BroadcastGeometry(y.Shape, a.Shape, b.Shape);
        gpu.Kernel(BroadcastKernel<TBody>, accelerator => accelerator.LoadAutoGroupedStreamKernel<Index1D, ArrayView<float>,
            ArrayView<float>, ArrayView<float>, ArrayView<float>, BroadcastGeometry>(BroadcastKernel<TBody>))
            (y.Count, gpu.Floats(y), gpu.Floats(a), gpu.Floats(b), gpu.Floats(dy ?? a), geometry);
    }

    private static void ChooseGpu(GpuDevice gpu, Tensor y, Tensor condition, Tensor a, Tensor b) {
        if (y.Count == 0) return;
        gpu.Kernel(ChooseKernel, accelerator => accelerator.LoadAutoGroupedStreamKernel<Index1D, ArrayView<float>, ArrayView<int>,
            ArrayView<float>, ArrayView<float>, BroadcastGeometry, BroadcastGeometry>(ChooseKernel))
            (y.Count, gpu.Floats(y), gpu.Integers(condition), gpu.Floats(a), gpu.Floats(b), new BroadcastGeometry(y.Shape, a.Shape, b.Shape),
            new BroadcastGeometry(y.Shape, condition.Shape, condition.Shape));
    }

    /// <summary>One element of the result a thread. Without a gradient, dy is the first operand and is not read.</summary>
    internal static void BroadcastKernel<TBody>(Index1D i, ArrayView<float> y, ArrayView<float> a, ArrayView<float> b,
        ArrayView<float> dy, BroadcastGeometry geometry) where TBody : struct, IBroadcastBody {
        int row = i / geometry.Inner, column = i - row * geometry.Inner;
        y[i] = TBody.Apply(a[geometry.OffsetA(row) + column * geometry.StepA], b[geometry.OffsetB(row) + column * geometry.StepB], dy, i);
    }

    /// <summary>One element of the result a thread, from the operand that the condition chooses.</summary>
    internal static void ChooseKernel(Index1D i, ArrayView<float> y, ArrayView<int> condition, ArrayView<float> a, ArrayView<float> b,
        BroadcastGeometry values, BroadcastGeometry conditions) {
        int row = i / values.Inner, column = i - row * values.Inner;
        int conditionRow = i / conditions.Inner, conditionColumn = i - conditionRow * conditions.Inner;
        y[i] = condition[conditions.OffsetA(conditionRow) + conditionColumn * conditions.StepA] != 0
            ? a[values.OffsetA(row) + column * values.StepA]
            : b[values.OffsetB(row) + column * values.StepB];
    }
}
