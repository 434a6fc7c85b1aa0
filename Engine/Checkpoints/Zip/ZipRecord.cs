using System.Buffers;
using System.IO.Compression;

namespace DenseEngine;

/// <summary>Reads a record's bytes and compares their checksum.</summary>
internal static class ZipRecord {
    /// <summary>Bytes that stay in the processor's cache between being read and being summed.</summary>
    private const int Block = 1 << 17;

    /// <summary>All bytes of a record, unpacked. Its size was checked against the file.</summary>
    public static byte[] Read(ByteStore store, ZipEntry entry, CheckpointOptions options) {
        if (entry.Size > Array.MaxLength)
            throw new CheckpointException($"{store.Name}: record {Quote.Of(entry.Name)} is too large to unpack.");
        var bytes = new byte[entry.Size];
        if (entry.Deflated) Inflate(store, entry, bytes);
        else store.Read(entry.Data, bytes);
        if (!entry.Verified) Compare(store, entry, Crc32.Of(bytes), options);
        return bytes;
    }

    /// <summary>Compares the checksum of a stored record unless that was done.</summary>
    public static void Verify(ByteStore store, ZipEntry entry, CheckpointOptions options) {
        if (entry.Verified || options.IgnoreChecksums) return;
        uint crc = 0;
        byte[] block = ArrayPool<byte>.Shared.Rent(Block);
        for (long done = 0; done < entry.Size; done += Block) {
            Span<byte> some = block.AsSpan(0, (int)Math.Min(Block, entry.Size - done));
            store.Read(entry.Data + done, some);
            crc = Crc32.Append(crc, some);
        }
        ArrayPool<byte>.Shared.Return(block);
        Compare(store, entry, crc, options);
    }

    /// <summary>All bytes of a stored record, in order, summed on the way unless they were before.</summary>
    public sealed class Source(ByteStore store, ZipEntry entry, CheckpointOptions options) : ElementSource {
        private long at = entry.Data;
        private uint crc;

        public override void Read(Span<byte> destination) {
            while (destination.Length > 0) {
                Span<byte> some = destination[..Math.Min(Block, destination.Length)];
                store.Read(at, some);
                if (!entry.Verified) crc = Crc32.Append(crc, some);
                at += some.Length;
                destination = destination[some.Length..];
            }
        }

        public override void Finish() {
            if (!entry.Verified) Compare(store, entry, crc, options);
        }
    }

    private static void Compare(ByteStore store, ZipEntry entry, uint crc, CheckpointOptions options) {
        if (crc != entry.Crc && !options.IgnoreChecksums)
            throw new CheckpointException($"{store.Name}: record {Quote.Of(entry.Name)} is damaged: "
                + $"its CRC-32 is {crc:x8}, not {entry.Crc:x8}.");
        entry.Verified = true;
    }

    private static void Inflate(ByteStore store, ZipEntry entry, Span<byte> bytes) {
        CheckpointException Bad(string why, Exception? inner = null) =>
            new($"{store.Name}: record {Quote.Of(entry.Name)} cannot be unpacked: {why}.", inner);
        using var inflated = new DeflateStream(new StoreStream(store, entry.Data, entry.Packed), CompressionMode.Decompress);
        try {
            int count = inflated.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            if (count < bytes.Length) throw Bad($"it ends after {count} of {bytes.Length} bytes");
            if (inflated.ReadByte() >= 0) throw Bad($"it goes on after its {bytes.Length} bytes");
        } catch (InvalidDataException e) {
            throw Bad("it is no deflated data", e);
        }
    }
}
