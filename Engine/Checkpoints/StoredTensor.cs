namespace DenseEngine;

/// <summary>A tensor that is to be written to a file: its description, and what gives its bytes when its turn comes.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its element type, in which the file keeps it.</param>
/// <param name="Shape">The sizes of its axes.</param>
/// <param name="Read">Its elements, little-endian, row-major and without gaps.</param>
public sealed record StoredTensor(string Name, string Type, IReadOnlyList<long> Shape, Func<byte[]> Read)
    : CheckpointEntry(Name, Type, Shape) {
    /// <summary>A tensor of ours: float32 as F32, int32 as I32.</summary>
    public static StoredTensor Of(string name, Tensor tensor) => new(name, tensor.DType == DType.Float32 ? "F32" : "I32",
        Array.ConvertAll(tensor.Shape.ToArray(), size => (long)size), () => Download(tensor));

    /// <summary>A tensor of an open file, as it stands there, under another name.</summary>
    public static StoredTensor Of(string name, CheckpointFile file, CheckpointEntry entry) =>
        new(name, entry.Type, entry.Shape, () => file.ReadBytes(entry.Name));

    /// <summary>How many bytes its description asks for.</summary>
    internal long ByteCount => checked(ElementConversion.SizeOf(Type) * Count);

    /// <summary>Its bytes, as many as its description asks for.</summary>
    /// <exception cref="CheckpointException">There are more or fewer, or too many for an array.</exception>
    internal byte[] Bytes(string path) {
        if (ByteCount > Array.MaxLength)
            throw new CheckpointException($"{path}: tensor '{Name}' of {ByteCount} bytes is too large to write.");
        byte[] bytes = Read();
        return bytes.Length == ByteCount ? bytes : throw new CheckpointException(
            $"{path}: tensor '{Name}' of type {Type} and shape [{string.Join(", ", Shape)}] has {bytes.Length} bytes.");
    }

    private static byte[] Download(Tensor tensor) {
        var bytes = new byte[checked(4 * tensor.Count)];
        tensor.Device.Download(tensor, bytes);
        return bytes;
    }
}
