using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using V = System.Runtime.Intrinsics.Vector512<float>;

namespace DenseEngine.Ops;

public static partial class Op {
    /// <summary>Binary cross entropy of σ(x) with targets t: l = w·((1 - t)·ln(1 + eˣ) + q·t·ln(1 + e⁻ˣ)). Gradient: w·((1 - t)·σ(x) -
    /// q·t·σ(-x)); only x has one.</summary>
    /// <param name="x">Logits, any shape.</param>
    /// <param name="target">t, float32 of x's shape, from 0 to 1.</param>
    /// <param name="weight">w, of a shape that broadcasts to x's; null: 1.</param>
    /// <param name="posWeight">q, of x's last axes (a vector of classes, say) or a single value; null: 1.</param>
    /// <param name="reduction">The mean divides by the number of elements, weights or not.</param>
    /// <param name="skipNegative">Whether elements whose target is below 0 cost nothing.</param>
    /// <returns>The elements' losses in x's shape, or a scalar.</returns>
    /// <exception cref="ShapeException">The shapes do not fit.</exception>
    public static Tensor BinaryCrossEntropyWithLogits(Tensor x, Tensor target, Tensor? weight = null, Tensor? posWeight = null,
        Reduction reduction = Reduction.Mean, bool skipNegative = false) {
        const string name = "BinaryCrossEntropyWithLogits";
        Check.Type(name, "x", x, DType.Float32);
        Check.Type(name, "target", target, DType.Float32);
        Check.Shape(name, "target", target, x.Shape);
        Check.SameDevice(name, x, target, weight, posWeight);
        if (posWeight is not null) {
            int rank = posWeight.Shape.Rank, outer = x.Shape.Rank - rank;
            Check.That(posWeight.Count == 1
                || (outer >= 0 && posWeight.Shape == new Shape(x.Shape.ToArray().AsSpan()[Math.Max(0, outer)..])),
                $"{name}: posWeight needs x's last axes or a single value; it has shape {posWeight.Shape} and x {x.Shape}.");
        }
        bool wanted = Tape.Wants(x);
        var loss = new Tensor(x.Device, x.Shape);
        using Tensor? slope = wanted ? new Tensor(x.Device, x.Shape) : null;
        Run(x.Device, host => BinaryCrossEntropyHost(host, loss, slope, x, target, posWeight, skipNegative),
            gpu => BinaryCrossEntropyGpu(gpu, loss, slope, x, target, posWeight, skipNegative));
        Tensor y = slope is null ? loss : Tape.Record(loss, [x], [slope], (dy, saved) => [Mul(dy, saved[0])]);
        if (weight is not null) {
            y = Mul(y, weight);
            Check.Shape(name, "the loss, once weighted,", y, x.Shape);
        }
        return reduction switch { Reduction.None => y, Reduction.Sum => Sum(y), _ => Mean(y) };
    }

    private static unsafe void BinaryCrossEntropyHost(HostDevice host, Tensor loss, Tensor? slope, Tensor x, Tensor target,
        Tensor? posWeight, bool skipNegative) {
        float* y = loss.Pointer, dx = slope is null ? null : slope.Pointer, from = x.Pointer, t = target.Pointer;
        float* q = posWeight is null ? null : posWeight.Pointer;
        int period = posWeight is null ? 1 : posWeight.Count;
        host.Workers.ForRange(x.Count, ElementwiseGrain, (first, end) => {
            float* tail = stackalloc float[4 * V.Count], weights = stackalloc float[V.Count];
            new Span<float>(weights, V.Count).Fill(1);
            for (int i = first; i < end; i += V.Count) {
                int count = Math.Min(V.Count, end - i);
                for (int lane = 0; q != null && lane < V.Count; lane++) weights[lane] = q[(i + lane) % period];
                if (count == V.Count) {
                    BinaryCrossEntropyLanes(y + i, dx == null ? null : dx + i, from + i, t + i, weights, skipNegative);
                    continue;
                }
                new Span<float>(tail, 4 * V.Count).Clear();
                new Span<float>(from + i, count).CopyTo(new Span<float>(tail, count));
                new Span<float>(t + i, count).CopyTo(new Span<float>(tail + V.Count, count));
                BinaryCrossEntropyLanes(tail + 2 * V.Count, tail + 3 * V.Count, tail, tail + V.Count, weights, skipNegative);
                new Span<float>(tail + 2 * V.Count, count).CopyTo(new Span<float>(y + i, count));
                if (dx != null) new Span<float>(tail + 3 * V.Count, count).CopyTo(new Span<float>(dx + i, count));
            }
        });
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static unsafe void BinaryCrossEntropyLanes(float* y, float* dx, float* x, float* target, float* posWeight,
        bool skipNegative) {
        var at = new Logistic(Vector512.Load(x));
        V t = Vector512.Load(target), no = V.One - t, yes = Vector512.Load(posWeight) * t;
        V skipped = skipNegative ? Vector512.LessThan(t, V.Zero) : V.Zero;
        Vector512.AndNot(no * at.CostOfNo + yes * at.CostOfYes, skipped).Store(y);
        if (dx != null) Vector512.AndNot(no * at.Yes - yes * at.No, skipped).Store(dx);
    }
}
