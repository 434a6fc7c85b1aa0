using System.Buffers.Binary;
using System.Numerics;

namespace DenseEngine;

/// <summary>PyTorch's format before 1.6: five pickles in a row (a magic number, the protocol, the system, the object, the storages' keys),
/// then for each key a count and the elements. (pytorch/pytorch, torch/serialization.py.)</summary>
internal static class TorchLegacy {
    private const long Protocol = 1001;

    private static readonly BigInteger Magic = ((BigInteger)0x1950 << 64) + 0xa86a20f9469cfc6c;

    /// <summary>The object in the file, whose storages are read from the store when asked.</summary>
    public static object? Load(ByteStore store) {
        CheckpointException No(string why) => new($"{store.Name}: {why}.");
        var source = new PickleSource(store, 0);
        object? Plain() => PickleReader.Read(source, new TorchTypes(null, persistentParts: 0));
        if (Plain() is not BigInteger magic || magic != Magic)
            throw No("this is a pickle, but not one of PyTorch's: its magic number is missing");
        if (Plain() is not Protocol) throw No($"the protocol is not {Protocol}");
        if (Plain() is not PickleDictionary system) throw No("the description of the system is no dictionary");
        for (int i = 0; i < system.Count; i++)
            if (system[i] is { Key: "little_endian", Value: not true }) throw No("the file is not of a little-endian system");
        var types = new TorchTypes((key, type, count, _) => new Stored(store, key, type, count), persistentParts: 6);
        object? root = PickleReader.Read(source, types);
        if (Plain() is not PickleList { Is: PickleList.Kind.List } keys) throw No("the keys of the storages are no list");

        long at = source.Position;
        foreach (object? key in keys.Items) {
            if (key is not string text) throw No("a storage's key is no text");
            if (!types.Storages.TryGetValue(text, out TorchStorage? found)) throw No($"no tensor uses the listed storage {Quote.Of(text)}");
            var storage = (Stored)found;
            if (storage.Start > 0) throw No($"storage {Quote.Of(text)} stands twice in the list of storages");
            if (store.Length - at < sizeof(long)) throw No($"the file ends before storage {Quote.Of(text)}");
            long count = BinaryPrimitives.ReadInt64LittleEndian(store.Read(at, sizeof(long)));
            at += sizeof(long);
            if (count != storage.Count) throw No($"storage {Quote.Of(text)} has {count} elements where tensors need {storage.Count}");
            if (storage.Bytes > store.Length - at)
                throw No($"storage {Quote.Of(text)} of {storage.Bytes} bytes is cut off after {store.Length - at}");
            storage.Start = at;
            at += storage.Bytes;
        }
        if (types.Storages.Values.FirstOrDefault(storage => ((Stored)storage).Start == 0) is { } lost)
            throw No($"storage {Quote.Of(lost.Key)} is not in the list of storages");
        if (at != store.Length) throw No($"{store.Length - at} bytes follow the last storage");
        return root;
    }

    private sealed class Stored(ByteStore store, string key, string type, long count) : TorchStorage(key, type, count) {
        /// <summary>Where its elements begin; 0 until the list of storages has named it.</summary>
        public long Start { get; set; }

        public override ElementSource Open(long offset, long length) => new RangeSource(store, Start + offset);
    }
}
