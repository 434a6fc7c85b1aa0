namespace DenseEngine.Models;

/// <summary>Puts a state (PyTorch's names and layouts) into a module:
/// all of it, or nothing and an error that names what does not fit.</summary>
public static class StateLoader {
    private const int NamesShown = 8;

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
    /// <param name="head">What the head's names begin with.</param>
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

    private static List<string> Load(Module module, IReadOnlyDictionary<string, Tensor> state, string? head) {
        List<string> missing = [], unexpected = [], different = [], skipped = [];
        var copies = new List<(StateTensor Target, Tensor Source)>();
        var known = new HashSet<string>(StringComparer.Ordinal);
        foreach ((string name, StateTensor target) in module.State()) {
            known.Add(name);
            if (!state.TryGetValue(name, out Tensor? source)) Note(missing, name, "missing");
            else if (source.Shape != target.TorchShape)
                Note(different, $"{name} (file {source.Shape}, network {target.TorchShape})", "other shape");
            else if (source.DType != target.Value.DType)
                Note(different, $"{name} (file {source.DType}, network {target.Value.DType})", "other type");
            else copies.Add((target, source));
        }
        foreach (string name in state.Keys.Where(name => !known.Contains(name)).Order(StringComparer.Ordinal))
            Note(unexpected, name, "unexpected");
        if (missing.Count + unexpected.Count + different.Count > 0)
            throw new CheckpointException($"The weights do not fit the "
                + $"network:{List("missing", missing)}{List("unexpected", unexpected)}{List("of another shape or type", different)}.");
        foreach ((StateTensor target, Tensor source) in copies) target.FromTorch(source);
        return skipped;

        void Note(List<string> list, string text, string reason) {
            if (head is not null && text.StartsWith(head, StringComparison.Ordinal)) skipped.Add($"{text}: {reason}");
            else list.Add(text);
        }
    }

    private static string List(string what, List<string> names) => names.Count == 0 ? ""
        : $" {names.Count} {what}: {string.Join(", ", names.Take(NamesShown))}{(names.Count > NamesShown ? ", …" : "")};";
}
