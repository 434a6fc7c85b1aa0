namespace DenseEngine;

// What a pickle is made of here. None, truth values, whole numbers, floating point and text are null, bool, long (or BigInteger), double
// and string; the rest are the classes below. None of them can do anything.

/// <summary>A list, tuple or set.</summary>
internal sealed class PickleList(PickleList.Kind kind, object?[] items) {
    public enum Kind { List, Tuple, Set }

    private object?[] items = items;
    private long[]? numbers;

    public Kind Is { get; } = kind;

    /// <summary>Whether it is a tuple of what can be a key, and so can be one itself.</summary>
    public bool IsHashable { get; } = kind == Kind.Tuple && Array.TrueForAll(items, PickleReader.IsHashable);

    public int Count { get; private set; } = items.Length;

    public ReadOnlySpan<object?> Items => items.AsSpan(0, Count);

    public void Add(ReadOnlySpan<object?> more) {
        if (Count + more.Length > items.Length) Array.Resize(ref items, Math.Max(Count + more.Length, 2 * Count));
        more.CopyTo(items.AsSpan(Count));
        Count += more.Length;
    }

    /// <summary>The items if all are whole numbers in 64 bits, else null. Asked of tuples and lists that are complete.</summary>
    public long[]? Numbers() {
        if (Is == Kind.Set) return null;
        if (numbers?.Length == Count) return numbers;
        var found = new long[Count];
        for (int i = 0; i < Count; i++) {
            if (items[i] is not long number) return null;
            found[i] = number;
        }
        return numbers = found;
    }
}

/// <summary>A dictionary, which keeps the order of its keys.</summary>
internal sealed class PickleDictionary(bool ordered) {
    private List<KeyValuePair<object, object?>>? items;
    private Dictionary<object, int>? places;

    /// <summary>Whether it is an <c>OrderedDict</c>, which may have attributes.</summary>
    public bool IsOrdered { get; } = ordered;

    public int Count => items?.Count ?? 0;

    /// <summary>A key (<see cref="None"/> for None) and its value.</summary>
    public KeyValuePair<object, object?> this[int index] => items![index];

    /// <summary>The key None.</summary>
    public static object None { get; } = new();

    public void Set(object? key, object? value) {
        items ??= [];
        places ??= [];
        object same = Same(key);
        if (places.TryGetValue(same, out int place)) {
            items[place] = new(items[place].Key, value);
        } else {
            places.Add(same, items.Count);
            items.Add(new(key ?? None, value));
        }
    }

    /// <summary>Python's numbers are one key if they are equal: 1, 1.0 and True.</summary>
    private static object Same(object? key) => key switch {
        null => None,
        bool truth => truth ? 1L : 0L,
        double number when number == Math.Floor(number) && Math.Abs(number) < 1L << 62 => (long)number,
        _ => key,
    };
}

/// <summary>Bytes. Only a few are of interest; longer ones are not kept.</summary>
internal sealed class PickleBytes(long length, byte[]? content, bool mutable) {
    /// <summary>The most bytes that are kept: a number's.</summary>
    public const int Kept = 16;

    public long Length { get; } = length;

    public byte[]? Content { get; } = content;

    public bool IsMutable { get; } = mutable;
}

/// <summary>A class or function that a pickle names. It stands for itself: nothing is looked up.</summary>
internal sealed record PickleName(string Module, string Name) {
    public override string ToString() => $"{Module}.{Name}";
}

/// <summary>Something made by a class or function that is not known: its name, and nothing else.</summary>
internal sealed class PickleObject(PickleName type) {
    public PickleName Type { get; } = type;
}
