using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace DenseEngine.Training;

/// <summary>Adam (Kingma and Ba, 2015) as PyTorch computes it: g ← g + λp; m ← β₁m + (1 - β₁)g; v ← β₂v + (1 - β₂)g²;
/// p ← p - η / (1 - β₁ᵗ) · m / (√v / √(1 - β₂ᵗ) + ε), from m = v = 0, with t the parameter's own count of steps.</summary>
public sealed partial class Adam : Optimizer {
    private readonly double beta1, beta2;
    private readonly float weightDecay, least;

    /// <summary>An optimiser of the given parameters, each named as in the state.</summary>
    /// <param name="parameters">The parameters; those that do not require a gradient never get one and stay as they are.</param>
    /// <param name="beta1">β₁, at least 0, below 1.</param>
    /// <param name="beta2">β₂, likewise.</param>
    /// <param name="least">ε.</param>
    /// <param name="weightDecay">λ, for every parameter but where a rule says otherwise.</param>
    /// <param name="rules">Exceptions by name.</param>
    public Adam(IEnumerable<(string Name, Tensor Value)> parameters, double beta1 = 0.9, double beta2 = 0.999, float least = 1e-8f,
        float weightDecay = 0, params IReadOnlyList<ParameterRule> rules) : base(parameters, ["mean", "square"], rules) =>
        (this.beta1, this.beta2, this.least, this.weightDecay) = (beta1, beta2, least, weightDecay);

    private protected override bool CountsSteps => true;

    private AdamRule RuleOf(Slot slot, float learningRate) {
        int step = slot.Steps + 1;
        return new AdamRule((float)(learningRate * slot.Rule.LearningRateFactor / (1 - Power(beta1, step))),
            weightDecay * slot.Rule.WeightDecayFactor, (float)beta1, (float)(1 - beta1), (float)beta2, (float)(1 - beta2),
            (float)Math.Sqrt(1 - Power(beta2, step)), least, step == 1 ? 1 : 0);
    }

    /// <summary>By squaring: the same bits everywhere.</summary>
    private static double Power(double x, int exponent) {
        double result = 1;
        for (; exponent > 0; exponent >>= 1, x *= x)
            if ((exponent & 1) != 0) result *= x;
        return result;
    }

    private protected override unsafe void Move(Slot slot, float learningRate, int from, int until) => Move(slot.Value.Pointer + from,
        slot.Value.Grad!.Pointer + from, slot.Moment(0) + from, slot.Moment(1) + from, until - from, RuleOf(slot, learningRate));

    private protected override void Move(GpuDevice gpu, Slot slot, float learningRate) =>
        MoveGpu(gpu, slot.Value, slot.Value.Grad!, slot.Moments[0]!, slot.Moments[1]!, RuleOf(slot, learningRate));

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static unsafe void Move(float* p, float* g, float* m, float* v, int count, AdamRule rule) {
        if (rule.First != 0) {
            new Span<float>(m, count).Clear();
            new Span<float>(v, count).Clear();
        }
        Vector512<float> old = Vector512.Create(rule.Beta1), oldSquare = Vector512.Create(rule.Beta2),
            root = Vector512.Create(rule.Root), least = Vector512.Create(rule.Least);
        int i = 0;
        for (; i + 16 <= count; i += 16) {
            Vector512<float> value = Vector512.Load(p + i), slope = Vector512.Load(g + i) + rule.Decay * value;
            Vector512<float> mean = old * Vector512.Load(m + i) + rule.New1 * slope;
            Vector512<float> square = oldSquare * Vector512.Load(v + i) + rule.New2 * slope * slope;
            mean.Store(m + i);
            square.Store(v + i);
            (value - rule.Rate * (mean / (Vector512.Sqrt(square) / root + least))).Store(p + i);
        }
        for (; i < count; i++) p[i] -= rule.Move(p[i], g[i], ref m[i], ref v[i]);
    }
}
