using System.Text.Json;
using System.Text.Unicode;

namespace DenseEngine.Training;

/// <summary>Opens a JSON file of strangers and reads fields that may be anything.</summary>
internal static class CocoJson {
    private static readonly JsonDocumentOptions Options = new() { MaxDepth = 64 };

    /// <summary>Parses a file whole.</summary>
    /// <exception cref="DatasetException">It cannot be read, or is no JSON; the place is named.</exception>
    public static JsonDocument Open(string path) {
        try {
            byte[] bytes = File.ReadAllBytes(path);
            ReadOnlyMemory<byte> text = bytes.AsSpan().StartsWith("\uFEFF"u8) ? bytes.AsMemory(3) : bytes;
            if (!Utf8.IsValid(text.Span)) throw new DatasetException($"{path}: this is no sound JSON: it is no UTF-8.");
            return JsonDocument.Parse(text, Options);
        } catch (JsonException e) {
            throw new DatasetException($"{path}: this is no sound JSON: {e.Message}", e);
        } catch (Exception e) when (e is IOException or UnauthorizedAccessException) {
            throw new DatasetException($"{path}: cannot be read: {(Directory.Exists(path) ? "it is a folder." : e.Message)}", e);
        }
    }

    /// <summary>A field that must be a list.</summary>
    /// <exception cref="DatasetException">It is missing or something else.</exception>
    public static JsonElement List(string path, JsonElement root, string name) =>
        root.TryGetProperty(name, out JsonElement list) && list.ValueKind == JsonValueKind.Array
            ? list : throw new DatasetException($"{path}: there is no list '{name}'.");

    /// <summary>A whole number, or null.</summary>
    public static long? Whole(JsonElement entry, string name) =>
        entry.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out long number)
            ? number : null;

    /// <summary>A finite number, or null.</summary>
    public static double? Number(JsonElement entry, string name) =>
        entry.TryGetProperty(name, out JsonElement value) ? Number(value) : null;

    /// <summary>A text, or null.</summary>
    public static string? Text(JsonElement entry, string name) =>
        entry.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    /// <summary>What a field says, for messages.</summary>
    public static string Raw(JsonElement entry, string name) {
        if (!entry.TryGetProperty(name, out JsonElement value)) return "nothing";
        return Shortened(value.GetRawText());
    }

    /// <summary>As much of a text as a message bears.</summary>
    public static string Shortened(string text) => text.Length <= 60 ? text : text[..60] + "…";

    /// <summary>A text without what would break a line, which strangers' names may hold.</summary>
    public static string OneLine(string text) => text.Any(char.IsControl)
        ? string.Concat(text.Select(character => char.IsControl(character) ? '\uFFFD' : character)) : text;

    /// <summary>A box of four finite numbers whose sides are not negative and whose far corner and area are finite in single precision;
    /// or null.</summary>
    public static (double X, double Y, double Width, double Height)? Box(JsonElement entry) {
        if (!entry.TryGetProperty("bbox", out JsonElement list) || list.ValueKind != JsonValueKind.Array || list.GetArrayLength() != 4)
            return null;
        if (Number(list[0]) is not { } x || Number(list[1]) is not { } y || Number(list[2]) is not { } width
            || Number(list[3]) is not { } height) return null;
        bool sound = width >= 0 && height >= 0 && float.IsFinite((float)x) && float.IsFinite((float)y)
            && float.IsFinite((float)(x + width)) && float.IsFinite((float)(y + height)) && float.IsFinite((float)(width * height));
        return sound ? (x, y, width, height) : null;
    }

    private static double? Number(JsonElement value) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out double number) && double.IsFinite(number) ? number : null;
}
