using System.Buffers.Binary;
using System.IO.Compression;

namespace DenseEngine.Tests;

/// <summary>Damages PNG files from within: their chunks, headers and packed rows, with checksums that fit.</summary>
internal static class PngForge {
    private const int Signature = 8, Around = 12, Inflated = 1 << 16;

    private static readonly string[] Types =
        ["IHDR", "PLTE", "IDAT", "IEND", "tRNS", "gAMA", "eXIf", "iCCP", "acTL", "fdAT", "tEXt", "zzzZ"];
    private static readonly byte[] Depths = [1, 2, 4, 8, 16, 0, 3, 32], Colours = [0, 2, 3, 4, 6, 1, 5, 7];

    /// <summary>A damaged copy, sound as a sequence of chunks.</summary>
    public static byte[] Forge(byte[] seed, byte[] other, Mutator mutator) {
        List<Chunk> chunks = Parse(seed), others = Parse(other);
        Random random = mutator.Random;
        int changes = random.Next(1, 4);
        for (int i = 0; i < changes && chunks.Count > 0; i++) Change(chunks, others, mutator);
        var file = new MemoryStream();
        file.Write(seed.AsSpan(0, Signature));
        foreach (Chunk chunk in chunks) chunk.Write(file);
        return file.ToArray();
    }

    private static void Change(List<Chunk> chunks, List<Chunk> others, Mutator mutator) {
        Random random = mutator.Random;
        int at = random.Next(chunks.Count);
        switch (random.Next(10)) {
            case 0 or 1:
                chunks[at] = chunks[at] with { Data = mutator.Mutate(chunks[at].Data, others[random.Next(others.Count)].Data, []) };
                break;
            case 2 or 3:
                if (chunks[0].Data.Length >= 13) ChangeHeader(chunks[0].Data, random);
                break;
            case 4 or 5 or 6:
                ChangeRows(chunks, mutator);
                break;
            case 7:
                chunks.RemoveAt(at);
                break;
            case 8:
                chunks.Insert(at, others[random.Next(others.Count)]);
                break;
            default:
                chunks[at] = chunks[at] with { Type = Types[random.Next(Types.Length)] };
                break;
        }
    }

    private static void ChangeHeader(byte[] header, Random random) {
        switch (random.Next(6)) {
            case 0 or 1:
                uint size = random.Next(3) == 0 ? 1u << random.Next(32) : (uint)random.Next(40);
                BinaryPrimitives.WriteUInt32BigEndian(header.AsSpan(4 * random.Next(2)), size);
                break;
            case 2: header[8] = Depths[random.Next(Depths.Length)]; break;
            case 3: header[9] = Colours[random.Next(Colours.Length)]; break;
            case 4: header[12] ^= 1; break;
            default: header[10 + random.Next(3)] = (byte)random.Next(4); break;
        }
    }

    /// <summary>Damages the rows before they are packed, and packs them anew into one chunk or two.</summary>
    private static void ChangeRows(List<Chunk> chunks, Mutator mutator) {
        Random random = mutator.Random;
        int first = chunks.FindIndex(chunk => chunk.Type == "IDAT");
        if (first < 0) return;
        byte[] rows = Inflate([.. chunks.Where(chunk => chunk.Type == "IDAT").SelectMany(chunk => chunk.Data)]);
        rows = mutator.Mutate(rows, rows, []);
        var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, random.Next(4) == 0 ? CompressionLevel.NoCompression : CompressionLevel.Fastest,
            leaveOpen: true))
            zlib.Write(rows);
        byte[] data = packed.ToArray();
        chunks.RemoveAll(chunk => chunk.Type == "IDAT");
        int cut = random.Next(2) == 0 ? data.Length : random.Next(data.Length + 1);
        chunks.Insert(first, new Chunk("IDAT", data[..cut]));
        if (cut < data.Length) chunks.Insert(first + 1, new Chunk("IDAT", data[cut..]));
    }

    /// <summary>What can be unpacked of damaged data.</summary>
    private static byte[] Inflate(byte[] data) {
        var rows = new byte[Inflated];
        int count = 0;
        try {
            using var zlib = new ZLibStream(new MemoryStream(data), CompressionMode.Decompress);
            for (int some; (some = zlib.Read(rows, count, rows.Length - count)) > 0; count += some) ;
        } catch (InvalidDataException) { }   // the rest is damaged: so it ends here
        return rows[..count];
    }

    private static List<Chunk> Parse(byte[] file) {
        var chunks = new List<Chunk>();
        for (int at = Signature; at + Around <= file.Length;) {
            int length = BinaryPrimitives.ReadInt32BigEndian(file.AsSpan(at));
            chunks.Add(new Chunk(System.Text.Encoding.Latin1.GetString(file, at + 4, 4), file[(at + 8)..(at + 8 + length)]));
            at += Around + length;
        }
        return chunks;
    }

    private sealed record Chunk(string Type, byte[] Data) {
        public void Write(Stream file) {
            byte[] covered = [.. System.Text.Encoding.Latin1.GetBytes(Type), .. Data];
            Span<byte> number = stackalloc byte[4];
            BinaryPrimitives.WriteInt32BigEndian(number, Data.Length);
            file.Write(number);
            file.Write(covered);
            BinaryPrimitives.WriteUInt32BigEndian(number, Crc32.Of(covered));
            file.Write(number);
        }
    }
}
