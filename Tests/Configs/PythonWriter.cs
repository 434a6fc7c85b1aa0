using System.Globalization;
using System.Text;
using System.Text.Json;
using DenseEngine.Models;

namespace DenseEngine.Tests;

/// <summary>Writes plain data as Python text, in the manner of mmcv's <c>pretty_text</c>; and compares it with what was read.</summary>
internal static class PythonWriter {
    /// <summary>Assignments of an object's members.</summary>
    public static string Assignments(JsonElement members) {
        var text = new StringBuilder();
        foreach (JsonProperty member in members.EnumerateObject()) {
            text.Append(member.Name).Append(" = ");
            Write(text, member.Value, "    ");
            text.Append('\n');
        }
        return text.ToString();
    }

    /// <summary>Where a value that was read differs from the data, or null.</summary>
    public static string? Difference(JsonElement data, PythonValue value, string path = "") {
        bool same = data.ValueKind switch {
            JsonValueKind.Null => value is PythonNone,
            JsonValueKind.True or JsonValueKind.False => value is PythonBool truth && truth.Value == data.GetBoolean(),
            JsonValueKind.String => value is PythonText text && text.Value == data.GetString(),
            JsonValueKind.Number when IsWhole(data) => value is PythonInt whole && whole.Value == data.GetInt64(),
            JsonValueKind.Number => value is PythonFloat number && number.Value.Equals(data.GetDouble()),
            JsonValueKind.Array => value is PythonList { IsTuple: false } list && list.Items.Count == data.GetArrayLength(),
            _ => value is PythonDict dict && dict.Entries.Select(entry => entry.Key.Text)
                .SequenceEqual(data.EnumerateObject().Select(member => member.Name)),
        };
        if (!same) return $"{path}: {value} for {data}";
        return data.ValueKind switch {
            JsonValueKind.Array => data.EnumerateArray().Zip(((PythonList)value).Items)
                .Select((pair, i) => Difference(pair.First, pair.Second, $"{path}[{i}]")).FirstOrDefault(found => found is not null),
            JsonValueKind.Object => data.EnumerateObject().Zip(((PythonDict)value).Entries)
                .Select(pair => Difference(pair.First.Value, pair.Second.Value, $"{path}.{pair.First.Name}"))
                .FirstOrDefault(found => found is not null),
            _ => null,
        };
    }

    private static bool IsWhole(JsonElement number) => number.GetRawText().All(digit => char.IsAsciiDigit(digit) || digit == '-');

    private static void Write(StringBuilder text, JsonElement value, string indent) {
        switch (value.ValueKind) {
            case JsonValueKind.Null: text.Append("None"); break;
            case JsonValueKind.True: text.Append("True"); break;
            case JsonValueKind.False: text.Append("False"); break;
            case JsonValueKind.Number: text.Append(value.GetRawText()); break;
            case JsonValueKind.String:
                text.Append('\'').Append(value.GetString()!.Replace("\\", "\\\\", StringComparison.Ordinal)
                    .Replace("'", "\\'", StringComparison.Ordinal)).Append('\'');
                break;
            case JsonValueKind.Array:
                text.Append('[');
                int count = 0;
                foreach (JsonElement item in value.EnumerateArray()) {
                    text.Append(count++ == 0 ? "" : item.ValueKind == JsonValueKind.Object ? "," : ", ");
                    if (item.ValueKind == JsonValueKind.Object) text.Append(CultureInfo.InvariantCulture, $"\n{indent}");
                    Write(text, item, indent + "    ");
                }
                text.Append(']');
                break;
            default:
                bool names = value.EnumerateObject().All(member => char.IsLetter(member.Name[0]));
                text.Append(names ? "dict(" : "{");
                int members = 0;
                foreach (JsonProperty member in value.EnumerateObject()) {
                    text.Append(CultureInfo.InvariantCulture, $"{(members++ == 0 ? "" : ",")}\n{indent}");
                    text.Append(names ? $"{member.Name}=" : $"'{member.Name}': ");
                    Write(text, member.Value, indent + "    ");
                }
                text.Append(names ? ")" : "}");
                break;
        }
    }
}
