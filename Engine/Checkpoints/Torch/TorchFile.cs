namespace DenseEngine;

/// <summary>A checkpoint of PyTorch, in either of its formats.</summary>
internal sealed class TorchFile : CheckpointFile {
    private readonly ByteStore store;

    /// <param name="store">The file.</param>
    /// <param name="format">Which format it has.</param>
    /// <param name="root">The object in it.</param>
    public TorchFile(ByteStore store, string format, object? root) : base(store.Name) {
        this.store = store;
        Format = format;
        if (root is PickleObject whole) {
            throw new CheckpointException($"{Name}: the file holds an object of {Quote.Of(whole.Type.ToString())}, which cannot be made "
                + "here; a dictionary of tensors, such as a module's state_dict, is needed.");
        }
        var walk = new TorchWalk(store, root);
        (Entries, Values, Objects) = (walk.Entries, walk.Values, walk.Objects);
    }

    public override string Format { get; }

    public override IReadOnlyList<CheckpointEntry> Entries { get; }

    public override IReadOnlyDictionary<string, object?> Values { get; }

    public override IReadOnlyDictionary<string, string> Objects { get; }

    public override void Dispose() => store.Dispose();

    private protected override ElementSource Elements(CheckpointEntry entry) => ((TorchEntry)entry).Tensor.Open();

    private protected override void Verify(CheckpointEntry entry) => ((TorchEntry)entry).Tensor.Verify();
}

/// <summary>A tensor of a PyTorch checkpoint.</summary>
/// <param name="Name">The keys on the way to it, joined with slashes.</param>
/// <param name="Tensor">The view of a storage that it is.</param>
internal sealed record TorchEntry(string Name, TorchTensor Tensor) : CheckpointEntry(Name, Tensor.Type, Tensor.Shape);
