namespace DenseEngine;

/// <summary>What may be made of the names in a PyTorch checkpoint: tensors, parameters, ordered dictionaries, and numpy's float64, which is
/// a number of Python. Everything else becomes an inert object, unless a tensor would depend on it.</summary>
/// <param name="storages">Finds a storage by its key, element type and count; null where a pickle has none.</param>
/// <param name="persistentParts">The parts of a storage's persistent id: 5, and 6 in the older format.</param>
internal sealed class TorchTypes(Func<string, string, long, PickleSource, TorchStorage>? storages, int persistentParts) : IPickleTypes {
    private readonly Dictionary<string, TorchStorage> known = new(StringComparer.Ordinal);
    private long copied;

    /// <summary>The storages that tensors refer to.</summary>
    public IReadOnlyDictionary<string, TorchStorage> Storages => known;

    public object? Call(PickleName callee, PickleList arguments, PickleSource source) {
        ReadOnlySpan<object?> items = arguments.Items;
        return (callee.Module, callee.Name) switch {
            ("collections", "OrderedDict") => OrderedDictionary(items, source),
            ("torch._utils", "_rebuild_tensor_v2") => Tensor(items, 6, 7, source),
            ("torch._utils", "_rebuild_tensor") => Tensor(items, 4, 4, source),
            ("torch._utils", "_rebuild_parameter") => Parameter(items, 3, source),
            ("torch._utils", "_rebuild_parameter_with_state") => Parameter(items, 4, source),
            ("torch._tensor" or "torch.tensor", "_rebuild_from_type_v2") when items is
            [
                PickleName function, PickleName { Module: "torch" or "torch.nn.parameter", Name: "Tensor" or "Parameter" },
                PickleList inner, _
            ] => Call(function, inner, source) as TorchTensor ?? throw source.Broken("a tensor is made of something else"),
            ("_codecs", "encode") => items is [string text, "latin1" or "latin-1"] ? Latin(text, source)
                : throw source.Broken("a string of bytes is encoded in a way that is not known"),
            _ => NumpyTypes.Call(callee, items, source) ?? Unknown(callee, items, source),
        };
    }

    public bool Build(object? target, object? state, PickleSource source) => NumpyTypes.Build(target, state, source);

    public object Persistent(object? id, PickleSource source) {
        if (id is not PickleList { Is: PickleList.Kind.Tuple } parts) throw source.Broken("a persistent id is no tuple");
        if (parts.Items is ["module", ..]) throw source.Broken("it holds a whole module; its state_dict is needed");
        if (storages is null || parts.Count != persistentParts
            || parts.Items is not ["storage", PickleName type, string key, string, long count, ..]) {
            throw source.Broken("a persistent id is not that of a storage");
        }
        if (parts.Count > 5 && parts.Items[5] is not null) throw source.Broken($"storage {Quote.Of(key)} is a view of another");
        string elements = TorchStorage.TypeOf(type) ?? throw source.Broken($"storages of type {Quote.Of(type.ToString())} are not read");
        if (count < 0 || count > long.MaxValue / ElementConversion.SizeOf(elements))
            throw source.Broken($"storage {Quote.Of(key)} claims {count} elements");
        if (!known.TryGetValue(key, out TorchStorage? storage)) {
            known.Add(key, storage = storages(key, elements, count, source));
        } else if (storage.Type != elements || storage.Count != count) {
            throw source.Broken($"storage {Quote.Of(key)} of {storage.Count} {storage.Type} is also one of {count} {elements}");
        }
        return storage;
    }

    private PickleDictionary OrderedDictionary(ReadOnlySpan<object?> items, PickleSource source) {
        var dictionary = new PickleDictionary(ordered: true);
        if (items.Length == 0) return dictionary;
        if (items is not [PickleList pairs]) throw source.Broken("an OrderedDict is made of something else than pairs");
        Spend(pairs.Count, source);
        foreach (object? item in pairs.Items) {
            if (item is not PickleList { Count: 2 } pair) throw source.Broken("an OrderedDict is made of something else than pairs");
            PickleReader.CheckKey(pair.Items[0], source);
            dictionary.Set(pair.Items[0], pair.Items[1]);
        }
        return dictionary;
    }

    private static TorchTensor Tensor(ReadOnlySpan<object?> items, int least, int most, PickleSource source) {
        if (items.Length < least || items.Length > most
            || items is not [TorchStorage storage, long offset, PickleList shape, PickleList strides, ..]
            || shape.Numbers() is not { } sizes || strides.Numbers() is not { } steps)
            throw source.Broken("a tensor is not made of storage, offset, shape and strides");
        if (least > 4) CheckGradient(items[4], items[5], storage.Type, source);
        if (items.Length > 6 && items[6] is not (null or PickleDictionary)) throw source.Broken("a tensor's metadata are no dictionary");
        return new TorchTensor(storage, offset, sizes, steps, source);
    }

    private static TorchTensor Parameter(ReadOnlySpan<object?> items, int count, PickleSource source) {
        if (items.Length != count || items[0] is not TorchTensor tensor) throw source.Broken("a parameter is not made of a tensor");
        CheckGradient(items[1], items[2], tensor.Type, source);
        return tensor;
    }

    /// <summary>Only floating point can want a gradient, and no hook is kept in a file.</summary>
    private static void CheckGradient(object? wanted, object? hooks, string type, PickleSource source) {
        if (wanted is not bool gradient || hooks is not (null or PickleDictionary) || gradient && !ElementConversion.IsFloating(type))
            throw source.Broken($"a tensor of type {type} has a gradient or hooks that PyTorch does not know");
    }

    private PickleBytes Latin(string text, PickleSource source) {
        Spend(text.Length, source);
        if (text.AsSpan().ContainsAnyExceptInRange('\0', '\u00ff')) throw source.Broken("a string of bytes has a character beyond them");
        byte[]? content = text.Length <= PickleBytes.Kept ? [.. text.Select(character => (byte)character)] : null;
        return new PickleBytes(text.Length, content, mutable: false);
    }

    /// <summary>An inert object, unless it is a way of building tensors that is not known: then tensors would be missing.</summary>
    private static PickleObject Unknown(PickleName callee, ReadOnlySpan<object?> items, PickleSource source) {
        foreach (object? item in items)
            if (item is TorchStorage || item is TorchTensor && callee.Module.StartsWith("torch", StringComparison.Ordinal))
                throw source.Broken($"tensors built by {Quote.Of(callee.ToString())} are not read");
        return new PickleObject(callee);
    }

    /// <summary>Counts what is copied, so that one large object used often is not work without end: a pickler writes each of them
    /// once.</summary>
    private void Spend(long items, PickleSource source) {
        copied += items;
        if (copied > source.Position + (1 << 16)) throw source.Broken("it copies the same objects too often");
    }
}
