using System.Text;
using static System.Buffers.Binary.BinaryPrimitives;

namespace DenseEngine;

/// <summary>The records of a zip archive, believed only as far as the file bears them out: every local header agrees with the directory,
/// records neither overlap nor leave the file, no name stands twice, no size is beyond what deflate can pack. (PKWARE, APPNOTE
/// 6.3.10.)</summary>
internal static class ZipDirectory {
    private const int CentralBytes = 46, LocalBytes = 30;
    private const uint CentralMark = 0x02014b50, LocalMark = 0x04034b50;
    private const ushort Stored = 0, Deflated = 8, SizesBehind = 1 << 3;

    /// <summary>Encryption, patches, and masked headers.</summary>
    private const ushort Unreadable = 1 | 1 << 5 | 1 << 6 | 1 << 13;

    /// <summary>The attribute of folders, by which some readers go.</summary>
    private const uint Folder = 1 << 4;

    /// <summary>Deflate's best: 258 bytes from two bits.</summary>
    private const long BestRatio = 1032;

    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    /// <summary>The records, first in the directory first.</summary>
    public static IReadOnlyList<ZipEntry> Read(ByteStore store) {
        CheckpointException Broken(string why) => new($"{store.Name}: {why}.");
        ZipEnd end = ZipEnd.Read(store, Broken);
        if (end.Entries == 0) throw Broken("the archive is empty");
        if (end.Entries < 0 || end.Entries > end.Size / CentralBytes)
            throw Broken($"the archive claims {end.Entries} records in a directory of {end.Size} bytes");
        ReadOnlySpan<byte> directory = store.Read(end.Offset, end.Size);
        var entries = new ZipEntry[end.Entries];
        var names = new HashSet<string>(entries.Length, StringComparer.Ordinal);
        for (int i = 0; i < entries.Length; i++) {
            entries[i] = ReadCentral(ref directory, i, Broken);
            if (!names.Add(entries[i].Name)) throw Broken($"the archive has two records named {Quote.Of(entries[i].Name)}");
        }
        if (directory.Length > 0) throw Broken($"the archive's directory goes on for {directory.Length} bytes after its last record");

        // Each record with its header lies before the next one, the last before the directory.
        int[] order = [.. Enumerable.Range(0, entries.Length)];
        Array.Sort(order, (a, b) => entries[a].Header.CompareTo(entries[b].Header));
        for (int i = 0; i < order.Length; i++) {
            long limit = i + 1 < order.Length ? entries[order[i + 1]].Header : end.Offset;
            entries[order[i]] = Locate(store, entries[order[i]], limit, Broken);
        }
        return entries;
    }

    private static ZipEntry ReadCentral(ref ReadOnlySpan<byte> directory, int number, Func<string, CheckpointException> broken) {
        if (directory.Length < CentralBytes || ReadUInt32LittleEndian(directory) != CentralMark)
            throw broken($"record {number} of the archive's directory is no record");
        int nameBytes = ReadUInt16LittleEndian(directory[28..]), extraBytes = ReadUInt16LittleEndian(directory[30..]);
        int bytes = CentralBytes + nameBytes + extraBytes + ReadUInt16LittleEndian(directory[32..]);
        if (bytes > directory.Length) throw broken($"record {number} of the archive's directory is cut off");
        string name = Decode(directory.Slice(CentralBytes, nameBytes));
        CheckpointException Bad(string why) => broken($"the archive's record {Quote.Of(name)} {why}");
        ushort flags = ReadUInt16LittleEndian(directory[8..]), method = ReadUInt16LittleEndian(directory[10..]);
        if ((flags & Unreadable) != 0) throw Bad("is encrypted, or a patch");
        if (method is not (Stored or Deflated)) throw Bad($"is packed by method {method}; stored and deflated records are read");
        long packed = ReadUInt32LittleEndian(directory[20..]), size = ReadUInt32LittleEndian(directory[24..]);
        long header = ReadUInt32LittleEndian(directory[42..]), disk = ReadUInt16LittleEndian(directory[34..]);
        var wide = new ZipWideFields(directory.Slice(CentralBytes + nameBytes, extraBytes));
        if (!(wide.Widen(ref size, uint.MaxValue) && wide.Widen(ref packed, uint.MaxValue) && wide.Widen(ref header, uint.MaxValue)))
            throw Bad("has a 64-bit mark, but no 64-bit size or place");
        if ((ReadUInt32LittleEndian(directory[38..]) & Folder) != 0 && !name.EndsWith('/')) throw Bad("claims to be a folder");
        if (disk is not (0 or ushort.MaxValue)) throw Bad("is on another disk");
        if (method == Stored ? size != packed : size > 0 && (packed == 0 || size / BestRatio > packed))
            throw Bad($"claims {size} bytes in {packed} bytes of the file");
        uint crc = ReadUInt32LittleEndian(directory[16..]);
        directory = directory[bytes..];
        return new ZipEntry(name, method == Deflated, packed, size, crc, header);
    }

    /// <summary>Finds a record's bytes behind its local header, which must say what the directory says.</summary>
    private static ZipEntry Locate(ByteStore store, ZipEntry entry, long limit, Func<string, CheckpointException> broken) {
        CheckpointException Bad(string why) => broken($"the archive's record {Quote.Of(entry.Name)} {why}");
        if (entry.Header < 0 || entry.Header > limit - LocalBytes) throw Bad($"cannot begin at byte {entry.Header}");
        Span<byte> local = stackalloc byte[LocalBytes];
        store.Read(entry.Header, local);
        if (ReadUInt32LittleEndian(local) != LocalMark) throw Bad($"has no header at byte {entry.Header}");
        int nameBytes = ReadUInt16LittleEndian(local[26..]), extraBytes = ReadUInt16LittleEndian(local[28..]);
        long data = entry.Header + LocalBytes + nameBytes + extraBytes;
        if (data > limit || entry.Packed > limit - data) throw Bad($"of {entry.Packed} bytes reaches into what follows it at byte {limit}");
        ReadOnlySpan<byte> more = store.Read(entry.Header + LocalBytes, nameBytes + extraBytes);
        ushort flags = ReadUInt16LittleEndian(local[6..]), method = ReadUInt16LittleEndian(local[8..]);
        long packed = ReadUInt32LittleEndian(local[18..]), size = ReadUInt32LittleEndian(local[22..]);
        var wide = new ZipWideFields(more[nameBytes..]);
        bool known = (flags & SizesBehind) != 0
            || wide.Widen(ref size, uint.MaxValue) && wide.Widen(ref packed, uint.MaxValue)
                && size == entry.Size && packed == entry.Packed && ReadUInt32LittleEndian(local[14..]) == entry.Crc;
        if (!known || (flags & Unreadable) != 0 || method != (entry.Deflated ? Deflated : Stored)
            || Decode(more[..nameBytes]) != entry.Name)
            throw Bad("is described otherwise by its own header");
        return entry with { Data = data };
    }

    /// <summary>UTF-8, as all who write checkpoints use; what is not is taken byte by byte, so that it can be named.</summary>
    private static string Decode(ReadOnlySpan<byte> name) {
        try {
            return Strict.GetString(name);
        } catch (DecoderFallbackException) {
            return Encoding.Latin1.GetString(name);
        }
    }
}
