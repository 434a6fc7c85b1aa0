using System.Runtime.InteropServices;

namespace DenseEngine;

/// <summary>A tensor as a file describes it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">The element type in the file's words: F32, I32, U8, ….</param>
/// <param name="Shape">The sizes of its axes, of any rank.</param>
/// <param name="Offset">Where its bytes begin, from the start of the file.</param>
/// <param name="Length">How many bytes it has.</param>
public sealed record SafeTensorEntry(string Name, string Type, IReadOnlyList<long> Shape, long Offset, long Length) {
    /// <summary>The number of elements.</summary>
    public long Count => Shape.Aggregate(1L, (product, size) => product * size);
}

/// <summary>A safetensors file, open for reading: eight bytes with the header's length, the header (JSON), the data. The header is checked
/// against the file before anything is read: sizes by checked arithmetic, tensors that tile the data without hole or overlap.</summary>
public sealed class SafeTensorsFile : IDisposable {
    private readonly Stream stream;
    private readonly string path;
    private readonly Dictionary<string, SafeTensorEntry> byName;
    private readonly Lock gate = new();

    private SafeTensorsFile(Stream stream, string path) {
        (this.stream, this.path) = (stream, path);
        (Entries, Metadata) = SafeTensorsHeader.Read(stream, path);
        byName = Entries.ToDictionary(entry => entry.Name, StringComparer.Ordinal);
    }

    /// <summary>Opens a file and checks its header.</summary>
    /// <exception cref="CheckpointException">The file cannot be opened, or breaks a rule of the format;
    /// the message says which and where.</exception>
    public static SafeTensorsFile Open(string path) {
        FileStream stream;
        try {
            stream = File.OpenRead(path);
        } catch (Exception e) when (e is IOException or UnauthorizedAccessException) {
            throw new CheckpointException($"{path}: cannot be opened: {e.Message}", e);
        }
        try {
            return new SafeTensorsFile(stream, path);
        } catch {
            stream.Dispose();
            throw;
        }
    }

    /// <summary>The tensors in the order of their data.</summary>
    public IReadOnlyList<SafeTensorEntry> Entries { get; }

    /// <summary>The texts beside the tensors.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>Whether there is a tensor of that name.</summary>
    public bool Contains(string name) => byName.ContainsKey(name);

    /// <summary>A tensor's entry.</summary>
    /// <exception cref="CheckpointException">There is none of that name.</exception>
    public SafeTensorEntry this[string name] => byName.TryGetValue(name, out SafeTensorEntry? entry)
        ? entry : throw new CheckpointException($"{path}: there is no tensor '{name}'.");

    /// <summary>A tensor's bytes, little-endian.</summary>
    public byte[] ReadBytes(string name) {
        SafeTensorEntry entry = this[name];
        var bytes = new byte[entry.Length];
        lock (gate) {
            stream.Position = entry.Offset;
            stream.ReadExactly(bytes);
        }
        return bytes;
    }

    /// <summary>A tensor of any type of floating point as float32: smaller types exactly, float64 rounded.</summary>
    /// <exception cref="CheckpointException">It holds something else.</exception>
    public float[] ReadSingle(string name) {
        byte[] bytes = ReadBytes(name);
        return this[name].Type switch {
            "F32" => MemoryMarshal.Cast<byte, float>(bytes).ToArray(),
            "F16" => Convert<Half, float>(bytes, value => (float)value),
            "BF16" => Convert<ushort, float>(bytes, value => BitConverter.UInt32BitsToSingle((uint)value << 16)),
            "F64" => Convert<double, float>(bytes, value => (float)value),
            string type => throw new CheckpointException($"{path}: tensor '{name}' holds {type}; floating point is needed."),
        };
    }

    /// <summary>A tensor of any whole type as int32.</summary>
    /// <exception cref="CheckpointException">It holds something else, or a value does not fit.</exception>
    public int[] ReadInt32(string name) {
        byte[] bytes = ReadBytes(name);
        try {
            return this[name].Type switch {
                "I32" => MemoryMarshal.Cast<byte, int>(bytes).ToArray(),
                "I64" => Convert<long, int>(bytes, value => checked((int)value)),
                "U32" => Convert<uint, int>(bytes, value => checked((int)value)),
                "I16" => Convert<short, int>(bytes, value => value),
                "U16" => Convert<ushort, int>(bytes, value => value),
                "I8" => Convert<sbyte, int>(bytes, value => value),
                "U8" or "BOOL" => Convert<byte, int>(bytes, value => value),
                string type => throw new CheckpointException($"{path}: tensor '{name}' holds {type}; whole numbers are needed."),
            };
        } catch (OverflowException e) {
            throw new CheckpointException($"{path}: tensor '{name}' has a value beyond 32 bits.", e);
        }
    }

    /// <summary>A tensor on a device: floating point as float32, whole numbers as int32.</summary>
    /// <exception cref="CheckpointException">Its type or rank has no place in a tensor.</exception>
    public Tensor Read(string name, Device? device = null) {
        SafeTensorEntry entry = this[name];
        if (entry.Shape.Count > Shape.MaxRank || entry.Count > int.MaxValue)
            throw new CheckpointException(
                $"{path}: tensor '{name}' of shape [{string.Join(", ", entry.Shape)}] is larger than a tensor can be.");
        var shape = new Shape([.. entry.Shape.Select(size => (int)size)]);
        return entry.Type.Contains('F') ? Tensor.From(ReadSingle(name), shape, device) : Tensor.From(ReadInt32(name), shape, device);
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => stream.Dispose();

    private static TTo[] Convert<TFrom, TTo>(byte[] bytes, Func<TFrom, TTo> convert) where TFrom : unmanaged =>
        Array.ConvertAll(MemoryMarshal.Cast<byte, TFrom>(bytes).ToArray(), value => convert(value));
}
