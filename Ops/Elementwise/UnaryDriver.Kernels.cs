using ILGPU;
using ILGPU.Runtime;

namespace DenseEngine.Ops;

public static partial class Op {
    private static void UnaryGpu<TOp>(GpuDevice gpu, Tensor y, Tensor x, TOp op) where TOp : unmanaged, IUnaryOp {
        if (x.Count == 0) return;
        gpu.Kernel(UnaryKernel<TOp>, a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<float>, ArrayView<float>, TOp>(UnaryKernel))
            (Pairs(x.Count), gpu.Floats(y), gpu.Floats(x), op);
    }

    private static void UnarySlopeGpu<TOp>(GpuDevice gpu, Tensor dx, Tensor dy, Tensor kept, TOp op) where TOp : unmanaged, IUnaryOp {
        if (dx.Count == 0) return;
        gpu.Kernel(UnarySlopeKernel<TOp>,
            a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<float>, ArrayView<float>, ArrayView<float>, TOp>(UnarySlopeKernel))
            (Pairs(dx.Count), gpu.Floats(dx), gpu.Floats(dy), gpu.Floats(kept), op);
    }

    /// <summary>The threads that take <paramref name="count"/> elements four at a time; the last takes what is left.</summary>
    private static int Fours(int count) => (int)(((uint)count + 3) >> 2);

    /// <summary>The threads that take them eight at a time: four, and four half the tensor away, so that two loads are on their
    /// way.</summary>
    private static int Pairs(int count) => (Fours(count) + 1) >> 1;

    /// <summary>Two times four neighbouring elements a thread, each in one access; what is left one by one.</summary>
    internal static void UnaryKernel<TOp>(Index1D i, ArrayView<float> y, ArrayView<float> x, TOp op) where TOp : unmanaged, IUnaryOp {
        int second = i + Pairs(y.IntLength);
        ArrayView<Float4> x4 = x.Cast<Float4>(), y4 = y.Cast<Float4>();
        if (second < y.IntLength >> 2) {
            Float4 a = x4[i], b = x4[second];
            y4[i] = Applied(a, op);
            y4[second] = Applied(b, op);
            return;
        }
        if (i < y.IntLength >> 2) y4[i] = Applied(x4[i], op);
        else for (int at = 4 * i; at < y.IntLength; at++) y[at] = op.Apply(x[at]);
        for (int at = 4 * second; at < y.IntLength; at++) y[at] = op.Apply(x[at]);
    }

    /// <summary>Two times four neighbouring elements a thread, each in one access; what is left one by one.</summary>
    internal static void UnarySlopeKernel<TOp>(Index1D i, ArrayView<float> dx, ArrayView<float> dy, ArrayView<float> kept, TOp op)
        where TOp : unmanaged, IUnaryOp {
        int second = i + Pairs(dx.IntLength);
        ArrayView<Float4> dx4 = dx.Cast<Float4>(), dy4 = dy.Cast<Float4>(), kept4 = kept.Cast<Float4>();
        if (second < dx.IntLength >> 2) {
            Float4 a = dy4[i], b = dy4[second], c = kept4[i], d = kept4[second];
            dx4[i] = Sloped(a, c, op);
            dx4[second] = Sloped(b, d, op);
            return;
        }
        if (i < dx.IntLength >> 2) dx4[i] = Sloped(dy4[i], kept4[i], op);
        else for (int at = 4 * i; at < dx.IntLength; at++) dx[at] = dy[at] * op.Slope(kept[at], kept[at]);
        for (int at = 4 * second; at < dx.IntLength; at++) dx[at] = dy[at] * op.Slope(kept[at], kept[at]);
    }

    private static Float4 Applied<TOp>(Float4 v, TOp op) where TOp : unmanaged, IUnaryOp =>
        Float4.Of(op.Apply(v.X), op.Apply(v.Y), op.Apply(v.Z), op.Apply(v.W));

    private static Float4 Sloped<TOp>(Float4 slope, Float4 v, TOp op) where TOp : unmanaged, IUnaryOp => Float4.Of(
        slope.X * op.Slope(v.X, v.X), slope.Y * op.Slope(v.Y, v.Y), slope.Z * op.Slope(v.Z, v.Z), slope.W * op.Slope(v.W, v.W));
}
