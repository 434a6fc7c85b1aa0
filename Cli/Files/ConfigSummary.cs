using System.Globalization;
using System.Text.Json;
using DenseEngine.Models;

namespace DenseEngine.Cli;

/// <summary>A configuration as short lines, one for each of its parts. Made from its JSON, so that it knows every detector's.</summary>
internal static class ConfigSummary {
    public static IEnumerable<(string Name, string Text)> Of(DetectorConfig config) {
        using JsonDocument json = JsonDocument.Parse(config.ToJson());
        return [.. json.RootElement.EnumerateObject().Select(part => part.Name switch {
            "type" => ("network", part.Value.GetString()!),
            "Classes" => ("classes", string.Create(CultureInfo.InvariantCulture,
                $"{config.Classes.Count}: {string.Join(", ", config.Classes)}")),
            _ => (Words(part.Name), Text(part.Value)),
        })];
    }

    private static string Text(JsonElement value) => value.ValueKind switch {
        JsonValueKind.Object =>
            string.Join(", ", value.EnumerateObject().Select(member => $"{Words(member.Name)} {Inner(member.Value)}")),
        JsonValueKind.Array => $"[{string.Join(", ", value.EnumerateArray().Select(Inner))}]",
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.True => "yes",
        JsonValueKind.False => "no",
        JsonValueKind.Null => "none",
        _ => value.GetRawText(),
    };

    private static string Inner(JsonElement value) => value.ValueKind == JsonValueKind.Object ? $"({Text(value)})" : Text(value);

    /// <summary><c>FrozenStages</c> as "frozen stages".</summary>
    private static string Words(string name) =>
        string.Concat(name.Select((letter, i) => i > 0 && char.IsUpper(letter) ? $" {letter}" : $"{letter}")).ToLowerInvariant();
}
