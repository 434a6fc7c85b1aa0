namespace DenseEngine;

/// <summary>A storage of PyTorch: elements of one type in a row, which tensors view.</summary>
/// <param name="key">What the file calls it.</param>
/// <param name="type">The element type in safetensors' words.</param>
/// <param name="count">The number of elements; the container checks it against the file.</param>
internal abstract class TorchStorage(string key, string type, long count) {
    private static readonly Dictionary<string, string> Types = new(StringComparer.Ordinal) {
        ["FloatStorage"] = "F32",
        ["DoubleStorage"] = "F64",
        ["HalfStorage"] = "F16",
        ["BFloat16Storage"] = "BF16",
        ["LongStorage"] = "I64",
        ["IntStorage"] = "I32",
        ["ShortStorage"] = "I16",
        ["CharStorage"] = "I8",
        ["ByteStorage"] = "U8",
        ["BoolStorage"] = "BOOL",
    };

    public string Key { get; } = key;

    public string Type { get; } = type;

    public long Count { get; } = count;

    public int ElementSize { get; } = ElementConversion.SizeOf(type);

    public long Bytes => Count * ElementSize;

    /// <summary>Some of its bytes, to be read once.</summary>
    public abstract ElementSource Open(long offset, long length);

    /// <summary>Compares its checksum, where there is one.</summary>
    public virtual void Verify() { }

    /// <summary>The element type of a class of storages; null for those that are not read.</summary>
    public static string? TypeOf(PickleName name) => name.Module is "torch" or "torch.cuda" ? Types.GetValueOrDefault(name.Name) : null;

    /// <summary>The class of storages of an element type; null if there is none.</summary>
    public static string? NameOf(string type) => Types.FirstOrDefault(each => each.Value == type).Key;
}
