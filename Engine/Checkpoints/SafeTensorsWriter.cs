using System.Runtime.InteropServices;
using System.Text.Json;

namespace DenseEngine;

/// <summary>Writes safetensors files, all or nothing: a temporary file in the same folder, flushed to the disk, then renamed over the old
/// one, then the folder flushed.</summary>
public static partial class SafeTensorsWriter {
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
        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!, temporary = path + ".partial";
        try {
            Directory.CreateDirectory(folder);
            using (var file = new FileStream(temporary, FileMode.Create, FileAccess.Write)) {
                file.Write(BitConverter.GetBytes((long)header.Length));
                file.Write(header);
                foreach (StoredTensor tensor in tensors) file.Write(Bytes(path, tensor));
                file.Flush(flushToDisk: true);
            }
            File.Move(temporary, path, overwrite: true);
            FlushFolder(folder);
        } catch (Exception e) {
            Discard(temporary);
            if (e is IOException or UnauthorizedAccessException)
                throw new CheckpointException($"{path}: cannot be written: {e.Message}", e);
            throw;
        }
    }

    private static void Discard(string temporary) {
        try {
            File.Delete(temporary);
        } catch (Exception e) when (e is IOException or UnauthorizedAccessException) {
            // What is left is no checkpoint; the error that led here says more.
        }
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
                json.WriteNumberValue(at += ByteCount(tensor));
                json.WriteEndArray();
                json.WriteEndObject();
            }
            json.WriteEndObject();
        }
        while (buffer.Length % 8 != 0) buffer.WriteByte((byte)' ');
        return buffer.ToArray();
    }

    private static long ByteCount(StoredTensor tensor) => checked(ElementConversion.SizeOf(tensor.Type) * tensor.Count);

    private static byte[] Bytes(string path, StoredTensor tensor) {
        byte[] bytes = tensor.Read();
        return bytes.Length == ByteCount(tensor) ? bytes : throw new CheckpointException(
            $"{path}: tensor '{tensor.Name}' of type {tensor.Type} and shape [{string.Join(", ", tensor.Shape)}] has {bytes.Length} bytes.");
    }

    /// <summary>The new name is safe only when the folder is on the disk, too;
    /// .NET opens no folders, so the system is asked directly.</summary>
    private static void FlushFolder(string folder) {
        if (OperatingSystem.IsWindows()) return;
        int handle = OpenFile(folder, 0);
        if (handle < 0) return;
        _ = FlushFile(handle);
        _ = CloseFile(handle);
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenFile(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync")]
    private static partial int FlushFile(int handle);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int CloseFile(int handle);
}
