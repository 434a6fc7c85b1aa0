using ILGPU;
using ILGPU.Runtime;

namespace DenseEngine.Ops;

public static partial class Op {
    private static void UnaryGpu<TOp>(GpuDevice gpu, Tensor y, Tensor x, TOp op) where TOp : unmanaged, IUnaryOp {
        if (x.Count == 0) return;
        gpu.Kernel(UnaryKernel<TOp>, a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<float>, ArrayView<float>, TOp>(UnaryKernel))
            (Fours(x.Count), gpu.Floats(y), gpu.Floats(x), op);
    }

    private static void UnarySlopeGpu<TOp>(GpuDevice gpu, Tensor dx, Tensor dy, Tensor kept, TOp op) where TOp : unmanaged, IUnaryOp {
        if (dx.Count == 0) return;
        gpu.Kernel(UnarySlopeKernel<TOp>,
            a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<float>, ArrayView<float>, ArrayView<float>, TOp>(UnarySlopeKernel))
            (Fours(dx.Count), gpu.Floats(dx), gpu.Floats(dy), gpu.Floats(kept), op);
    }

    /// <summary>The threads that take <paramref name="count"/> elements four at a time; the last takes what is left.</summary>
    private static int Fours(int count) => (int)(((uint)count + 3) >> 2);

    /// <summary>Four neighbouring elements a thread, in one access; what is left one by one.</summary>
    internal static void UnaryKernel<TOp>(Index1D i, ArrayView<float> y, ArrayView<float> x, TOp op) where TOp : unmanaged, IUnaryOp {
        int at = 4 * i;
        if (at + 4 <= y.IntLength) {
            Float4 v = x.Cast<Float4>()[i];
            y.Cast<Float4>()[i] = Float4.Of(op.Apply(v.X), op.Apply(v.Y), op.Apply(v.Z), op.Apply(v.W));
            return;
        }
        for (; at < y.IntLength; at++) y[at] = op.Apply(x[at]);
    }

    /// <summary>Four neighbouring elements a thread, in one access; what is left one by one.</summary>
    internal static void UnarySlopeKernel<TOp>(Index1D i, ArrayView<float> dx, ArrayView<float> dy, ArrayView<float> kept, TOp op)
        where TOp : unmanaged, IUnaryOp {
        int at = 4 * i;
        if (at + 4 <= dx.IntLength) {
            Float4 slope = dy.Cast<Float4>()[i], v = kept.Cast<Float4>()[i];
            dx.Cast<Float4>()[i] = Float4.Of(slope.X * op.Slope(v.X, v.X), slope.Y * op.Slope(v.Y, v.Y),
                slope.Z * op.Slope(v.Z, v.Z), slope.W * op.Slope(v.W, v.W));
            return;
        }
        for (; at < dx.IntLength; at++) dx[at] = dy[at] * op.Slope(kept[at], kept[at]);
    }
}
