using System.Text.Json;

namespace DenseEngine;

/// <summary>Writes safetensors files, all or nothing.</summary>
public static class SafeTensorsWriter {
    /// <summary>Writes tensors (float32 as F32, int32 as I32) with texts beside them.</summary>
    /// <param name="path">The file; what stood there before is replaced.</param>
    /// <param name="tensors">Names and tensors, on any device, in the order in which they are to stand.</param>
    /// <param name="metadata">Texts by name.</param>
    /// <exception cref="CheckpointException">The file cannot be written, or two tensors have one name.</exception>
    public static void Write(string path, IReadOnlyList<(string Name, Tensor Tensor)> tensors,
        IReadOnlyDictionary<string, string>? metadata = null) =>
        Write(path, [.. tensors.Select(each => StoredTensor.Of(each.Name, each.Tensor))], metadata);

    /// <summary>Writes tensors of any type as they are, one after another in memory.</summary>
    /// <inheritdoc cref="Write(string, IReadOnlyList{ValueTuple{string, Tensor}}, IReadOnlyDictionary{string, string})"/>
    public static void Write(string path, IReadOnlyList<StoredTensor> tensors, IReadOnlyDictionary<string, string>? metadata = null) {
        byte[] header = Header(path, tensors, metadata ?? new Dictionary<string, string>());
        WholeFile.Write(path, file => {
            file.Write(BitConverter.GetBytes((long)header.Length));
            file.Write(header);
            foreach (StoredTensor tensor in tensors) file.Write(tensor.Bytes(path));
        }, (message, cause) => new CheckpointException(message, cause));
    }

    private static byte[] Header(string path, IReadOnlyList<StoredTensor> tensors, IReadOnlyDictionary<string, string> metadata) {
        var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer)) {
            json.WriteStartObject();
            if (metadata.Count > 0) {
                json.WriteStartObject("__metadata__");
                foreach ((string name, string text) in metadata) json.WriteString(name, text);
                json.WriteEndObject();
            }
            var names = new HashSet<string>(StringComparer.Ordinal);
            long at = 0;
            foreach (StoredTensor tensor in tensors) {
                if (tensor.Name == "__metadata__")
                    throw new CheckpointException($"{path}: no tensor can be named '__metadata__' in a safetensors file.");
                if (!names.Add(tensor.Name)) throw new CheckpointException($"{path}: two tensors are named '{tensor.Name}'.");
                json.WriteStartObject(tensor.Name);
                json.WriteString("dtype", tensor.Type);
                json.WriteStartArray("shape");
                foreach (long size in tensor.Shape) json.WriteNumberValue(size);
                json.WriteEndArray();
                json.WriteStartArray("data_offsets");
                json.WriteNumberValue(at);
                json.WriteNumberValue(at += tensor.ByteCount);
                json.WriteEndArray();
                json.WriteEndObject();
            }
            json.WriteEndObject();
        }
        while (buffer.Length % 8 != 0) buffer.WriteByte((byte)' ');
        return buffer.ToArray();
    }
}
