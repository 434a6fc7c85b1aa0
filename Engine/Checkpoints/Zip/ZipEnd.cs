using static System.Buffers.Binary.BinaryPrimitives;

namespace DenseEngine;

/// <summary>The end of a zip archive: where its directory lies and how many records it has, in 32 or in 64 bits.</summary>
/// <param name="Offset">Where the directory begins.</param>
/// <param name="Size">Its bytes.</param>
/// <param name="Entries">The number of records.</param>
internal readonly record struct ZipEnd(long Offset, long Size, long Entries) {
    private const int EndBytes = 22, LocatorBytes = 20, End64Bytes = 56, LongestComment = ushort.MaxValue;
    private const uint EndMark = 0x06054b50, LocatorMark = 0x07064b50, End64Mark = 0x06064b50;

    public static ZipEnd Read(ByteStore store, Func<string, CheckpointException> broken) {
        int tailBytes = (int)Math.Min(store.Length, EndBytes + LongestComment);
        long tailStart = store.Length - tailBytes;
        byte[] tail = store.Read(tailStart, tailBytes);
        int at = tail.AsSpan().LastIndexOf("PK\u0005\u0006"u8);
        if (at < 0) throw broken("the archive has no end record: it is cut off or no zip");
        if (tailBytes - at < EndBytes || ReadUInt16LittleEndian(tail.AsSpan(at + 20)) != tailBytes - at - EndBytes)
            throw broken("the archive's end record does not end where the file does");
        ReadOnlySpan<byte> end = tail.AsSpan(at, EndBytes);
        if (ReadUInt32LittleEndian(end[4..]) != 0 || ReadUInt16LittleEndian(end[8..]) != ReadUInt16LittleEndian(end[10..]))
            throw broken("the archive is spread over several disks");
        long endStart = tailStart + at;
        var found = new ZipEnd(ReadUInt32LittleEndian(end[16..]), ReadUInt32LittleEndian(end[12..]), ReadUInt16LittleEndian(end[10..]));
        bool marked = found.Offset == uint.MaxValue || found.Size == uint.MaxValue || found.Entries == ushort.MaxValue;
        if (Read64(store, endStart, broken) is var (start, found64)) {
            if (found.Offset != uint.MaxValue && found.Offset != found64.Offset || found.Size != uint.MaxValue && found.Size != found64.Size
                || found.Entries != ushort.MaxValue && found.Entries != found64.Entries)
                throw broken("the archive's two end records disagree");
            (found, endStart) = (found64, start);
        } else if (marked) {
            throw broken("the archive's end record has 64-bit marks, but no 64-bit record");
        }
        if (found.Offset < 0 || found.Size < 0 || found.Offset > endStart || found.Size != endStart - found.Offset)
            throw broken($"the archive's directory of {found.Size} bytes at {found.Offset} does not end at its end record, {endStart}");
        return found;
    }

    private static (long Start, ZipEnd End)? Read64(ByteStore store, long endStart, Func<string, CheckpointException> broken) {
        if (endStart < LocatorBytes) return null;
        ReadOnlySpan<byte> locator = store.Read(endStart - LocatorBytes, LocatorBytes);
        if (ReadUInt32LittleEndian(locator) != LocatorMark) return null;
        long start = ReadInt64LittleEndian(locator[8..]), room = endStart - LocatorBytes - start;
        if (ReadUInt32LittleEndian(locator[4..]) != 0 || ReadUInt32LittleEndian(locator[16..]) != 1 || start < 0 || room < End64Bytes)
            throw broken($"the archive's 64-bit end record cannot begin at {start}, or is on another disk");
        ReadOnlySpan<byte> end = store.Read(start, End64Bytes);
        if (ReadUInt32LittleEndian(end) != End64Mark || ReadInt64LittleEndian(end[4..]) != room - 12)
            throw broken($"there is no 64-bit end record at {start}");
        long entries = ReadInt64LittleEndian(end[32..]);
        if (ReadUInt32LittleEndian(end[16..]) != 0 || ReadUInt32LittleEndian(end[20..]) != 0 || ReadInt64LittleEndian(end[24..]) != entries)
            throw broken("the archive is spread over several disks");
        return (start, new ZipEnd(ReadInt64LittleEndian(end[48..]), ReadInt64LittleEndian(end[40..]), entries));
    }
}
