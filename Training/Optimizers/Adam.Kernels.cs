using ILGPU;
using ILGPU.Runtime;

namespace DenseEngine.Training;

public sealed partial class Adam {
    private static void MoveGpu(GpuDevice gpu, Tensor p, Tensor g, Tensor m, Tensor v, AdamRule rule) {
        gpu.Kernel(AdamKernel, a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<float>, ArrayView<float>, ArrayView<float>,
            ArrayView<float>, int, AdamRule>(AdamKernel))
            ((p.Count + 3) / 4, gpu.Floats(p), gpu.Floats(g), gpu.Floats(m), gpu.Floats(v), p.Count, rule);
    }

    /// <summary>Four elements a thread; of the last fewer, one by one.</summary>
    internal static void AdamKernel(Index1D i, ArrayView<float> p, ArrayView<float> g, ArrayView<float> m, ArrayView<float> v, int count,
        AdamRule rule) {
        int first = i * 4;
        if (first + 4 <= count) {
            ArrayView<Float4> values = p.Cast<Float4>(), means = m.Cast<Float4>(), squares = v.Cast<Float4>();
            Float4 value = values[i], gradient = g.Cast<Float4>()[i], mean = default, square = default;
            if (rule.First == 0) {   // else their contents are undefined
                mean = means[i];
                square = squares[i];
            }
            value.X -= rule.Move(value.X, gradient.X, ref mean.X, ref square.X);
            value.Y -= rule.Move(value.Y, gradient.Y, ref mean.Y, ref square.Y);
            value.Z -= rule.Move(value.Z, gradient.Z, ref mean.Z, ref square.Z);
            value.W -= rule.Move(value.W, gradient.W, ref mean.W, ref square.W);
            means[i] = mean;
            squares[i] = square;
            values[i] = value;
            return;
        }
        for (int at = first; at < count; at++) {
            float mean = 0, square = 0;
            if (rule.First == 0) {
                mean = m[at];
                square = v[at];
            }
            p[at] -= rule.Move(p[at], g[at], ref mean, ref square);
            m[at] = mean;
            v[at] = square;
        }
    }
}
