namespace DenseEngine;

/// <summary>What was computed from a storage's contents and is kept with them: weights packed for a product, say.</summary>
internal sealed class DerivedValues {
    private readonly Dictionary<object, IDisposable> values = [];
    private readonly Lock gate = new();

    /// <summary>The value of a key, made if there is none.</summary>
    public T Get<T>(object key, Func<T> make) where T : class, IDisposable {
        lock (gate) {
            if (values.TryGetValue(key, out IDisposable? value)) return (T)value;
            T made = make();
            values.Add(key, made);
            return made;
        }
    }

    /// <summary>Frees all values.</summary>
    public void Clear() {
        lock (gate) {
            foreach (IDisposable value in values.Values) value.Dispose();
            values.Clear();
        }
    }
}
