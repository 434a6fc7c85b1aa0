using System.Reflection;

namespace DenseEngine.Models;

/// <summary>A configuration class with published presets.</summary>
public interface IPresets {
    /// <summary>The presets by their full names, <c>gfl/gfl_r50_fpn_1x_coco</c>.</summary>
    static abstract IReadOnlyDictionary<string, DetectorConfig> Presets { get; }

    /// <summary>Published configurations that cannot be built yet, by name, with what they need.</summary>
    static abstract IReadOnlyDictionary<string, string> Unsupported { get; }
}

/// <summary>All presets, collected from the configuration classes that have any.</summary>
public static class Presets {
    private const int Suggested = 8;

    private static readonly Dictionary<string, DetectorConfig> All = Collect<DetectorConfig>(nameof(IPresets.Presets));
    private static readonly Dictionary<string, string> Unsupported = Collect<string>(nameof(IPresets.Unsupported));

    /// <summary>The presets' full names.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. All.Keys.Order(StringComparer.Ordinal)];

    /// <summary>A preset by its full name, or by its last part where that is unique.</summary>
    /// <exception cref="ConfigException">There is none, there are several, or it is not supported yet.</exception>
    public static DetectorConfig Find(string name) {
        if (All.TryGetValue(name, out DetectorConfig? found)) return found;
        string[] matches = [.. Names.Where(full => LastPart(full) == name)];
        if (matches.Length == 1) return All[matches[0]];
        if (matches.Length > 1) throw new ConfigException($"The name '{name}' is not unique: {string.Join(", ", matches)}.");
        foreach ((string full, string reason) in Unsupported)
            if (full == name || LastPart(full) == name)
                throw new ConfigException($"The configuration '{full}' is not supported yet: it needs {reason}.");
        string[] alike = [.. Names.Where(full => name.Length > 0 && full.Contains(name, StringComparison.OrdinalIgnoreCase))
            .Take(Suggested)];
        throw new ConfigException($"There is no configuration '{name}'; {(alike.Length == 0 ? "`dense info` lists those that there are"
            : $"there is {string.Join(", ", alike)}")}.");
    }

    private static string LastPart(string full) => full[(full.LastIndexOf('/') + 1)..];

    private static Dictionary<string, T> Collect<T>(string property) => typeof(Presets).Assembly.GetTypes()
        .Where(type => type.IsAssignableTo(typeof(IPresets)) && !type.IsInterface)
        .OrderBy(type => type.FullName, StringComparer.Ordinal)
        .SelectMany(type =>
            (IReadOnlyDictionary<string, T>)type.GetProperty(property, BindingFlags.Public | BindingFlags.Static)!.GetValue(null)!)
        .ToDictionary(preset => preset.Key, preset => preset.Value, StringComparer.Ordinal);
}
