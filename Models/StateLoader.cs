namespace DenseEngine.Models;

/// <summary>Puts a state (PyTorch's names and layouts; <see cref="KeyAliases"/> for those that others use) into a module:
/// all of it, or nothing and an error that names what does not fit.</summary>
public static class StateLoader {
    private const int NamesShown = 8;

    /// <summary>Elements from which a tensor is worth reading later.</summary>
    private const int Large = 1 << 14;

    /// <summary>Loads a state that must fit exactly.</summary>
    /// <param name="module">What to fill.</param>
    /// <param name="state">Tensors by name, on any device.</param>
    /// <exception cref="CheckpointException">Names are missing or unexpected, or shapes differ; each is listed.
    /// Nothing was changed.</exception>
    public static void Load(this Module module, IReadOnlyDictionary<string, Tensor> state) => _ = Load(module, state, null);

    /// <summary>Loads weights to start training from, whose head may differ (another number of classes, say): head tensors that do not fit
    /// stay as they are; everything else must fit.</summary>
    /// <param name="module">What to fill.</param>
    /// <param name="state">Tensors by name.</param>
    /// <param name="head">What stands in the head's names.</param>
    /// <returns>The head tensors that were skipped, with the reason.</returns>
    /// <exception cref="CheckpointException">Something outside the head does not fit. Nothing was changed.</exception>
    public static IReadOnlyList<string> LoadToFineTune(this Module module, IReadOnlyDictionary<string, Tensor> state,
        string head = "bbox_head.") =>
        Load(module, state, head);

    /// <summary>Loads a file's state dictionary, which must fit exactly.</summary>
    /// <exception cref="CheckpointException">The file is broken, or does not fit.</exception>
    public static void Load(this Module module, CheckpointFile file) {
        using var scope = new TensorScope();
        module.Load(Read(file));
    }

    /// <summary>The state dictionary of a file, in the scope around.</summary>
    public static IReadOnlyDictionary<string, Tensor> Read(CheckpointFile file) =>
        file.State().ToDictionary(each => each.Key, each => file.Read(each.Value.Name), StringComparer.Ordinal);

    /// <summary>Loads a file's state dictionary, which must fit exactly, into a module that nobody uses yet. If the module owns the file,
    /// large weights are only checked, and read when they are needed.</summary>
    internal static void Fill(Module module, CheckpointFile file, bool owned) {
        IReadOnlyDictionary<string, CheckpointEntry> state = file.State();
        List<(StateTensor Target, string Name)> pairs = Match(module, state.Keys, name => file.Form(state[name].Name), null, []);
        HostDevice.Default.Workers.For(pairs.Count, i => {
            (StateTensor target, string name) = (pairs[i].Target, state[pairs[i].Name].Name);
            if (owned && target.Value.Count >= Large) {
                file.Verify(name);
                target.FromTorchLater(file, name);
            } else {
                using Tensor values = file.Read(name);
                target.FromTorch(values);
            }
        });
    }

    private static List<string> Load(Module module, IReadOnlyDictionary<string, Tensor> state, string? head) {
        List<string> skipped = [];
        foreach ((StateTensor target, string name) in Match(module, state.Keys, name => (state[name].Shape, state[name].DType), head,
            skipped))
            target.FromTorch(state[name]);
        return skipped;
    }

    /// <summary>The module's tensors with the names of what they get.</summary>
    private static List<(StateTensor Target, string Name)> Match(Module module, IEnumerable<string> names,
        Func<string, (Shape Shape, DType Type)> form, string? head, List<string> skipped) {
        List<string> missing = [], unexpected = [], different = [];
        var pairs = new List<(StateTensor Target, string Name)>();
        var left = new HashSet<string>(names, StringComparer.Ordinal);
        (string Name, StateTensor Value)[] state = [.. module.State()];
        HashSet<string> own = [.. state.Select(entry => entry.Name)];
        foreach ((string name, StateTensor target) in state) {
            if ((left.Contains(name) ? name : KeyAliases.Find(name, left, own)) is not { } given) {
                Note(missing, name, "missing");
                continue;
            }
            left.Remove(given);
            (Shape shape, DType type) = form(given);
            if (shape != target.TorchShape) Note(different, $"{name} (file {shape}, network {target.TorchShape})", "other shape");
            else if (type != target.Value.DType) Note(different, $"{name} (file {type}, network {target.Value.DType})", "other type");
            else pairs.Add((target, given));
        }
        foreach (string name in left.Where(name => !KeyAliases.IsUnused(name)).Order(StringComparer.Ordinal))
            Note(unexpected, name, "unexpected");
        if (missing.Count + unexpected.Count + different.Count > 0)
            throw new CheckpointException($"The weights do not fit the "
                + $"network:{List("missing", missing)}{List("unexpected", unexpected)}{List("of another shape or type", different)}.");
        return pairs;

        void Note(List<string> list, string text, string reason) {
            if (head is not null && text.Contains(head, StringComparison.Ordinal)) skipped.Add($"{text}: {reason}");
            else list.Add(text);
        }
    }

    private static string List(string what, List<string> names) => names.Count == 0 ? ""
        : $" {names.Count} {what}: {string.Join(", ", names.Take(NamesShown))}{(names.Count > NamesShown ? ", …" : "")};";
}
