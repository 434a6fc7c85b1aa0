using System.Buffers.Binary;

namespace DenseEngine.Models;

/// <summary>PNG's checksum: CRC-32 of polynomial 0xEDB88320, reflected (ISO 3309), eight bytes a step by eight tables.</summary>
internal static class Crc32 {
    private static readonly uint[] Tables = MakeTables();

    /// <summary>The checksum of a chunk's type and data, which lie in one piece.</summary>
    public static uint Of(ReadOnlySpan<byte> bytes) {
        uint[] tables = Tables;
        uint crc = uint.MaxValue;
        for (; bytes.Length >= 8; bytes = bytes[8..]) {
            ulong word = BinaryPrimitives.ReadUInt64LittleEndian(bytes) ^ crc;
            crc = 0;
            for (int i = 0; i < 8; i++) crc ^= tables[256 * (7 - i) + (byte)(word >> (8 * i))];
        }
        foreach (byte value in bytes) crc = tables[(byte)(crc ^ value)] ^ (crc >> 8);
        return ~crc;
    }

    private static uint[] MakeTables() {
        var tables = new uint[8 * 256];
        for (uint value = 0; value < 256; value++) {
            uint crc = value;
            for (int bit = 0; bit < 8; bit++) crc = (crc >> 1) ^ ((crc & 1) * 0xEDB88320u);
            tables[value] = crc;
        }
        for (int i = 256; i < tables.Length; i++) tables[i] = tables[(byte)tables[i - 256]] ^ (tables[i - 256] >> 8);
        return tables;
    }
}
