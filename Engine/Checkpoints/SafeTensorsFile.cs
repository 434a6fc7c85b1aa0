namespace DenseEngine;

/// <summary>A tensor of a safetensors file.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its element type.</param>
/// <param name="Shape">The sizes of its axes.</param>
/// <param name="Offset">Where its bytes begin, from the start of the file.</param>
/// <param name="Length">How many bytes it has.</param>
internal sealed record SafeTensorEntry(string Name, string Type, IReadOnlyList<long> Shape, long Offset, long Length)
    : CheckpointEntry(Name, Type, Shape);

/// <summary>A safetensors file: eight bytes with the header's length, the header (JSON), the data. The header is checked against the file
/// before anything is read: sizes by checked arithmetic, tensors that tile the data without hole or overlap.</summary>
internal sealed class SafeTensorsFile : CheckpointFile {
    private readonly ByteStore store;

    public SafeTensorsFile(ByteStore store) : base(store.Name) {
        this.store = store;
        (Entries, Values) = SafeTensorsHeader.Read(store);
    }

    public override string Format => "safetensors";

    /// <summary>The tensors in the order of their data.</summary>
    public override IReadOnlyList<CheckpointEntry> Entries { get; }

    /// <summary>The texts beside the tensors.</summary>
    public override IReadOnlyDictionary<string, object?> Values { get; }

    public override void Dispose() => store.Dispose();

    private protected override ElementSource Elements(CheckpointEntry entry) => new RangeSource(store, ((SafeTensorEntry)entry).Offset);
}
