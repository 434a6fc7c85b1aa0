using System.Collections;

namespace DenseEngine.Models;

/// <summary>The entries of a dict, in Python's order: a key that is set again keeps its position.</summary>
internal sealed class PythonMapping : IReadOnlyList<PythonEntry> {
    private OrderedDictionary<PythonKey, (TextPlace Place, PythonValue Value)>? entries;   // texts may hold many empty dicts

    /// <inheritdoc/>
    public int Count => entries?.Count ?? 0;

    /// <inheritdoc/>
    public PythonEntry this[int index] {
        get {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
            (PythonKey key, (TextPlace place, PythonValue value)) = entries!.GetAt(index);
            return new PythonEntry(key, place, value);
        }
    }

    /// <summary>A key's value, or null.</summary>
    public PythonValue? Find(PythonKey key) => entries is not null && entries.TryGetValue(key, out var found) ? found.Value : null;

    /// <summary>Sets a key's value.</summary>
    public void Set(PythonKey key, TextPlace place, PythonValue value) => (entries ??= [])[key] = (place, value);

    /// <inheritdoc/>
    public IEnumerator<PythonEntry> GetEnumerator() {
        for (int i = 0; i < Count; i++) yield return this[i];
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
