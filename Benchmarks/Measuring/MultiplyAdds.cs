using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace DenseEngine.Benchmarks;

/// <summary>Multiply-adds and nothing else, in the widest vectors: twelve sums in registers hide the latency of two units.</summary>
internal static class MultiplyAdds {
    private const int Sums = 12;
    private const float Factor = 0.999f, Term = 0.001f;

    /// <summary>Operations in a step, a multiply-add being two.</summary>
    public static double OperationsAStep =>
        2.0 * Sums * (Vector512.IsHardwareAccelerated ? Vector512<float>.Count : Vector256<float>.Count);

    /// <summary>Runs so many steps on this thread.</summary>
    public static float Run(long steps) => Vector512.IsHardwareAccelerated ? Wide(steps) : Narrow(steps);

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static float Wide(long steps) {
        Vector512<float> f = Vector512.Create(Factor), t = Vector512.Create(Term);
        Vector512<float> a = f, b = f, c = f, d = f, e = f, g = f, h = t, i = t, j = t, k = t, l = t, m = t;
        for (long step = 0; step < steps; step++) {
            a = Vector512.MultiplyAddEstimate(a, f, t);
            b = Vector512.MultiplyAddEstimate(b, f, t);
            c = Vector512.MultiplyAddEstimate(c, f, t);
            d = Vector512.MultiplyAddEstimate(d, f, t);
            e = Vector512.MultiplyAddEstimate(e, f, t);
            g = Vector512.MultiplyAddEstimate(g, f, t);
            h = Vector512.MultiplyAddEstimate(h, f, t);
            i = Vector512.MultiplyAddEstimate(i, f, t);
            j = Vector512.MultiplyAddEstimate(j, f, t);
            k = Vector512.MultiplyAddEstimate(k, f, t);
            l = Vector512.MultiplyAddEstimate(l, f, t);
            m = Vector512.MultiplyAddEstimate(m, f, t);
        }
        return Vector512.Sum(a + b + c + d + e + g + h + i + j + k + l + m);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static float Narrow(long steps) {
        Vector256<float> f = Vector256.Create(Factor), t = Vector256.Create(Term);
        Vector256<float> a = f, b = f, c = f, d = f, e = f, g = f, h = t, i = t, j = t, k = t, l = t, m = t;
        for (long step = 0; step < steps; step++) {
            a = Vector256.MultiplyAddEstimate(a, f, t);
            b = Vector256.MultiplyAddEstimate(b, f, t);
            c = Vector256.MultiplyAddEstimate(c, f, t);
            d = Vector256.MultiplyAddEstimate(d, f, t);
            e = Vector256.MultiplyAddEstimate(e, f, t);
            g = Vector256.MultiplyAddEstimate(g, f, t);
            h = Vector256.MultiplyAddEstimate(h, f, t);
            i = Vector256.MultiplyAddEstimate(i, f, t);
            j = Vector256.MultiplyAddEstimate(j, f, t);
            k = Vector256.MultiplyAddEstimate(k, f, t);
            l = Vector256.MultiplyAddEstimate(l, f, t);
            m = Vector256.MultiplyAddEstimate(m, f, t);
        }
        return Vector256.Sum(a + b + c + d + e + g + h + i + j + k + l + m);
    }
}
