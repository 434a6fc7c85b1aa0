using ILGPU;
using ILGPU.Runtime;

namespace DenseEngine.Ops;

public static partial class Op {
    private static void UnaryGpu<TOp>(GpuDevice gpu, Tensor y, Tensor x, TOp op) where TOp : unmanaged, IUnaryOp {
        if (x.Count == 0) return;
        gpu.Kernel(UnaryKernel<TOp>, a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<float>, ArrayView<float>, TOp>(UnaryKernel))
            (x.Count, gpu.Floats(y), gpu.Floats(x), op);
    }

    private static void UnarySlopeGpu<TOp>(GpuDevice gpu, Tensor dx, Tensor dy, Tensor kept, TOp op) where TOp : unmanaged, IUnaryOp {
        if (dx.Count == 0) return;
        gpu.Kernel(UnarySlopeKernel<TOp>,
            a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<float>, ArrayView<float>, ArrayView<float>, TOp>(UnarySlopeKernel))
            (dx.Count, gpu.Floats(dx), gpu.Floats(dy), gpu.Floats(kept), op);
    }

    /// <summary>One element a thread.</summary>
    internal static void UnaryKernel<TOp>(Index1D i, ArrayView<float> y, ArrayView<float> x, TOp op) where TOp : unmanaged, IUnaryOp =>
        y[i] = op.Apply(x[i]);

    /// <summary>One element a thread.</summary>
    internal static void UnarySlopeKernel<TOp>(Index1D i, ArrayView<float> dx, ArrayView<float> dy, ArrayView<float> kept, TOp op)
        where TOp : unmanaged, IUnaryOp {
        float value = kept[i];
        dx[i] = dy[i] * op.Slope(value, value);
    }
}
