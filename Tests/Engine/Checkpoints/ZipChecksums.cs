using System.Buffers.Binary;

namespace DenseEngine.Tests;

/// <summary>Makes the checksums of a changed zip archive right again, so that what was changed is what a reader sees.</summary>
internal static class ZipChecksums {
    private const int EndBytes = 22, CentralBytes = 46, LocalBytes = 30;

    /// <summary>Corrects the CRC-32 of each stored record in place, as far as the archive still holds together.</summary>
    public static void Repair(Span<byte> archive) {
        int end = archive.LastIndexOf("PK\u0005\u0006"u8);
        if (end < 0 || archive.Length - end < EndBytes) return;
        long at = BinaryPrimitives.ReadUInt32LittleEndian(archive[(end + 16)..]);
        for (int count = BinaryPrimitives.ReadUInt16LittleEndian(archive[(end + 10)..]); count > 0; count--) {
            if (at > archive.Length - CentralBytes) return;
            Span<byte> central = archive[(int)at..];
            uint bytes = BinaryPrimitives.ReadUInt32LittleEndian(central[20..]);
            uint header = BinaryPrimitives.ReadUInt32LittleEndian(central[42..]);
            at += CentralBytes + BinaryPrimitives.ReadUInt16LittleEndian(central[28..])
                + BinaryPrimitives.ReadUInt16LittleEndian(central[30..])
                + BinaryPrimitives.ReadUInt16LittleEndian(central[32..]);
            bool stored = BinaryPrimitives.ReadUInt16LittleEndian(central[10..]) == 0;
            if (!stored || header > archive.Length - LocalBytes) continue;
            Span<byte> local = archive[(int)header..];
            long data = header + LocalBytes + BinaryPrimitives.ReadUInt16LittleEndian(local[26..])
                + BinaryPrimitives.ReadUInt16LittleEndian(local[28..]);
            if (data + bytes > archive.Length) continue;
            uint crc = Crc32.Of(archive.Slice((int)data, (int)bytes));
            BinaryPrimitives.WriteUInt32LittleEndian(central[16..], crc);
            bool behind = (BinaryPrimitives.ReadUInt16LittleEndian(local[6..]) & 8) != 0;
            if (!behind) BinaryPrimitives.WriteUInt32LittleEndian(local[14..], crc);
        }
    }
}
