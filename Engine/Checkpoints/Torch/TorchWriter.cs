using System.Globalization;
using System.Runtime.InteropServices;

namespace DenseEngine;

/// <summary>Writes checkpoints that <c>torch.load</c> reads, all or nothing: a dictionary with the tensors under <c>state_dict</c> and
/// plain data beside them, as mmdetection writes it.</summary>
public static class TorchWriter {
    private const string StateKey = "state_dict";

    /// <summary>The version of the format that PyTorch 1.6 and later write.</summary>
    private static ReadOnlySpan<byte> Version => "3\n"u8;

    /// <summary>Writes a state dictionary. Float32 stays what it is; int32 becomes int64, PyTorch's own type of whole numbers, which its
    /// counters have.</summary>
    /// <param name="path">The file; what stood there before is replaced.</param>
    /// <param name="tensors">Names and tensors in PyTorch's layouts, on any device, in the order in which they are to stand.</param>
    /// <param name="values">Plain data by path, such as <c>meta/config</c>: texts, numbers (int, long, double), truth values, null. Paths
    /// that end in 0, 1, 2, … make a tuple.</param>
    /// <exception cref="CheckpointException">The file cannot be written, or a name or path stands twice.</exception>
    /// <exception cref="ArgumentException">A value is of another type.</exception>
    public static void Write(string path, IReadOnlyList<(string Name, Tensor Tensor)> tensors,
        IEnumerable<KeyValuePair<string, object?>>? values = null) =>
        Write(path, [.. tensors.Select(each => Widened(each.Name, each.Tensor))], values);

    /// <summary>Writes tensors of any type that PyTorch has as they are, one after another in memory.</summary>
    /// <inheritdoc cref="Write(string, IReadOnlyList{ValueTuple{string, Tensor}}, IEnumerable{KeyValuePair{string, object}})"/>
    public static void Write(string path, IReadOnlyList<StoredTensor> tensors, IEnumerable<KeyValuePair<string, object?>>? values = null) {
        byte[] pickle = Pickle(path, tensors, values ?? []);
        WholeFile.Write(path, file => {
            var zip = new ZipWriter(file);
            zip.Add("archive/data.pkl", pickle);
            for (int i = 0; i < tensors.Count; i++) zip.Add(Invariant($"archive/data/{i}"), tensors[i].Bytes(path));
            zip.Add("archive/version", Version);
            zip.Finish();
        }, (message, cause) => new CheckpointException(message, cause));
    }

    private static byte[] Pickle(string path, IReadOnlyList<StoredTensor> tensors, IEnumerable<KeyValuePair<string, object?>> values) {
        var root = new Node();
        foreach ((string place, object? value) in values)
            if (place.Split('/')[0] == StateKey || !root.Add(place, value))
                throw new CheckpointException($"{path}: there is something else at the place of the value '{place}'.");
        var pickle = new PickleWriter();
        pickle.Code("}(");
        root.WriteItems(pickle);
        pickle.Text(StateKey).Name("collections", "OrderedDict").Code(")R(");
        var names = new HashSet<string>(StringComparer.Ordinal);
        for (int i = 0; i < tensors.Count; i++) {
            if (!names.Add(tensors[i].Name)) throw new CheckpointException($"{path}: two tensors are named '{tensors[i].Name}'.");
            string type = TorchStorage.NameOf(tensors[i].Type) ?? throw new CheckpointException(
                $"{path}: tensor '{tensors[i].Name}' has the type {tensors[i].Type}, which PyTorch has not.");
            WriteTensor(pickle.Text(tensors[i].Name), Invariant($"{i}"), type, tensors[i]);
        }
        return pickle.Code("uu").Finish();
    }

    private static void WriteTensor(PickleWriter pickle, string key, string storage, StoredTensor tensor) {
        long[] strides = new long[tensor.Shape.Count];
        long stride = 1;
        for (int i = strides.Length; i-- > 0; stride *= Math.Max(1, tensor.Shape[i])) strides[i] = stride;
        pickle.Name("torch._utils", "_rebuild_tensor_v2").Code("((").Text("storage").Name("torch", storage).Text(key).Text("cpu")
            .Number(tensor.Count).Code("tQ").Number(0).Numbers(tensor.Shape).Numbers(strides)
            .Plain(false).Name("collections", "OrderedDict").Code(")RtR");
    }

    private static StoredTensor Widened(string name, Tensor tensor) => tensor.DType == DType.Float32 ? StoredTensor.Of(name, tensor)
        : StoredTensor.Of(name, tensor) with {
            Type = "I64",
            Read = () => MemoryMarshal.AsBytes<long>(Array.ConvertAll(tensor.ToIntArray(), value => (long)value)).ToArray(),
        };

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    /// <summary>A dictionary on the way to plain values, or a tuple if its keys count from 0.</summary>
    private sealed class Node {
        private readonly OrderedDictionary<string, object?> items = new(StringComparer.Ordinal);

        /// <summary>Puts a value at a path; false if there is one on the way or at its end.</summary>
        public bool Add(string path, object? value) {
            Node node = this;
            string[] keys = path.Split('/');
            foreach (string key in keys[..^1]) {
                if (!node.items.TryGetValue(key, out object? next)) node.items.Add(key, next = new Node());
                if (next is not Node inner) return false;
                node = inner;
            }
            return node.items.TryAdd(keys[^1], value);
        }

        public void WriteItems(PickleWriter pickle) {
            foreach ((string key, object? value) in items) WriteValue(pickle.Text(key), value);
        }

        private static void WriteValue(PickleWriter pickle, object? value) {
            if (value is not Node node) {
                pickle.Plain(value);
            } else if (node.items.Keys.Select((key, index) => key == Invariant($"{index}")).All(same => same)) {
                pickle.Code('(');
                foreach (object? item in node.items.Values) WriteValue(pickle, item);
                pickle.Code('t');
            } else {
                pickle.Code("}(");
                node.WriteItems(pickle);
                pickle.Code('u');
            }
        }
    }
}
