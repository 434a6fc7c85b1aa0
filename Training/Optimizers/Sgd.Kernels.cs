using ILGPU;
using ILGPU.Runtime;

namespace DenseEngine.Training;

public sealed partial class Sgd {
    private static void MoveGpu(GpuDevice gpu, Tensor p, Tensor g, Tensor v, SgdRule rule) {
        gpu.Kernel(MoveKernel, a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<float>, ArrayView<float>, ArrayView<float>, int,
            SgdRule>(
            MoveKernel))((p.Count + 3) / 4, gpu.Floats(p), gpu.Floats(g), gpu.Floats(v), p.Count, rule);
    }

    /// <summary>Four elements a thread; of the last fewer, one by one.</summary>
    internal static void MoveKernel(Index1D i, ArrayView<float> p, ArrayView<float> g, ArrayView<float> v, int count, SgdRule rule) {
        int first = i * 4;
        if (first + 4 <= count) {
            ArrayView<Float4> values = p.Cast<Float4>(), velocities = v.Cast<Float4>();
            Float4 value = values[i], gradient = g.Cast<Float4>()[i], velocity = default;
            if (rule.Momentum != 0) velocity = velocities[i];   // else its contents are undefined
            velocity.X = rule.Velocity(value.X, gradient.X, velocity.X);
            velocity.Y = rule.Velocity(value.Y, gradient.Y, velocity.Y);
            velocity.Z = rule.Velocity(value.Z, gradient.Z, velocity.Z);
            velocity.W = rule.Velocity(value.W, gradient.W, velocity.W);
            velocities[i] = velocity;
            values[i] = Float4.Affine(value, velocity, -rule.Rate);
            return;
        }
        for (int at = first; at < count; at++) {
            float old = 0;
            if (rule.Momentum != 0) old = v[at];
            float velocity = rule.Velocity(p[at], g[at], old);
            v[at] = velocity;
            p[at] -= rule.Rate * velocity;
        }
    }
}
