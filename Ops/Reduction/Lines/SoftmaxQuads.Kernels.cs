using ILGPU;
using ILGPU.Runtime;

namespace DenseEngine.Ops;

public static partial class Op {
    private static void SoftmaxQuadsGpu<TWarp>(GpuDevice gpu, Tensor y, Tensor x, LineQuads lines, int log) where TWarp : struct, IWarp =>
        gpu.Kernel(SoftmaxQuadsKernel<TWarp>, a => a.LoadStreamKernel<ArrayView<Float4>, ArrayView<Float4>, LineQuads,
            int>(SoftmaxQuadsKernel<TWarp>))
            ((lines.Groups, LineQuads.Threads), gpu.Floats(y).Cast<Float4>(), gpu.Floats(x).Cast<Float4>(), lines, log);

    private static void SoftmaxGradientQuadsGpu<TWarp>(GpuDevice gpu, Tensor dx, Tensor y, Tensor dy, LineQuads lines, int log)
        where TWarp : struct, IWarp =>
        gpu.Kernel(SoftmaxGradientQuadsKernel<TWarp>, a => a.LoadStreamKernel<ArrayView<Float4>, ArrayView<Float4>, ArrayView<Float4>,
            LineQuads, int>(SoftmaxGradientQuadsKernel<TWarp>))
            ((lines.Groups, LineQuads.Threads), gpu.Floats(dx).Cast<Float4>(), gpu.Floats(y).Cast<Float4>(), gpu.Floats(dy).Cast<Float4>(),
            lines, log);

    /// <summary>The softmax of lines, or its logarithm where <paramref name="log"/> is not 0; what a thread lacks is -∞, which adds
    /// nothing.</summary>
    internal static void SoftmaxQuadsKernel<TWarp>(ArrayView<Float4> y, ArrayView<Float4> x, LineQuads lines, int log)
        where TWarp : struct, IWarp {
        ArrayView<float> joined = SharedMemory.Allocate<float>(LineQuads.Threads);
        int thread = Group.IdxX, at = lines.First(Grid.IdxX, thread), left = lines.Left(Grid.IdxX, thread), apart = lines.PerLine;
        Float4 a = Float4.Splat(float.NegativeInfinity), b = a, c = a, d = a;
        if (left > 0) a = x[at];
        if (left > apart) b = x[at + apart];
        if (left > 2 * apart) c = x[at + 2 * apart];
        if (left > 3 * apart) d = x[at + 3 * apart];
        float max = GroupJoin.Max<TWarp>(joined, thread, apart, MathF.Max(MathF.Max(Largest(a), Largest(b)),
            MathF.Max(Largest(c), Largest(d))));
        float sum = Powers(ref a, max, log) + Powers(ref b, max, log) + (Powers(ref c, max, log) + Powers(ref d, max, log));
        sum = GroupJoin.Sum<TWarp>(joined, thread, apart, sum);
        float last = OnlineSum.Last(max, sum, log);
        if (left > 0) y[at] = Ended(a, last, log);
        if (left > apart) y[at + apart] = Ended(b, last, log);
        if (left > 2 * apart) y[at + 2 * apart] = Ended(c, last, log);
        if (left > 3 * apart) y[at + 3 * apart] = Ended(d, last, log);
    }

    /// <summary>The gradient by the softmax's input, or by its logarithm's.</summary>
    internal static void SoftmaxGradientQuadsKernel<TWarp>(ArrayView<Float4> dx, ArrayView<Float4> y, ArrayView<Float4> dy, LineQuads lines,
        int log) where TWarp : struct, IWarp {
        ArrayView<float> joined = SharedMemory.Allocate<float>(LineQuads.Threads);
        int thread = Group.IdxX, at = lines.First(Grid.IdxX, thread), left = lines.Left(Grid.IdxX, thread), apart = lines.PerLine;
        Float4 a = default, b = a, c = a, d = a, e = a, f = a, g = a, h = a;
        if (left > 0) {
            a = y[at];
            e = dy[at];
        }
        if (left > apart) {
            b = y[at + apart];
            f = dy[at + apart];
        }
        if (left > 2 * apart) {
            c = y[at + 2 * apart];
            g = dy[at + 2 * apart];
        }
        if (left > 3 * apart) {
            d = y[at + 3 * apart];
            h = dy[at + 3 * apart];
        }
        Float4 sums = default;
        AddSoftmaxTerms(ref sums, a, e, log);
        AddSoftmaxTerms(ref sums, b, f, log);
        AddSoftmaxTerms(ref sums, c, g, log);
        AddSoftmaxTerms(ref sums, d, h, log);
        sums = Float4.Splat(GroupJoin.Sum<TWarp>(joined, thread, apart, sums.X + sums.Y + (sums.Z + sums.W)));
        if (left > 0) dx[at] = SoftmaxSlopes(a, e, sums, log);
        if (left > apart) dx[at + apart] = SoftmaxSlopes(b, f, sums, log);
        if (left > 2 * apart) dx[at + 2 * apart] = SoftmaxSlopes(c, g, sums, log);
        if (left > 3 * apart) dx[at + 3 * apart] = SoftmaxSlopes(d, h, sums, log);
    }

    private static float Largest(Float4 v) => MathF.Max(MathF.Max(v.X, v.Y), MathF.Max(v.Z, v.W));

    /// <summary>Turns values into their distances from the largest, or these into powers of e; gives the sum of the powers.</summary>
    private static float Powers(ref Float4 v, float max, int log) {
        v = Float4.Difference(v, Float4.Splat(max));
        Float4 e = Float4.Of(Elementary.Exp(v.X), Elementary.Exp(v.Y), Elementary.Exp(v.Z), Elementary.Exp(v.W));
        if (log == 0) v = e;
        return e.X + e.Y + (e.Z + e.W);
    }

    private static Float4 Ended(Float4 v, float last, int log) {
        if (log != 0) return Float4.Difference(v, Float4.Splat(last));
        return Float4.Affine(default, v, last);
    }
}
