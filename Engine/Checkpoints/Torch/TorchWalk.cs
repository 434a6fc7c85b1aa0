using System.Globalization;
using System.Numerics;

namespace DenseEngine;

/// <summary>Walks through what a checkpoint holds and names it by the keys on the way, joined with slashes. Dictionaries, lists and tuples
/// are walked; an object inside itself is passed over, and one that stands at several places is walked at each, up to a limit.</summary>
internal sealed class TorchWalk {
    /// <summary>Deeper nesting is refused: names would grow with the square of the depth.</summary>
    private const int Deepest = 256;

    /// <summary>Lists of more plain values than this are data, not settings, and are left out.</summary>
    private const int LongestList = 10_000;

    /// <summary>The most items that may be walked again because they stand at several places.</summary>
    private const int MostRepeats = 100_000;

    /// <summary>The characters that all names may have, beside half the number of the file's bytes.</summary>
    private const long SpareCharacters = 2 << 20;

    /// <summary>What tensors may add to their storages by strides of 0, all together.</summary>
    private const long MostExpansion = 4 << 20;

    private readonly string file;
    private readonly long mostCharacters;
    private readonly List<TorchEntry> entries = [];
    private readonly Dictionary<string, object?> values = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> objects = new(StringComparer.Ordinal);
    private readonly HashSet<string> names = new(StringComparer.Ordinal);
    private readonly HashSet<object> seen = new(ReferenceEqualityComparer.Instance), around = new(ReferenceEqualityComparer.Instance);
    private readonly List<Place> way = [];
    private long characters, expansion;

    public TorchWalk(ByteStore store, object? root) {
        file = store.Name;
        mostCharacters = store.Length / 2 + SpareCharacters;
        if (!Enter(root, "")) Note(root, "");
        long repeats = 0;
        while (way.Count > 0) {
            Place place = way[^1];
            if (!place.Next(out object? key, out object? value)) {
                way.RemoveAt(way.Count - 1);
                around.Remove(place.Container);
                continue;
            }
            if (place.Again && ++repeats > MostRepeats) throw Bad($"it holds the same objects at more than {MostRepeats} places");
            if (place.IsLong && value is not (TorchTensor or PickleDictionary or PickleList)) continue;
            if (Name(key) is { } name) {
                string path = place.Prefix.Length == 0 && way.Count == 1 ? name : $"{place.Prefix}/{name}";
                if (!Enter(value, path)) Note(value, path);
            }
        }
    }

    /// <summary>The tensors, in the order of the file.</summary>
    public IReadOnlyList<TorchEntry> Entries => entries;

    /// <summary>Texts, numbers, truth values and None.</summary>
    public IReadOnlyDictionary<string, object?> Values => values;

    /// <summary>What was not read: the names of the classes.</summary>
    public IReadOnlyDictionary<string, string> Objects => objects;

    private CheckpointException Bad(string why) => new($"{file}: {why}.");

    /// <summary>Goes into an object that holds others; false if it is none.</summary>
    private bool Enter(object? value, string path) {
        if (value is not (PickleDictionary or PickleList { Is: not PickleList.Kind.Set })) return false;
        if (!around.Add(value)) return true;
        if (way.Count == Deepest) throw Bad($"it is nested more than {Deepest} deep");
        Count(path);
        way.Add(new Place(value, path, !seen.Add(value)));
        return true;
    }

    private void Note(object? value, string path) {
        switch (value) {
            case TorchTensor tensor:
                if (!names.Add(path)) throw Bad($"two tensors are named {Quote.Of(path)}");
                Count(path);
                expansion += tensor.Expansion;
                if (expansion is < 0 or > MostExpansion) throw Bad($"tensor {Quote.Of(path)} of shape [{string.Join(", ", tensor.Shape)}] "
                    + $"expands its storage by {tensor.Expansion} bytes; up to {MostExpansion} are read");
                entries.Add(new TorchEntry(path, tensor));
                break;
            case null or string or bool or long or double:
                if (values.TryAdd(path, value)) Count(path);
                break;
            case BigInteger number:
                if (values.TryAdd(path, number.ToString(CultureInfo.InvariantCulture))) Count(path);
                break;
            case PickleObject some:
                if (objects.TryAdd(path, some.Type.ToString())) Count(path);
                break;
            default: break;
        }
    }

    private void Count(string path) {
        characters += path.Length;
        if (characters > mostCharacters) throw Bad($"the names of all that it holds have more than {mostCharacters} characters");
    }

    /// <summary>A key as a part of a path; null for keys that are neither text nor a number.</summary>
    private static string? Name(object? key) => key switch {
        string text => text,
        long number => number.ToString(CultureInfo.InvariantCulture),
        bool truth => truth ? "True" : "False",
        double number => number.ToString("R", CultureInfo.InvariantCulture),
        BigInteger number => number.ToString(CultureInfo.InvariantCulture),
        _ => ReferenceEquals(key, PickleDictionary.None) ? "None" : null,
    };

    /// <summary>How far the walk is in one object.</summary>
    private sealed class Place(object container, string prefix, bool again) {
        private int next;

        public object Container => container;

        public string Prefix => prefix;

        /// <summary>Whether the object was walked before.</summary>
        public bool Again => again;

        public bool IsLong => (container as PickleList)?.Count > LongestList;

        public bool Next(out object? key, out object? value) {
            (key, value) = (null, null);
            if (container is PickleDictionary dictionary) {
                if (next == dictionary.Count) return false;
                (key, value) = dictionary[next++];
            } else {
                var list = (PickleList)container;
                if (next == list.Count) return false;
                (key, value) = ((long)next, list.Items[next++]);
            }
            return true;
        }
    }
}
