using System.Globalization;

namespace DenseEngine;

/// <summary>PyTorch's format since 1.6: a zip archive with the object in <c>data.pkl</c> and each storage in <c>data/KEY</c>, all in one
/// folder of any name. (The records: pytorch/pytorch, caffe2/serialize/inline_container.h.)</summary>
internal static class TorchZip {
    /// <summary>What a packed pickle may unpack to beyond the file's own size.</summary>
    private const long UnpackedPickle = 4 << 20;

    /// <summary>The versions of the format that there are.</summary>
    private const int OldestVersion = 1, LatestVersion = 10;

    /// <summary>The object in the archive, whose storages are read from the store when asked.</summary>
    public static object? Load(ByteStore store, CheckpointOptions options) {
        IReadOnlyList<ZipEntry> entries = ZipDirectory.Read(store);
        Dictionary<string, ZipEntry> records = entries.ToDictionary(entry => entry.Name, StringComparer.Ordinal);
        CheckpointException No(string why) => new($"{store.Name}: {why}.");
        string root = entries[0].Name[..(entries[0].Name.IndexOf('/') + 1)];
        if (root.Length == 0 || !records.TryGetValue(root + "data.pkl", out ZipEntry? pickle))
            throw No($"the archive has no record {Quote.Of(root + "data.pkl")}; it is no PyTorch checkpoint");
        if (records.ContainsKey(root + "constants.pkl"))
            throw No("this is a TorchScript archive, a program with weights; a checkpoint saved by torch.save is needed");
        if (entries.FirstOrDefault(entry => !entry.Name.StartsWith(root, StringComparison.Ordinal)) is { } outside)
            throw No($"the archive's record {Quote.Of(outside.Name)} is not in its folder {Quote.Of(root)}");
        string version = Label("version") ?? throw No($"the archive has no record {Quote.Of(root + "version")}");
        if (!int.TryParse(version, NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            || number is < OldestVersion or > LatestVersion)
            throw No($"the archive has version {Quote.Of(version)}; {OldestVersion} to {LatestVersion} are known");
        if (Label("byteorder") is { } order && order != "little")
            throw No($"the archive's byte order is {Quote.Of(order)}; little is read");
        if (pickle.Size > store.Length + UnpackedPickle)
            throw No($"record {Quote.Of(pickle.Name)} unpacks to {pickle.Size} bytes, too many for a file of {store.Length}");
        var types = new TorchTypes(Find, persistentParts: 5);
        return PickleReader.Read(new PickleSource(ZipRecord.Read(store, pickle, options), $"{store.Name}: {pickle.Name}"), types);

        string? Label(string name) {
            if (!records.TryGetValue(root + name, out ZipEntry? record)) return null;
            if (record.Size > 64) throw No($"record {Quote.Of(record.Name)} has {record.Size} bytes; it is to be a word");
            return System.Text.Encoding.Latin1.GetString(ZipRecord.Read(store, record, options)).TrimEnd('\n');
        }

        TorchStorage Find(string key, string type, long count, PickleSource source) {
            if (!records.TryGetValue($"{root}data/{key}", out ZipEntry? record))
                throw source.Broken($"there is no storage {Quote.Of(key)}");
            if (record.Size != count * ElementConversion.SizeOf(type))
                throw source.Broken($"storage {Quote.Of(key)} of {count} {type} has {record.Size} bytes");
            return new Record(store, record, options, key, type, count);
        }
    }

    /// <summary>A storage in a record of its own.</summary>
    private sealed class Record(ByteStore store, ZipEntry entry, CheckpointOptions options, string key, string type, long count)
        : TorchStorage(key, type, count) {
        /// <summary>The unpacked bytes, for as long as memory is plentiful: several tensors may view them.</summary>
        private readonly WeakReference<byte[]> unpacked = new(null!);

        public override void Verify() {
            if (entry.Deflated) _ = Open(0, Bytes);
            else ZipRecord.Verify(store, entry, options);
        }

        public override ElementSource Open(long offset, long length) {
            if (!entry.Deflated) {
                if (length == Bytes) return new ZipRecord.Source(store, entry, options);
                ZipRecord.Verify(store, entry, options);
                return new RangeSource(store, entry.Data + offset);
            }
            if (!unpacked.TryGetTarget(out byte[]? bytes)) unpacked.SetTarget(bytes = ZipRecord.Read(store, entry, options));
            return new MemorySource(bytes, offset);
        }
    }
}
