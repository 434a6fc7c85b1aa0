using System.Buffers.Binary;
using System.Text.Json;
using System.Text.Unicode;

namespace DenseEngine;

/// <summary>Reads and checks the header of a safetensors file.</summary>
internal static class SafeTensorsHeader {
    private const long LargestHeader = 100_000_000;

    public static (IReadOnlyList<SafeTensorEntry> Entries, IReadOnlyDictionary<string, object?> Metadata) Read(ByteStore store) {
        string path = store.Name;
        CheckpointException Broken(string why) => new($"{path}: {why}");
        if (store.Length < 8) throw Broken($"{store.Length} bytes are too few for a safetensors file.");
        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(store.Read(0, 8));
        if (length > LargestHeader) throw Broken($"the header claims {length} bytes; at most {LargestHeader} are read.");
        if (length > (ulong)store.Length - 8) throw Broken($"the header claims {length} bytes but the file has {store.Length}.");
        byte[] header = store.Read(8, (long)length);
        long dataStart = 8 + (long)length;
        if (header is not [(byte)'{', ..]) throw Broken("the header does not begin with '{'.");
        if (!Utf8.IsValid(header)) throw Broken("the header is no UTF-8.");

        var entries = new List<SafeTensorEntry>();
        var metadata = new Dictionary<string, object?>(StringComparer.Ordinal);
        try {
            using JsonDocument document =
                JsonDocument.Parse(header, new JsonDocumentOptions { MaxDepth = 8, AllowDuplicateProperties = false });
            if (document.RootElement.ValueKind != JsonValueKind.Object) throw Broken("the header is no JSON object.");
            foreach (JsonProperty property in document.RootElement.EnumerateObject()) {
                if (property.Name == "__metadata__") ReadMetadata(property.Value, metadata, Broken);
                else entries.Add(ReadEntry(property.Name, property.Value, dataStart, Broken));
            }
        } catch (JsonException e) {
            throw new CheckpointException($"{path}: the header is no sound JSON: {e.Message}", e);
        } catch (InvalidOperationException e) {   // text that is no UTF-8
            throw new CheckpointException($"{path}: the header is no sound text: {e.Message}", e);
        }
        entries.Sort((a, b) => a.Offset != b.Offset ? a.Offset.CompareTo(b.Offset) : a.Length.CompareTo(b.Length));
        long at = dataStart;
        foreach (SafeTensorEntry entry in entries) {
            if (entry.Offset != at)
                throw Broken($"tensor '{entry.Name}' begins at byte {entry.Offset - dataStart} of the data; {at - dataStart} is needed, "
                    + $"without hole or overlap.");
            at += entry.Length;
        }
        if (at != store.Length) throw Broken($"the tensors end at byte {at} but the file has {store.Length}.");
        return (entries, metadata);
    }

    private static void ReadMetadata(JsonElement value, Dictionary<string, object?> metadata, Func<string, CheckpointException> broken) {
        if (value.ValueKind != JsonValueKind.Object) throw broken("__metadata__ is no JSON object.");
        foreach (JsonProperty text in value.EnumerateObject()) {
            if (text.Value.ValueKind != JsonValueKind.String) throw broken($"__metadata__ '{text.Name}' is no text.");
            metadata[text.Name] = text.Value.GetString()!;
        }
    }

    private static SafeTensorEntry ReadEntry(string name, JsonElement value, long dataStart, Func<string, CheckpointException> broken) {
        if (value.ValueKind != JsonValueKind.Object) throw broken($"tensor '{name}' is no JSON object.");
        string? type =
            value.TryGetProperty("dtype", out JsonElement dtype) && dtype.ValueKind == JsonValueKind.String ? dtype.GetString() : null;
        int size = ElementConversion.SizeOf(type);
        if (size == 0) throw broken($"tensor '{name}' has the type '{type}', which is not known.");
        long[] shape = Numbers(name, "shape", value, broken), range = Numbers(name, "data_offsets", value, broken);
        if (range.Length != 2) throw broken($"tensor '{name}' has {range.Length} data_offsets; two are needed.");
        try {
            // In this order, so that sizes too large before a size of 0 are refused, as the format's own reader does.
            long bytes = checked(shape.Aggregate(1L, (product, extent) => checked(product * extent)) * size);
            if (checked(range[1] - range[0]) != bytes)
                throw broken($"tensor '{name}' of type {type} and shape [{string.Join(", ", shape)}] needs {bytes} bytes but spans "
                    + $"{range[0]} to {range[1]}.");
            return new SafeTensorEntry(name, type!, shape, checked(dataStart + range[0]), bytes);
        } catch (OverflowException) {
            throw broken($"tensor '{name}' of shape [{string.Join(", ", shape)}] has more bytes than a number can count.");
        }
    }

    private static long[] Numbers(string name, string what, JsonElement value, Func<string, CheckpointException> broken) {
        if (!value.TryGetProperty(what, out JsonElement list) || list.ValueKind != JsonValueKind.Array)
            throw broken($"tensor '{name}' has no list '{what}'.");
        long[] numbers = new long[list.GetArrayLength()];
        int i = 0;
        foreach (JsonElement each in list.EnumerateArray())
            if (each.ValueKind != JsonValueKind.Number || each.GetRawText().StartsWith('-') || !each.TryGetInt64(out numbers[i++]))
                throw broken($"tensor '{name}': '{what}' has {each.GetRawText()}; a whole number of 0 or more is needed.");
        return numbers;
    }
}
