namespace DenseEngine.Models;

/// <summary>A dict of a configuration while it is read. Every key must be taken by name: what nobody took is an error (<see cref="Done"/>),
/// so that no option goes unheeded. Messages name the option with its path, its value and its place.</summary>
internal sealed class ConfigSection(string path, PythonDict dict) {
    private const int MostNumbers = 100;   // in a list: no option has more, and messages show lists

    private static readonly string[] Packages = ["mmdet.", "mmengine.", "mmcv.", "torch."];

    private readonly HashSet<string> taken = [];
    private readonly List<ConfigSection> opened = [];

    /// <summary>Where it stands among the others, "model.backbone".</summary>
    public string Path => path;

    /// <summary>Whether a key is there and not None.</summary>
    public bool Has(string key) => Find(key) is not (null or PythonNone);

    /// <summary>Takes keys whose values do not matter.</summary>
    public void Ignore(params ReadOnlySpan<string> keys) {
        foreach (string key in keys) taken.Add(key);
    }

    /// <summary>Takes everything.</summary>
    public void IgnoreAll() {
        foreach (PythonEntry entry in dict.Entries) taken.Add(entry.Key.Text);
    }

    /// <summary>A key's value, or null if it is not there.</summary>
    public PythonValue? Value(string key) {
        taken.Add(key);
        return Find(key);
    }

    /// <summary>True or False.</summary>
    public bool Bool(string key, bool? fallback = null) => Take(key, value => (value as PythonBool)?.Value, "True or False", fallback);

    /// <summary>An integer between bounds.</summary>
    public int Int(string key, int? fallback = null, int least = int.MinValue, int most = int.MaxValue) {
        int value = Take(key, AsInt, "an integer of 32 bits", fallback);
        return value >= least && value <= most ? value : throw Wrong(key, $"must be from {least} to {most}");
    }

    /// <summary>A finite number between bounds.</summary>
    public float Float(string key, float? fallback = null, float least = float.MinValue, float most = float.MaxValue) {
        float value = Take(key, AsFloat, "a finite number", fallback);
        return value >= least && value <= most ? value : throw Wrong(key, FormattableString.Invariant($"must be from {least} to {most}"));
    }

    /// <summary>A finite number of 64 bits between bounds, as Python computes with it.</summary>
    public double Double(string key, double? fallback = null, double least = double.MinValue, double most = double.MaxValue) {
        double value = Take(key, AsDouble, "a finite number", fallback);
        return value >= least && value <= most ? value : throw Wrong(key, FormattableString.Invariant($"must be from {least} to {most}"));
    }

    /// <summary>Text.</summary>
    public string Text(string key, string? fallback = null) => Value(key) switch {
        PythonText text => text.Value,
        null => fallback ?? throw Missing(key),
        _ => throw Wrong(key, "must be text"),
    };

    /// <summary>Integers, or null if the key is not there or None.</summary>
    public IReadOnlyList<int>? Ints(string key) => List(key, AsInt, "a list of integers");

    /// <summary>True or False each, or null.</summary>
    public IReadOnlyList<bool>? Bools(string key) => List(key, value => (value as PythonBool)?.Value, "a list of True and False");

    /// <summary>Finite numbers, or null.</summary>
    public IReadOnlyList<float>? Floats(string key) => List(key, AsFloat, "a list of finite numbers");

    /// <summary>Lists of finite numbers, or null.</summary>
    public IReadOnlyList<IReadOnlyList<float>>? FloatLists(string key) {
        const string Needed = "a list of lists of finite numbers";
        if (Value(key) is null or PythonNone) return null;
        if (Find(key) is not PythonList { Items.Count: <= MostNumbers } list) throw Wrong(key, $"must be {Needed}");
        return [.. list.Items.Select(item => item is PythonList { Items.Count: <= MostNumbers } inner
            ? (IReadOnlyList<float>)[.. inner.Items.Select(each => AsFloat(each) ?? throw Wrong(key, $"must be {Needed}"))]
            : throw Wrong(key, $"must be {Needed}"))];
    }

    /// <summary>A dict, or null if the key is not there or None.</summary>
    public ConfigSection? Section(string key) => Value(key) switch {
        PythonDict inner => Open(key, inner),
        null or PythonNone => null,
        _ => throw Wrong(key, "must be a dict"),
    };

    /// <summary>A dict that must be there.</summary>
    public ConfigSection Needed(string key) => Section(key) ?? throw (Find(key) is null ? Missing(key) : Wrong(key, "must be a dict"));

    /// <summary>Dicts in a list, or null if the key is not there or None.</summary>
    public IReadOnlyList<ConfigSection>? Sections(string key) {
        if (Value(key) is null or PythonNone) return null;
        if (Find(key) is not PythonList list || list.Items.Any(item => item is not PythonDict)) throw Wrong(key, "must be a list of dicts");
        return [.. list.Items.Select((item, i) => Open($"{key}[{i}]", (PythonDict)item))];
    }

    /// <summary>The type, which must be one of those that are supported; the packages' own prefixes do not count.</summary>
    public string Type(params ReadOnlySpan<string> supported) {
        string type = Text("type");
        bool known = Array.Exists(Packages, package => type.StartsWith(package, StringComparison.Ordinal));
        if (known) type = type[(type.LastIndexOf('.') + 1)..];
        return supported.Contains(type) ? type : throw Unsupported("type");
    }

    /// <summary>The type that a dict in this one names, as it stands there, or null; nothing is taken.</summary>
    public string? TypeOf(string key) =>
        (Find(key) as PythonDict)?.Entries.Find(new PythonKey("type")) is PythonText type ? type.Value : null;

    /// <summary>Takes a key that may hold one of these values only: null for None, a truth value, a number or text.</summary>
    public void Only(string key, params ReadOnlySpan<object?> values) {
        PythonValue? value = Value(key);
        if (value is null) return;
        foreach (object? allowed in values) {
            bool equal = (allowed, value) switch {
                (null, PythonNone) => true,
                (bool expected, PythonBool given) => given.Value == expected,
                (double expected, PythonInt given) => given.Value == expected,
                (double expected, PythonFloat given) => given.Value == expected,
                (string expected, PythonText given) => given.Value == expected,
                _ => false,
            };
            if (equal) return;
        }
        throw Unsupported(key);
    }

    /// <summary>Takes a key that may hold None only.</summary>
    public void Nothing(string key) {
        if (Value(key) is not (null or PythonNone)) throw Unsupported(key);
    }

    /// <summary>An option that is there but not supported.</summary>
    public ConfigException Unsupported(string key) => Wrong(key, "is not supported");

    /// <summary>An option with what is wrong about it.</summary>
    public ConfigException Wrong(string key, string what) => Find(key) is { } value
        ? new ConfigException($"{Name(key)} = {value} {what} ({value.Place}).")
        : new ConfigException($"{Name(key)} {what} ({dict.Place}).");

    /// <summary>An option that must be there and is not.</summary>
    public ConfigException Missing(string key) => new($"{Name(key)} is missing ({dict.Place}).");

    /// <summary>Runs a check of what was read, and adds the section's place to its message.</summary>
    public void Check(Action validate) {
        try {
            validate();
        } catch (ConfigException e) {
            throw new ConfigException($"{e.Message.TrimEnd('.')} ({path}, {dict.Place}).", e);
        }
    }

    /// <summary>Ends the reading of this section and of those opened from it.</summary>
    /// <exception cref="ConfigException">A key that nobody took.</exception>
    public void Done() {
        foreach (PythonEntry entry in dict.Entries)
            if (entry.Key.IsInt || !taken.Contains(entry.Key.Text))
                throw new ConfigException($"{Name(entry.Key.Text)} = {entry.Value} is not supported ({entry.Place}).");
        foreach (ConfigSection section in opened) section.Done();
    }

    /// <summary>The value as an integer of 32 bits, or null.</summary>
    internal static int? AsInt(PythonValue value) =>
        value is PythonInt { Value: >= int.MinValue and <= int.MaxValue } number ? (int)number.Value : null;

    private static float? AsFloat(PythonValue value) => AsDouble(value) is { } number && float.IsFinite((float)number) ? (float)number
        : null;

    private static double? AsDouble(PythonValue value) {
        double? number = value switch {
            PythonInt whole => (double)whole.Value,
            PythonFloat real => real.Value,
            _ => null,
        };
        return number is { } finite && double.IsFinite(finite) ? number : null;
    }

    private PythonValue? Find(string key) => dict.Entries.Find(new PythonKey(key));

    private string Name(string key) {
        string shown = PythonValue.Shortened(new(key));
        return path.Length == 0 ? shown : $"{path}.{shown}";
    }

    private ConfigSection Open(string key, PythonDict inner) {
        var section = new ConfigSection(Name(key), inner);
        opened.Add(section);
        return section;
    }

    private T Take<T>(string key, Func<PythonValue, T?> convert, string needed, T? fallback) where T : struct {
        PythonValue? value = Value(key);
        return value is null ? fallback ?? throw Missing(key) : convert(value) ?? throw Wrong(key, $"must be {needed}");
    }

    private T[]? List<T>(string key, Func<PythonValue, T?> convert, string needed) where T : struct {
        if (Value(key) is null or PythonNone) return null;
        if (Find(key) is not PythonList list) throw Wrong(key, $"must be {needed}");
        if (list.Items.Count > MostNumbers) throw Wrong(key, $"has {list.Items.Count} items; at most {MostNumbers} are supported");
        return [.. list.Items.Select(item => convert(item) ?? throw Wrong(key, $"must be {needed}"))];
    }
}
