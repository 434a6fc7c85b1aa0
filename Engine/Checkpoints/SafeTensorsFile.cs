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
    private readonly Stream stream;
    private readonly Lock gate = new();

    public SafeTensorsFile(Stream stream, string name) : base(name) {
        this.stream = stream;
        (Entries, Values) = SafeTensorsHeader.Read(stream, name);
    }

    public override string Format => "safetensors";

    /// <summary>The tensors in the order of their data.</summary>
    public override IReadOnlyList<CheckpointEntry> Entries { get; }

    /// <summary>The texts beside the tensors.</summary>
    public override IReadOnlyDictionary<string, object?> Values { get; }

    public override void Dispose() => stream.Dispose();

    private protected override byte[] ReadBytes(CheckpointEntry entry) {
        var tensor = (SafeTensorEntry)entry;
        var bytes = new byte[tensor.Length];
        lock (gate) {
            stream.Position = tensor.Offset;
            stream.ReadExactly(bytes);
        }
        return bytes;
    }
}
