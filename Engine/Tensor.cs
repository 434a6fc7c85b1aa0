namespace DenseEngine;

/// <summary>A dense, row-major array of float32 or int32 on one device, and a node's output in the autograd graph. Feature maps are
/// NHWC. A tensor is a handle: reshaped and detached tensors share memory. It is freed by its <see cref="TensorScope"/> or by
/// <see cref="Dispose"/>; used after that it throws a <see cref="GraphException"/>.</summary>
public sealed partial class Tensor : IDisposable {
    private readonly Storage storage;
    private bool requiresGrad;
    private int disposed;
    private Extras? extras;

    /// <summary>What few tensors have.</summary>
    private sealed class Extras {
        public string? Name;
        public Tensor? Grad;
        public Node? Node;
    }

    internal Tensor(Storage storage, Shape shape, DType type) {
        this.storage = storage;
        Shape = shape;
        DType = type;
        TensorScope.Register(this);
    }

    /// <summary>A new tensor whose contents are undefined, for an operation to fill.</summary>
    public Tensor(Device device, Shape shape, DType type = DType.Float32)
        : this(new Storage(device, shape, type), shape, type) { }

    /// <summary>The sizes of the axes.</summary>
    public Shape Shape { get; }

    /// <summary>The type of the elements.</summary>
    public DType DType { get; }

    /// <summary>The number of elements.</summary>
    public int Count => Shape.Count;

    /// <summary>Where the elements live.</summary>
    public Device Device => storage.Device;

    /// <summary>A name for messages: a parameter's path, say.</summary>
    public string? Name {
        get => extras?.Name;
        set {
            if (value is not null || extras is not null) (extras ??= new()).Name = value;
        }
    }

    /// <summary>Whether gradients flow to this tensor: set on leaves by their owner, on results by the graph.</summary>
    /// <exception cref="ShapeException">Set on integers.</exception>
    public bool RequiresGrad {
        get => requiresGrad;
        set {
            Check.That(!value || DType == DType.Float32, $"RequiresGrad: tensor {this} holds {DType}; only Float32 carries gradients.");
            requiresGrad = value;
        }
    }

    /// <summary>The gradient accumulated by <see cref="Backward"/>, on leaves that require one; null before.</summary>
    public Tensor? Grad {
        get => extras?.Grad;
        set {
            if (value is not null || extras is not null) (extras ??= new()).Grad = value;
        }
    }

    /// <summary>The node that made this tensor, or null for a leaf.</summary>
    internal Node? Node {
        get => extras?.Node;
        set {
            if (value is not null || extras is not null) (extras ??= new()).Node = value;
        }
    }

    internal TensorScope? Scope { get; set; }

    /// <summary>The memory, checked to be alive.</summary>
    internal Storage Storage {
        get {
            if (disposed != 0) throw new GraphException($"Tensor {this} is used after it was freed (by its scope or by Dispose).");
            return storage;
        }
    }

    /// <summary>Whether the tensor was freed.</summary>
    public bool IsDisposed => disposed != 0;

    /// <summary>A handle of its own on the same memory, outside the graph: no gradient flows through it.</summary>
    public Tensor Detach() => View(Shape);

    /// <summary>A handle on the same memory with another shape of as many elements, outside the graph.
    /// Operations use it to reshape.</summary>
    /// <exception cref="ShapeException">The number of elements differs.</exception>
    public Tensor View(Shape shape) {
        Check.That(shape.Count == Count, $"View: shape {shape} has {shape.Count} elements but the tensor, of shape {Shape}, has {Count}.");
        return new Tensor(Storage.AddReference(), shape, DType) { Name = Name };
    }

    /// <summary>Takes the tensor out of its scope: from now on its owner disposes it.</summary>
    public Tensor Persist() {
        Scope = null;
        return this;
    }

    /// <summary>Notes a change in place, so that a gradient that saved the old contents refuses them. Whoever writes to a tensor after
    /// handing it out calls this.</summary>
    public void MarkChanged() => Storage.Version++;

    /// <summary>Something computed from the contents, made on the first call and kept with the memory until they change or it is freed:
    /// weights packed for a product, say. What is made must not be tied to a <see cref="TensorScope"/>.</summary>
    /// <param name="key">Tells what is kept apart from what else is computed from the same contents.</param>
    /// <param name="make">Computes it; called by one thread at a time.</param>
    /// <param name="stamp">What else it was computed from: made anew when another one is given.</param>
    public T Derived<T>(object key, Func<T> make, object? stamp = null) where T : class, IDisposable =>
        Storage.Derive(key, make, stamp);

    /// <summary>What <see cref="Derived"/> would give, if it is there; else null.</summary>
    public T? FindDerived<T>(object key, object? stamp = null) where T : class, IDisposable => Storage.FindDerived<T>(key, stamp);

    /// <summary>Counts the changes in place of the memory.</summary>
    public int Version => Storage.Version;

    /// <summary>The same elements on another device: a copy, or another handle if it is there already. The only way across devices.
    /// Outside the graph.</summary>
    public Tensor To(Device device) {
        if (device == Device) return Detach();
        var moved = new Tensor(device, Shape, DType) { Name = Name };
        Device.Transfer(this, moved);
        return moved;
    }

    /// <summary>Frees the handle; the memory goes back to the pool with its last handle.</summary>
    public void Dispose() {
        if (Interlocked.Exchange(ref disposed, 1) != 0) return;
        Node?.Release();
        storage.Release();
    }

    /// <summary>The name, if any, the type and the shape.</summary>
    public override string ToString() => Text(Name, DType, Shape);

    internal static string Text(string? name, DType type, Shape shape) => $"{(name is null ? "" : name + " ")}{type} {shape}";
}
