using System.Globalization;
using DenseEngine.Models;

namespace DenseEngine.Cli;

/// <summary>Shows what is inside a file of weights: what it is, which network it makes, its tensors and values. Everything is a stranger's:
/// long texts are cut and long lists shown by their ends, unless all is asked for.</summary>
internal static class CheckpointInfo {
    private const int FirstShown = 12, LastShown = 4, LongestText = 100, LongestSetting = 300, ListFrom = 2;

    public static void Show(string path, bool all) {
        using CheckpointFile file = CheckpointFile.Open(path);
        Terminal.Table(["what", "value"], [
            ["file", path],
            ["format", string.Create(CultureInfo.InvariantCulture, $"{file.Format}, {new FileInfo(path).Length} bytes")],
            ["tensors", Totals(file.Entries)],
            .. Network(file, all),
        ]);
        Show(["tensor", "type", "shape"], [.. file.Entries.Select(entry =>
            (IReadOnlyList<string>)[all ? entry.Name : Cut(entry.Name), entry.Type, $"[{string.Join(", ", entry.Shape)}]"])], all);
        IEnumerable<(string Path, string Text)> values = file.Values.Select(value => (value.Key, Text(value.Value)));
        Show(["value", "is"], [.. (all ? values : Fold(values)).Select(value =>
            (IReadOnlyList<string>)[all ? value.Path : Cut(value.Path), all ? value.Text : Cut(value.Text)])], all);
        Show(["not read", "class"], [.. file.Objects.Select(some =>
            (IReadOnlyList<string>)[all ? some.Key : Cut(some.Key), all ? some.Value : Cut(some.Value)])], all);
    }

    private static string Totals(IReadOnlyList<CheckpointEntry> entries) => entries.Count == 0 ? "none" : string.Join('\n',
        from entry in entries
        group entry by entry.Type into type
        select string.Create(CultureInfo.InvariantCulture,
            $"{type.Count()} of {type.Key}, {type.Sum(entry => (decimal)entry.Count)} elements"));

    /// <summary>The network that the file makes, setting by setting, and whether its weights fit; or why it makes none.</summary>
    private static IEnumerable<IReadOnlyList<string>> Network(CheckpointFile file, bool all) {
        DetectorConfig? config;
        string? trouble = null;
        try {
            config = Detector.ConfigOf(file);
            if (config is null) trouble = "the file does not say which; `dense detect` needs --config NAME";
        } catch (DenseEngineException e) {
            (config, trouble) = (null, e.Message);
        }
        if (config is null) return [["network", trouble!]];
        string fits = "all fit";
        try {
            Detector.Load(file, config).Dispose();
        } catch (DenseEngineException e) {
            fits = e.Message;
        }
        return [.. ConfigSummary.Of(config)
            .Select(each => (IReadOnlyList<string>)[each.Name, all ? each.Text : Cut(each.Text, LongestSetting)]),
            ["weights", fits]];
    }

    private static void Show(IReadOnlyList<string> head, IReadOnlyList<IReadOnlyList<string>> rows, bool all) {
        if (rows.Count == 0) return;
        bool whole = all || rows.Count <= FirstShown + LastShown + 1;
        Terminal.Table(head, whole ? rows : [.. rows.Take(FirstShown),
            [string.Create(CultureInfo.InvariantCulture, $"… {rows.Count - FirstShown - LastShown} more (--all)"),
                .. Enumerable.Repeat("", head.Count - 1)], .. rows.TakeLast(LastShown)]);
    }

    /// <summary>Values numbered from 0 under one path, classes say, as one row.</summary>
    private static IEnumerable<(string Path, string Text)> Fold(IEnumerable<(string Path, string Text)> values) =>
        from value in values
        group value by List(value.Path) into list
        let items = list.ToArray()
        from row in list.Key.EndsWith("/*", StringComparison.Ordinal) && items.Length >= ListFrom
            ? [(list.Key, string.Create(CultureInfo.InvariantCulture,
                $"{items.Length}: {string.Join(", ", items.Select(item => item.Text))}"))]
            : items
        select row;

    /// <summary>The path with a star for a number at its end.</summary>
    private static string List(string path) {
        int at = path.LastIndexOf('/') + 1;
        return at > 0 && int.TryParse(path.AsSpan(at), NumberStyles.None, CultureInfo.InvariantCulture, out _) ? path[..at] + "*" : path;
    }

    private static string Text(object? value) => value switch {
        null => "None",
        string text => text,
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    private static string Cut(string text, int longest = LongestText) {
        string line = text.ReplaceLineEndings(" ");
        return line.Length <= longest ? line
            : string.Create(CultureInfo.InvariantCulture, $"{line.AsSpan(0, longest)}… ({text.Length} characters)");
    }
}
