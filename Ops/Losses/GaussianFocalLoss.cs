using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using V = System.Runtime.Intrinsics.Vector512<float>;

namespace DenseEngine.Ops;

public static partial class Op {
    /// <summary>The reduced-penalty focal loss of heat maps: a peak (a target of exactly 1) costs -(1 - p)ᵅ·ln(p + 1e-12), every other
    /// place -(1 - t)ᵞ·pᵅ·ln(1 - p + 1e-12); with γ = 0 peaks cost both. The factors' gradients count too; only pred has one. H. Law and
    /// J. Deng, CornerNet (2018), equation 1.</summary>
    /// <param name="pred">Probabilities p, any shape.</param>
    /// <param name="target">t, float32 of that shape, from 0 to 1.</param>
    /// <param name="alpha">The focusing exponent α, at least 0.</param>
    /// <param name="gamma">γ: how much places near a peak are spared, at least 0.</param>
    /// <returns>The places' losses, of that shape.</returns>
    /// <exception cref="ShapeException">The shapes do not fit, or an exponent is negative.</exception>
    public static Tensor GaussianFocalLoss(Tensor pred, Tensor target, float alpha = 2, float gamma = 4) {
        const string name = "GaussianFocalLoss";
        Check.Type(name, "pred", pred, DType.Float32);
        Check.Type(name, "target", target, DType.Float32);
        Check.Shape(name, "target", target, pred.Shape);
        Check.SameDevice(name, pred, target);
        Check.That(alpha >= 0, $"{name}: alpha is {alpha}; at least 0 is needed.");
        Check.That(gamma >= 0, $"{name}: gamma is {gamma}; at least 0 is needed.");
        var loss = new Tensor(pred.Device, pred.Shape);
        using Tensor? slope = Tape.Wants(pred) ? new Tensor(pred.Device, pred.Shape) : null;
        var formula = new GaussianFocalFormula(alpha, gamma);
        Run(pred.Device, host => GaussianFocalHost(host, loss, slope, pred, target, formula),
            gpu => GaussianFocalGpu(gpu, loss, slope, pred, target, formula));
        return slope is null ? loss : Tape.Record(loss, [pred], [slope], (dy, saved) => [Mul(dy, saved[0])]);
    }

    private static unsafe void GaussianFocalHost(HostDevice host, Tensor loss, Tensor? slope, Tensor pred, Tensor target,
        GaussianFocalFormula formula) {
        float* y = loss.Pointer, dx = slope is null ? null : slope.Pointer, x = pred.Pointer, t = target.Pointer;
        host.Workers.ForRange(pred.Count, ElementwiseGrain,
            (start, end) => GaussianFocalRange(y, dx, x, t, start, end, formula));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static unsafe void GaussianFocalRange(float* y, float* dx, float* x, float* t, int start, int end,
        GaussianFocalFormula formula) {
        int i = start;
        for (; i + V.Count <= end; i += V.Count) {
            formula.At(Vector512.Load(x + i), Vector512.Load(t + i), out V cost, out V steep);
            cost.Store(y + i);
            if (dx != null) steep.Store(dx + i);
        }
        for (; i < end; i++) {
            float steep = 0;
            y[i] = formula.At(x[i], t[i], ref steep);
            if (dx != null) dx[i] = steep;
        }
    }

    /// <summary>A place's cost and slope, one or sixteen at a time. Whether a peak or not, it is w·-(1 - q)ᵅ·ln(q + 1e-12) of the
    /// probability q of what the place is.</summary>
    internal readonly struct GaussianFocalFormula(float alpha, float gamma) {
        private const float Least = 1e-12f;

        private readonly float alpha = alpha, gamma = gamma;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void At(V p, V t, out V cost, out V slope) {
            V peak = Vector512.Equals(t, V.One), no = V.One - p, away = V.One - t, weight = Power(away, gamma);
            weight = Vector512.ConditionalSelect(peak, V.One, weight);
            cost = weight * Cost(Vector512.ConditionalSelect(peak, p, no), Vector512.ConditionalSelect(peak, no, p), out V steep);
            steep *= weight;
            slope = Vector512.ConditionalSelect(peak, steep, -steep);
            if (gamma != 0) return;
            cost += peak & Cost(no, p, out steep);
            slope -= peak & steep;
        }

        public float At(float p, float t, ref float slope) {
            float no = 1 - p, weight = 1, steep = 0, q = p, other = no;
            bool peak = t == 1;
            if (!peak) {
                weight = Power(1 - t, gamma);
                q = no;
                other = p;
            }
            float cost = weight * Cost(q, other, ref steep);
            steep *= weight;
            slope = peak ? steep : -steep;
            if (gamma != 0 || !peak) return cost;
            cost += Cost(no, p, ref steep);
            slope -= steep;
            return cost;
        }

        /// <summary>-(other)ᵅ·ln(q + 1e-12) and its derivative by q, which other loses what q gains.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private V Cost(V q, V other, out V slope) {
            V sum = q + Vector512.Create(Least), log = Elementary.Log(sum), power = Power(other, alpha);
            V less = alpha == 0 ? V.Zero : Power(other, alpha - 1);
            slope = alpha * less * log - power / sum;
            return -log * power;
        }

        private float Cost(float q, float other, ref float slope) {
            float sum = q + Least, log = Elementary.Log(sum), power = Power(other, alpha), less = 0;
            if (alpha != 0) less = Power(other, alpha - 1);
            slope = alpha * less * log - power / sum;
            return -log * power;
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static V Power(V x, float exponent) {
            if (exponent == 0) return V.One;
            if (exponent == 1) return x;
            V square = x * x;
            return exponent == 2 ? square : exponent == 4 ? square * square : Elementary.Exp(Elementary.Log(x) * exponent);
        }

        private static float Power(float x, float exponent) {
            if (exponent == 0) return 1;
            if (exponent == 1) return x;
            float square = x * x;
            if (exponent == 2) return square;
            if (exponent == 4) return square * square;
            return Elementary.Exp(Elementary.Log(x) * exponent);
        }
    }
}
