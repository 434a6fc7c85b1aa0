using System.Buffers.Binary;

namespace DenseEngine.Tests;

/// <summary>Makes a damaged PNG file's checksums fit.</summary>
internal static class PngChecksums {
    private const int Signature = 8, Around = 12;

    /// <summary>Recomputes the checksum of each chunk that lies whole in the file.</summary>
    public static void Repair(byte[] file) {
        for (long at = Signature; at + Around <= file.Length;) {
            uint length = BinaryPrimitives.ReadUInt32BigEndian(file.AsSpan((int)at));
            if (at + Around + length > file.Length) return;
            ReadOnlySpan<byte> covered = file.AsSpan((int)at + 4, (int)length + 4);
            BinaryPrimitives.WriteUInt32BigEndian(file.AsSpan((int)(at + 8 + length)), Crc32.Of(covered));
            at += Around + length;
        }
    }
}
