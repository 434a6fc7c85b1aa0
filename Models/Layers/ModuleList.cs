namespace DenseEngine.Models;

/// <summary>Modules of one kind, whose state names are their numbers (PyTorch's <c>ModuleList</c>).</summary>
public sealed class ModuleList<T>(IEnumerable<T> modules) : Module where T : Module {
    private readonly T[] modules = [.. modules];

    /// <summary>How many there are.</summary>
    public int Count => modules.Length;

    /// <summary>One of them.</summary>
    public T this[int index] => modules[index];

    /// <inheritdoc/>
    public override IEnumerable<(string Name, Module Module)> Children =>
        modules.Select((module, i) => (i.ToString(System.Globalization.CultureInfo.InvariantCulture), (Module)module));
}
