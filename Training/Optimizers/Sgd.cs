using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace DenseEngine.Training;

/// <summary>Stochastic gradient descent with momentum and weight decay, as PyTorch computes it: g ← g + λp; v ← μv + g (v ← g at a
/// parameter's first step); p ← p - ηv. A parameter without a gradient is left alone; one whose gradient is zero still decays.</summary>
public sealed partial class Sgd : Optimizer {
    private readonly float momentum, weightDecay;

    /// <summary>An optimiser of the given parameters, each named as in the state.</summary>
    /// <param name="parameters">The parameters; those that do not require a gradient never get one and stay as they are.</param>
    /// <param name="momentum">μ; zero for none.</param>
    /// <param name="weightDecay">λ, for every parameter, biases and norms included, but where a rule says otherwise.</param>
    /// <param name="rules">Exceptions by name.</param>
    public Sgd(IEnumerable<(string Name, Tensor Value)> parameters, float momentum = 0.9f, float weightDecay = 1e-4f,
        params IReadOnlyList<ParameterRule> rules) : base(parameters, ["velocity"], rules) =>
        (this.momentum, this.weightDecay) = (momentum, weightDecay);

    private SgdRule RuleOf(Slot slot, float learningRate) => new(learningRate * slot.Rule.LearningRateFactor,
        slot.Steps == 0 ? 0 : momentum, weightDecay * slot.Rule.WeightDecayFactor);

    private protected override unsafe void Move(Slot slot, float learningRate, int from, int until) =>
        Move(slot.Value.Pointer + from, slot.Value.Grad!.Pointer + from, slot.Moment(0) + from, until - from, RuleOf(slot, learningRate));

    private protected override void Move(GpuDevice gpu, Slot slot, float learningRate) =>
        MoveGpu(gpu, slot.Value, slot.Value.Grad!, slot.Moments[0]!, RuleOf(slot, learningRate));

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static unsafe void Move(float* p, float* g, float* v, int count, SgdRule rule) {
        Vector512<float> rate = Vector512.Create(rule.Rate), momentum = Vector512.Create(rule.Momentum),
            decay = Vector512.Create(rule.Decay);
        int i = 0;
        for (; i + 16 <= count; i += 16) {
            Vector512<float> value = Vector512.Load(p + i), velocity = Vector512.Load(g + i) + decay * value;
            if (rule.Momentum != 0) velocity += momentum * Vector512.Load(v + i);
            velocity.Store(v + i);
            (value - rate * velocity).Store(p + i);
        }
        for (; i < count; i++) {
            float velocity = v[i] = rule.Velocity(p[i], g[i], rule.Momentum != 0 ? v[i] : 0);
            p[i] -= rule.Rate * velocity;
        }
    }
}
