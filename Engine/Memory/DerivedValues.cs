namespace DenseEngine;

/// <summary>What was computed from a storage's contents and is kept with them: weights packed for a product, say.</summary>
internal sealed class DerivedValues {
    private readonly Dictionary<object, (IDisposable Value, object? Stamp)> values = [];
    private readonly Lock gate = new();

    /// <summary>The value of a key, made if there is none or one with another stamp; from a loan of contents that are not there.</summary>
    public T Get<T>(object key, Func<T> make, object? stamp, LaterContents? later) where T : class, IDisposable {
        lock (gate) {
            if (values.Remove(key, out (IDisposable Value, object? Stamp) kept)) {
                if (Equals(kept.Stamp, stamp)) {
                    values.Add(key, kept);
                    return (T)kept.Value;
                }
                kept.Value.Dispose();
            }
            T made;
            using (later?.Lend())
            using (new LastingMemory()) made = make();
            values.Add(key, (made, stamp));
            return made;
        }
    }

    /// <summary>The value of a key and stamp, if there is one.</summary>
    public T? Find<T>(object key, object? stamp) where T : class, IDisposable {
        lock (gate) return values.TryGetValue(key, out (IDisposable Value, object? Stamp) kept) && Equals(kept.Stamp, stamp) ? (T)kept.Value
            : null;
    }

    /// <summary>Frees all values.</summary>
    public void Clear() {
        lock (gate) {
            foreach ((IDisposable value, _) in values.Values) value.Dispose();
            values.Clear();
        }
    }
}
