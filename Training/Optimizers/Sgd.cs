using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace DenseEngine.Training;

/// <summary>Stochastic gradient descent with momentum and weight decay, as PyTorch computes it: g ← g + λp; v ← μv + g (v ← g at a
/// parameter's first step); p ← p - ηv. A parameter without a gradient is left alone; one whose gradient is zero still decays.</summary>
public sealed partial class Sgd : IDisposable {
    private readonly Slot[] slots;
    private readonly float momentum, weightDecay;

    private sealed class Slot(string name, Tensor value, ParameterRule rule) {
        public string Name => name;
        public Tensor Value => value;
        public ParameterRule Rule => rule;
        public Tensor? Velocity { get; set; }
    }

    /// <summary>An optimiser of the given parameters, each named as in the state.</summary>
    /// <param name="parameters">The parameters; those that do not require a gradient never get one and stay as they are.</param>
    /// <param name="momentum">μ; zero for none.</param>
    /// <param name="weightDecay">λ, for every parameter, biases and norms included, but where a rule says otherwise.</param>
    /// <param name="rules">Exceptions by name.</param>
    public Sgd(IEnumerable<(string Name, Tensor Value)> parameters, float momentum = 0.9f, float weightDecay = 1e-4f,
        params IReadOnlyList<ParameterRule> rules) {
        slots = [.. parameters.Select(p => new Slot(p.Name, p.Value, ParameterRule.For(p.Name, rules)))];
        (this.momentum, this.weightDecay) = (momentum, weightDecay);
    }

    /// <summary>The velocities by parameter name, to be saved; those of parameters that had no gradient yet are absent.</summary>
    public IEnumerable<(string Name, Tensor Velocity)> State =>
        slots.Where(slot => slot.Velocity is not null).Select(slot => (slot.Name, slot.Velocity!));

    /// <summary>Takes a saved state in.</summary>
    /// <exception cref="CheckpointException">A velocity has no parameter, or another shape.</exception>
    public void Load(IEnumerable<(string Name, Tensor Velocity)> state) {
        Dictionary<string, Slot> byName = slots.ToDictionary(slot => slot.Name);
        foreach ((string name, Tensor velocity) in state) {
            if (!byName.TryGetValue(name, out Slot? slot))
                throw new CheckpointException($"The optimiser's state has a velocity for '{name}', which is no parameter of this network.");
            if (slot.Value.Shape != velocity.Shape)
                throw new CheckpointException(
                    $"The optimiser's velocity of '{name}' has shape {velocity.Shape}, the parameter {slot.Value.Shape}.");
            slot.Velocity?.Dispose();
            slot.Velocity = new Tensor(slot.Value.Device, velocity.Shape).Persist();
            using Tensor there = velocity.To(slot.Value.Device);
            slot.Value.Device.Copy(there, slot.Velocity);
        }
    }

    /// <summary>Moves every parameter that has a gradient.</summary>
    /// <param name="learningRate">η.</param>
    public void Step(float learningRate) {
        var moves = new List<(Slot Slot, SgdRule Rule)>();
        foreach (Slot slot in slots) {
            if (slot.Value.Grad is null) continue;
            bool first = slot.Velocity is null;
            slot.Velocity ??= new Tensor(slot.Value.Device, slot.Value.Shape).Persist();
            moves.Add((slot, new SgdRule(learningRate * slot.Rule.LearningRateFactor, first ? 0 : momentum,
                weightDecay * slot.Rule.WeightDecayFactor)));
            slot.Value.MarkChanged();
            slot.Velocity.MarkChanged();
        }
        if (moves.Count == 0) return;
        if (moves[0].Slot.Value.Device is HostDevice host) MoveHost(host, moves);
        else foreach ((Slot slot, SgdRule rule) in moves)
            MoveGpu((GpuDevice)slot.Value.Device, slot.Value, slot.Value.Grad!, slot.Velocity!, rule);
    }

    /// <summary>Forgets the gradients.</summary>
    public void ZeroGrad() {
        foreach (Slot slot in slots) {
            slot.Value.Grad?.Dispose();
            slot.Value.Grad = null;
        }
    }

    /// <summary>Frees the velocities.</summary>
    public void Dispose() {
        foreach (Slot slot in slots) slot.Velocity?.Dispose();
    }

    /// <summary>All parameters in one loop: many small ones cost no more than their bytes.</summary>
    private static unsafe void MoveHost(HostDevice host, List<(Slot Slot, SgdRule Rule)> moves) {
        var loop = new ManyLoop(moves.Select(move => move.Slot.Value.Count));
        loop.Run(host, (_, index, from, until) => {
            (Slot slot, SgdRule rule) = moves[index];
            Move(slot.Value.Pointer + from, slot.Value.Grad!.Pointer + from, slot.Velocity!.Pointer + from, until - from, rule);
        });
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static unsafe void Move(float* p, float* g, float* v, int count, SgdRule rule) {
        Vector512<float> rate = Vector512.Create(rule.Rate), momentum = Vector512.Create(rule.Momentum), decay = Vector512.Create(rule.Decay);
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
