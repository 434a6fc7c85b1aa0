namespace DenseEngine.Models;

/// <summary>A part of a network with state. It lists its parameters, buffers and children itself, in the order and by the names of
/// mmdetection's modules, so that the state dictionaries are the same.</summary>
public abstract class Module : IDisposable {
    /// <summary>This module's own parameters, in order.</summary>
    protected virtual IEnumerable<(string Name, Parameter Parameter)> OwnParameters => [];

    /// <summary>This module's own buffers (state that no gradient changes), in order; they stand behind its parameters.</summary>
    protected virtual IEnumerable<(string Name, StateBuffer Buffer)> OwnBuffers => [];

    /// <summary>The modules inside, in order; their state stands behind this module's own.</summary>
    public virtual IEnumerable<(string Name, Module Module)> Children => [];

    /// <summary>Whether the module is in training mode: norms that are not frozen use the batch's statistics.</summary>
    public bool IsTraining { get; private set; }

    /// <summary>Sets the mode of this module and all inside. Modules with frozen parts keep those in evaluation mode.</summary>
    public virtual void Train(bool training = true) {
        IsTraining = training;
        foreach ((_, Module child) in Children) child.Train(training);
    }

    /// <summary>Fills the parameters anew, as mmdetection initialises the module for training from scratch.</summary>
    public virtual void Initialize(Philox random) {
        foreach ((_, Module child) in Children) child.Initialize(random);
    }

    /// <summary>All parameters by their state names.</summary>
    public IEnumerable<(string Name, Parameter Parameter)> Parameters() =>
        from entry in State() where entry.Value is Parameter select (entry.Name, (Parameter)entry.Value);

    /// <summary>All modules of a kind, this one and those inside, in state order.</summary>
    public IEnumerable<T> Modules<T>() where T : Module {
        if (this is T mine) yield return mine;
        foreach ((_, Module child) in Children)
            foreach (T module in child.Modules<T>()) yield return module;
    }

    /// <summary>All parameters and buffers in state order.</summary>
    public IEnumerable<(string Name, StateTensor Value)> State() => State("");

    /// <summary>A copy of the state with PyTorch's names, order and layouts, for <see cref="SafeTensorsWriter"/>.</summary>
    public IReadOnlyList<(string Name, Tensor Tensor)> StateDict() => [.. State().Select(entry => (entry.Name, entry.Value.ToTorch()))];

    /// <summary>Stops training of all parameters inside.</summary>
    public void Freeze() {
        foreach ((_, Parameter parameter) in Parameters()) parameter.Trains = false;
    }

    /// <summary>Where the state lives.</summary>
    public Device Device => State().First().Value.Value.Device;

    /// <summary>Moves all state to a device; gradients are dropped.</summary>
    public virtual void To(Device device) {
        foreach ((_, StateTensor value) in State()) value.Move(device);
    }

    /// <summary>Frees all state.</summary>
    public void Dispose() {
        if (MayFree()) Free();
        GC.SuppressFinalize(this);
    }

    /// <summary>Whether the state may be freed now; else it is freed later by who still uses it.</summary>
    private protected virtual bool MayFree() => true;

    /// <summary>Frees all state.</summary>
    private protected virtual void Free() {
        foreach ((_, StateTensor value) in State()) value.Dispose();
    }

    private IEnumerable<(string Name, StateTensor Value)> State(string prefix) {
        foreach ((string name, Parameter parameter) in OwnParameters) yield return (prefix + name, parameter);
        foreach ((string name, StateBuffer buffer) in OwnBuffers) yield return (prefix + name, buffer);
        foreach ((string name, Module child) in Children)
            foreach ((string Name, StateTensor Value) entry in child.State(prefix + name + ".")) yield return entry;
    }
}
