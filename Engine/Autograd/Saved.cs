namespace DenseEngine;

/// <summary>Turns the gradient of a node's output into those of its inputs: one for each, in order; null where none flows or
/// <see cref="Saved.Needs"/> says that none is wanted. Runs inside a <see cref="TensorScope"/> of its own.</summary>
/// <param name="dy">The gradient of the output, of its shape. Not to be changed; it may be returned.</param>
/// <param name="saved">What the forward kept.</param>
public delegate Tensor?[] Gradient(Tensor dy, Saved saved);

/// <summary>The tensors that a node keeps from its forward for its gradient.</summary>
public sealed class Saved {
    private readonly Entry[] entries;
    private readonly bool[] needs;

    private readonly record struct Entry(Storage Storage, Shape Shape, DType Type, int Version, string? Name);

    internal Saved(ReadOnlySpan<Tensor?> inputs, ReadOnlySpan<Tensor> saved) {
        needs = new bool[inputs.Length];
        for (int i = 0; i < needs.Length; i++) needs[i] = inputs[i] is { RequiresGrad: true };
        entries = new Entry[saved.Length];
        for (int i = 0; i < entries.Length; i++) {
            Tensor tensor = saved[i];
            entries[i] = new Entry(tensor.Storage.AddReference(), tensor.Shape, tensor.DType, tensor.Storage.Version, tensor.Name);
        }
    }

    /// <summary>A saved tensor, in the order of recording.</summary>
    /// <exception cref="GraphException">It was changed in place since.</exception>
    public Tensor this[int index] {
        get {
            Entry entry = entries[index];
            if (entry.Storage.Version != entry.Version)
                throw new GraphException(
                    $"Backward: the tensor {Tensor.Text(entry.Name, entry.Type, entry.Shape)} was changed in place after a "
                    + "gradient had saved it; change it after Backward, or change a copy.");
            return new Tensor(entry.Storage.AddReference(), entry.Shape, entry.Type);
        }
    }

    /// <summary>Whether an input's gradient is wanted.</summary>
    public bool Needs(int input) => needs[input];

    /// <summary>Whether what was saved goes after this walk: a tensor that the forward made for its gradient alone may then be changed, and
    /// be the gradient.</summary>
    public bool IsLast { get; internal set; }

    /// <summary>Bytes of what was saved.</summary>
    internal long Bytes => entries.Sum(entry => 4L * entry.Shape.Count);

    internal void Release() {
        foreach (Entry entry in entries) entry.Storage.Release();
    }
}
