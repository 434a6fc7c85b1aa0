using System.Collections.ObjectModel;

namespace DenseEngine;

/// <summary>A file of weights, open for reading: tensors by name, and the plain data beside them. Which format it has, its content decides.
/// Everything is checked against the file before it is allocated; nothing in a file is ever executed. Safe to read from several
/// threads.</summary>
public abstract class CheckpointFile : IDisposable {
    /// <summary>Where dictionaries of weights stand in files that hold more: PyTorch's habit, others', and averaged weights.</summary>
    private static readonly string[] Nests = ["state_dict", "model", "ema"];

    /// <summary>What <c>DataParallel</c> puts before every name.</summary>
    private const string ParallelPrefix = "module.";

    /// <summary>What begins so is the state of a training, beside the network's.</summary>
    internal const string TrainingPrefix = "optimizer.";

    private readonly Lazy<Dictionary<string, CheckpointEntry>> byName;

    private protected CheckpointFile(string name) {
        Name = name;
        byName = new(() => Entries.ToDictionary(entry => entry.Name, StringComparer.Ordinal));
    }

    /// <summary>Opens a file and checks what it says of itself.</summary>
    /// <param name="path">The file; its content says which format it has.</param>
    /// <param name="options">How strictly it is read.</param>
    /// <exception cref="CheckpointException">The file cannot be opened, is no checkpoint, or a broken one; the message says
    /// where.</exception>
    public static CheckpointFile Open(string path, CheckpointOptions? options = null) {
        FileStream stream;
        try {
            stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 0);
        } catch (Exception e) when (e is IOException or UnauthorizedAccessException) {
            throw new CheckpointException($"{path}: cannot be opened: {(Directory.Exists(path) ? "it is a folder." : e.Message)}", e);
        }
        return Open(stream, path, options);
    }

    /// <summary>Opens a checkpoint in a stream, which it then owns; one that cannot seek is read into memory.</summary>
    /// <param name="stream">The bytes, from the stream's beginning.</param>
    /// <param name="name">What messages call it.</param>
    /// <param name="options">How strictly it is read.</param>
    /// <exception cref="CheckpointException">As for a file.</exception>
    public static CheckpointFile Open(Stream stream, string name = "the stream", CheckpointOptions? options = null) {
        try {
            if (!stream.CanSeek) {
                var copy = new MemoryStream();
                using (stream) stream.CopyTo(copy);
                stream = copy;
            }
            return CheckpointFormat.Open(new ByteStore(stream, name), options ?? new CheckpointOptions());
        } catch (IOException e) {
            stream.Dispose();
            throw new CheckpointException($"{name}: cannot be read: {e.Message}", e);
        } catch {
            stream.Dispose();
            throw;
        }
    }

    /// <summary>The path, or what the stream was called.</summary>
    public string Name { get; }

    /// <summary>The format: "safetensors", "PyTorch zip", "PyTorch legacy".</summary>
    public abstract string Format { get; }

    /// <summary>The tensors in the order of the file.</summary>
    public abstract IReadOnlyList<CheckpointEntry> Entries { get; }

    /// <summary>The plain data beside the tensors, by path: <see cref="string"/>, <see cref="long"/>, <see cref="double"/>,
    /// <see cref="bool"/> or null.</summary>
    public abstract IReadOnlyDictionary<string, object?> Values { get; }

    /// <summary>What was found on the way but not read, by path: the names of the classes. Nothing of it was made or called.</summary>
    public virtual IReadOnlyDictionary<string, string> Objects => ReadOnlyDictionary<string, string>.Empty;

    /// <summary>The text at a path, or null if there is none.</summary>
    public string? Text(string path) => Values.GetValueOrDefault(path) as string;

    /// <summary>Whether there is a tensor of that name.</summary>
    public bool Contains(string name) => byName.Value.ContainsKey(name);

    /// <summary>A tensor's entry.</summary>
    /// <exception cref="CheckpointException">There is none of that name.</exception>
    public CheckpointEntry this[string name] => byName.Value.TryGetValue(name, out CheckpointEntry? entry)
        ? entry : throw new CheckpointException($"{Name}: there is no tensor '{name}'.");

    /// <summary>The state dictionary: for each name that a network uses, the tensor's entry. It is the whole file, or what stands under
    /// <c>state_dict</c>, <c>model</c> or <c>ema</c>, the first that holds tensors; <c>module.</c> before every name is left out, and so is
    /// the state of our own optimiser.</summary>
    public IReadOnlyDictionary<string, CheckpointEntry> State() {
        string nest = Nests.Select(each => each + "/").FirstOrDefault(each => Entries.Any(entry => Under(entry, each))) ?? "";
        CheckpointEntry[] entries = [.. Entries.Where(entry => Under(entry, nest) && !Under(entry, TrainingPrefix))];
        string prefix = nest + ParallelPrefix;
        int cut = entries.Length > 0 && entries.All(entry => Under(entry, prefix)) ? prefix.Length : nest.Length;
        return entries.ToDictionary(entry => entry.Name[cut..], StringComparer.Ordinal);
    }

    /// <summary>A tensor's elements in the type in which they are stored, little-endian, row-major and without gaps.</summary>
    /// <exception cref="CheckpointException">There is no such tensor, its data is damaged, or larger than an array.</exception>
    public byte[] ReadBytes(string name) {
        CheckpointEntry entry = this[name];
        byte[] bytes = Array<byte>(entry, ElementConversion.SizeOf(entry.Type));
        ElementSource source = Elements(entry);
        source.Read(bytes);
        source.Finish();
        return bytes;
    }

    /// <summary>A tensor of any type of floating point as float32: smaller types exactly, float64 rounded.</summary>
    /// <exception cref="CheckpointException">It holds something else.</exception>
    public float[] ReadSingle(string name) {
        float[] values = Array<float>(this[name], 1);
        Fill(this[name], values);
        return values;
    }

    /// <summary>A tensor of any whole type as int32.</summary>
    /// <exception cref="CheckpointException">It holds something else, or a value does not fit.</exception>
    public int[] ReadInt32(string name) {
        int[] values = Array<int>(this[name], 1);
        Fill(this[name], values);
        return values;
    }

    /// <summary>A tensor on a device: floating point as float32, whole numbers as int32.</summary>
    /// <exception cref="CheckpointException">Its type or rank has no place in a tensor.</exception>
    public Tensor Read(string name, Device? device = null) {
        (Shape shape, DType type) = Form(name);
        var tensor = new Tensor(HostDevice.Default, shape, type);
        try {
            Read(name, tensor);
            if (device is null || device == tensor.Device) return tensor;
            Tensor there = tensor.To(device);
            tensor.Dispose();
            return there;
        } catch {
            tensor.Dispose();
            throw;
        }
    }

    /// <summary>Reads a tensor into one on the host that has as many elements, and the type that <see cref="Form"/> says.</summary>
    /// <exception cref="CheckpointException">Its data is damaged, or does not fit the type.</exception>
    public void Read(string name, Tensor target) {
        (Shape shape, DType type) = Form(name);
        Check.That(shape.Count == target.Count && type == target.DType, $"Read: '{name}' is {type} {shape}, not {target}.");
        if (type == DType.Float32) Fill(this[name], target.Span);
        else Fill(this[name], target.IntSpan);
    }

    /// <summary>The shape and type that a tensor has in memory: floating point is float32, whole numbers int32.</summary>
    /// <exception cref="CheckpointException">There is no such tensor, or its rank or size has no place in a tensor.</exception>
    public (Shape Shape, DType Type) Form(string name) {
        CheckpointEntry entry = this[name];
        // An empty tensor's other sizes count, too: no shape has more than so many elements on the way to its last axis.
        double most = 1;
        foreach (long size in entry.Shape) most *= Math.Max(1, size);
        if (entry.Shape.Count > Shape.MaxRank || most > int.MaxValue) {
            throw new CheckpointException(
                $"{Name}: tensor '{name}' of shape [{string.Join(", ", entry.Shape)}] is larger than a tensor can be.");
        }
        return (new Shape([.. entry.Shape.Select(size => (int)size)]), ElementConversion.IsFloating(entry.Type) ? DType.Float32
            : DType.Int32);
    }

    /// <summary>Compares a tensor's checksum, where the format has one, without keeping the data.</summary>
    /// <exception cref="CheckpointException">The data is damaged.</exception>
    public void Verify(string name) => Verify(this[name]);

    /// <inheritdoc/>
    public abstract void Dispose();

    /// <summary>The bytes of one of the entries, to be read once.</summary>
    private protected abstract ElementSource Elements(CheckpointEntry entry);

    private protected virtual void Verify(CheckpointEntry entry) { }

    private void Fill(CheckpointEntry entry, Span<float> values) {
        if (!ElementConversion.IsFloating(entry.Type))
            throw new CheckpointException($"{Name}: tensor '{entry.Name}' holds {entry.Type}; floating point is needed.");
        ElementConversion.Read(Elements(entry), entry.Type, values);
    }

    private void Fill(CheckpointEntry entry, Span<int> values) {
        if (ElementConversion.IsFloating(entry.Type))
            throw new CheckpointException($"{Name}: tensor '{entry.Name}' holds {entry.Type}; whole numbers are needed.");
        try {
            ElementConversion.Read(Elements(entry), entry.Type, values);
        } catch (OverflowException e) {
            throw new CheckpointException($"{Name}: tensor '{entry.Name}' of type {entry.Type} has a value beyond "
                + $"{(entry.Type == "BOOL" ? "0 and 1" : "32 bits")}.", e);
        }
    }

    private T[] Array<T>(CheckpointEntry entry, int factor) => entry.Count <= System.Array.MaxLength / factor
        ? GC.AllocateUninitializedArray<T>((int)entry.Count * factor)
        : throw new CheckpointException($"{Name}: tensor '{entry.Name}' has {entry.Count} elements, more than an array can hold.");

    private static bool Under(CheckpointEntry entry, string prefix) => entry.Name.StartsWith(prefix, StringComparison.Ordinal);
}
