namespace DenseEngine.Training;

/// <summary>Moves parameters along their gradients, with state of its own for each: moments of their shape. A parameter without a gradient
/// is left alone; one whose gradient is zero is not.</summary>
public abstract class Optimizer : IDisposable {
    private readonly Slot[] slots;
    private readonly string[] moments;

    /// <summary>An optimiser of the given parameters, each named as in the state.</summary>
    /// <param name="parameters">The parameters; those that do not require a gradient never get one and stay as they are.</param>
    /// <param name="moments">What it keeps for each, by name.</param>
    /// <param name="rules">Exceptions by name.</param>
    private protected Optimizer(IEnumerable<(string Name, Tensor Value)> parameters, string[] moments, IReadOnlyList<ParameterRule> rules) {
        slots = [.. parameters.Select(p => new Slot(p.Name, p.Value, ParameterRule.For(p.Name, rules), moments.Length))];
        this.moments = moments;
    }

    /// <summary>A parameter and what is kept for it.</summary>
    private protected sealed class Slot(string name, Tensor value, ParameterRule rule, int moments) {
        public string Name => name;
        public Tensor Value => value;
        public ParameterRule Rule => rule;
        public Tensor?[] Moments { get; } = new Tensor?[moments];

        /// <summary>Steps that it took so far. Before the first, the moments' contents are undefined.</summary>
        public int Steps { get; set; }

        public unsafe float* Moment(int which) => Moments[which]!.Pointer;
    }

    /// <summary>Whether a step depends on how many there were, so that the numbers belong to the state.</summary>
    private protected virtual bool CountsSteps => false;

    /// <summary>The moments by <c>moment.parameter</c>, to be saved; those of parameters that had no gradient yet are absent.</summary>
    public IEnumerable<(string Name, Tensor Value)> State {
        get {
            foreach (Slot slot in slots.Where(slot => slot.Steps > 0)) {
                for (int i = 0; i < moments.Length; i++) yield return ($"{moments[i]}.{slot.Name}", slot.Moments[i]!);
                if (CountsSteps) yield return ($"steps.{slot.Name}", Tensor.From([slot.Steps], [1]));
            }
        }
    }

    /// <summary>Takes a saved state in.</summary>
    /// <exception cref="CheckpointException">A moment is none of this optimiser's, has no parameter, or another shape; or some are
    /// missing.</exception>
    public void Load(IEnumerable<(string Name, Tensor Value)> state) {
        Dictionary<string, Slot> byName = slots.ToDictionary(slot => slot.Name);
        foreach ((string name, Tensor value) in state) {
            int dot = name.IndexOf('.', StringComparison.Ordinal), which = dot < 0 ? -1 : Array.IndexOf(moments, name[..dot]);
            bool counts = CountsSteps && name.StartsWith("steps.", StringComparison.Ordinal);
            if ((which < 0 && !counts) || !byName.TryGetValue(name[(dot + 1)..], out Slot? slot))
                throw new CheckpointException($"The optimiser's state has '{name}', which {GetType().Name} does not keep of this network.");
            if (counts) {
                if (value is not { DType: DType.Int32, Count: 1 } || value.ToIntArray()[0] < 1)
                    throw new CheckpointException($"The optimiser's '{name}' must be a number of steps.");
                slot.Steps = value.ToIntArray()[0];
                continue;
            }
            if (slot.Value.Shape != value.Shape)
                throw new CheckpointException($"The optimiser's '{name}' has shape {value.Shape}, the parameter {slot.Value.Shape}.");
            slot.Moments[which]?.Dispose();
            slot.Moments[which] = new Tensor(slot.Value.Device, value.Shape).Persist();
            using Tensor there = value.To(slot.Value.Device);
            slot.Value.Device.Copy(there, slot.Moments[which]!);
            if (!CountsSteps) slot.Steps = 1;
        }
        if (slots.FirstOrDefault(slot => slot.Moments.Any(moment => (moment is null) != (slot.Steps == 0))) is { } half)
            throw new CheckpointException($"The optimiser's state of '{half.Name}' is not complete.");
    }

    /// <summary>Moves every parameter that has a gradient.</summary>
    /// <param name="learningRate">How far; rules change it.</param>
    public void Step(float learningRate) {
        Slot[] moving = [.. slots.Where(slot => slot.Value.Grad is not null)];
        if (moving.Length == 0) return;
        foreach (Slot slot in moving) {
            slot.Value.MarkChanged();
            for (int i = 0; i < moments.Length; i++) {
                slot.Moments[i] ??= new Tensor(slot.Value.Device, slot.Value.Shape).Persist();
                slot.Moments[i]!.MarkChanged();
            }
        }
        if (moving[0].Value.Device is HostDevice host) {   // all in one loop: many small ones cost no more than their bytes
            var loop = new ManyLoop(moving.Select(slot => slot.Value.Count));
            loop.Run(host, (_, index, from, until) => Move(moving[index], learningRate, from, until));
        } else {
            foreach (Slot slot in moving) Move((GpuDevice)slot.Value.Device, slot, learningRate);
        }
        foreach (Slot slot in moving) slot.Steps++;
    }

    /// <summary>Moves some elements of a parameter.</summary>
    private protected abstract void Move(Slot slot, float learningRate, int from, int until);

    /// <summary>Moves a parameter on its device.</summary>
    private protected abstract void Move(GpuDevice gpu, Slot slot, float learningRate);

    /// <summary>Forgets the gradients.</summary>
    public void ZeroGrad() {
        foreach (Slot slot in slots) {
            slot.Value.Grad?.Dispose();
            slot.Value.Grad = null;
        }
    }

    /// <summary>Frees the moments.</summary>
    public void Dispose() {
        foreach (Slot slot in slots)
            foreach (Tensor? moment in slot.Moments) moment?.Dispose();
        GC.SuppressFinalize(this);
    }
}
