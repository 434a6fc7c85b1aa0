using System.Text;

namespace DenseEngine;

/// <summary>Writes a zip archive of stored records as PyTorch lays them out: each one's bytes begin at a multiple of 64, and the archive
/// ends with a 64-bit record, so that it may be of any size.</summary>
internal sealed class ZipWriter(Stream stream) {
    private const int Alignment = 64, LocalBytes = 30, FieldHead = 4;
    private const ushort Version64 = 45, Utf8Names = 1 << 11, Padding = 'F' | 'B' << 8, Field64 = 1;

    /// <summary>1980-01-01, the first day that the format knows: files of the same tensors are the same bytes.</summary>
    private const uint FirstDay = (1 << 5 | 1) << 16;

    /// <summary>The bytes of the 64-bit end record behind this number.</summary>
    private const long End64Bytes = 44;

    private readonly List<byte> directory = [];
    private long entries, written = stream.Position;

    /// <summary>Writes a record.</summary>
    public void Add(string name, ReadOnlySpan<byte> bytes) {
        byte[] path = Encoding.UTF8.GetBytes(name);
        int bytesLength = bytes.Length;
        uint crc = Crc32.Of(bytes);
        long header = written;
        bool far = header >= uint.MaxValue;
        int padding = (int)(-(header + LocalBytes + path.Length + FieldHead) & Alignment - 1);
        Write(Bytes(local => {
            local.Write("PK\u0003\u0004"u8);
            WriteCommon(local, crc, bytesLength, path.Length, FieldHead + padding);
            local.Write(path);
            local.Write(Padding);
            local.Write((ushort)padding);
            local.Write(new byte[padding]);
        }));
        Write(bytes);
        directory.AddRange(Bytes(central => {
            central.Write("PK\u0001\u0002"u8);
            central.Write(Version64);
            WriteCommon(central, crc, bytesLength, path.Length, far ? FieldHead + sizeof(long) : 0);
            central.Write(new byte[2 + 2 + 2 + 4]);   // comment, disk, attributes
            central.Write((uint)Math.Min(header, uint.MaxValue));
            central.Write(path);
            if (!far) return;
            central.Write(Field64);
            central.Write((ushort)sizeof(long));
            central.Write(header);
        }));
        entries++;
    }

    /// <summary>Writes the directory and the ends.</summary>
    public void Finish() {
        long start = written, size = directory.Count;
        Write(directory.ToArray());
        long end64 = written;
        Write(Bytes(end => {
            end.Write("PK\u0006\u0006"u8);
            end.Write(End64Bytes);
            end.Write(Version64);
            end.Write(Version64);
            foreach (long value in (ReadOnlySpan<long>)[0, entries, entries, size, start]) end.Write(value);
            end.Write("PK\u0006\u0007"u8);
            end.Write(0);
            end.Write(end64);
            end.Write(1);
            end.Write("PK\u0005\u0006"u8);
            end.Write(0);
            for (int i = 0; i < 2; i++) end.Write((ushort)Math.Min(entries, ushort.MaxValue));
            end.Write((uint)Math.Min(size, uint.MaxValue));
            end.Write((uint)Math.Min(start, uint.MaxValue));
            end.Write((ushort)0);
        }));
    }

    /// <summary>What a local header and its copy in the directory have in common.</summary>
    private static void WriteCommon(BinaryWriter to, uint crc, int size, int nameBytes, int extraBytes) {
        to.Write(Version64);
        to.Write(Utf8Names);
        to.Write((ushort)0);   // stored
        to.Write(FirstDay);
        to.Write(crc);
        for (int i = 0; i < 2; i++) to.Write(size);
        to.Write((ushort)nameBytes);
        to.Write((ushort)extraBytes);
    }

    private static byte[] Bytes(Action<BinaryWriter> write) {
        using var bytes = new MemoryStream();
        using var writer = new BinaryWriter(bytes);
        write(writer);
        return bytes.ToArray();
    }

    private void Write(ReadOnlySpan<byte> bytes) {
        stream.Write(bytes);
        written += bytes.Length;
    }
}
