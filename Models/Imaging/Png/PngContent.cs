using System.Buffers.Binary;

namespace DenseEngine.Models;

/// <summary>What of a PNG file's chunks matters for its pixels. What libpng 1.6 refuses is refused; what it only warns of is passed over:
/// damaged or unknown ancillary chunks, a palette that the colour type has no use for, image data behind other chunks.</summary>
/// <param name="Header">The checked header.</param>
/// <param name="Palette">Red, green, blue of each palette entry; empty without a palette.</param>
/// <param name="Data">The IDAT chunks' bytes in one piece: a zlib stream.</param>
/// <param name="Orientation">EXIF orientation, 1 where none is stated.</param>
internal readonly record struct PngContent(PngHeader Header, byte[] Palette, byte[] Data, int Orientation) {
    private const uint Ihdr = 0x49484452, Plte = 0x504C5445, Idat = 0x49444154, Iend = 0x49454E44, Exif = 0x65584966;

    private const int ChunkFrame = 12, MostColours = 256;

    /// <summary>Walks all chunks up to IEND and checks their order, lengths and (where they are used) checksums.</summary>
    public static PngContent Read(ReadOnlySpan<byte> file, int maxPixels) {
        int at = PngHeader.Signature.Length;
        (uint type, Range body) = NextChunk(file, ref at);
        if (type != Ihdr) throw new ImageException($"The PNG file starts with chunk {Name(type)} instead of IHDR.");
        PngHeader header = PngHeader.Parse(file[body]);
        Picture.CheckStated(header.Width, header.Height, maxPixels);
        byte[]? palette = null;
        bool paletteSeen = false, dataEnded = false;
        int? orientation = null;
        var data = new List<Range>();
        for ((type, body) = NextChunk(file, ref at); type != Iend; (type, body) = NextChunk(file, ref at)) {
            dataEnded |= data.Count > 0 && type != Idat;
            switch (type) {
                case Plte when paletteSeen: throw new ImageException("The PNG file has a second PLTE chunk.");
                case Plte when data.Count == 0:
                    paletteSeen = true;
                    palette = ReadPalette(file[body], header);
                    break;
                case Idat when !dataEnded: data.Add(body); break;
                case Plte or Idat: break;
                case Exif when ChecksumHolds(file, body) && ExifOrientation.HasByteOrder(file[body]):
                    orientation ??= ExifOrientation.Read(file[body]);
                    break;
                // A critical chunk (capital first letter) that is not known changes what the pixels mean.
                case var _ when IsCritical(type):
                    throw new ImageException($"The PNG file needs an unknown or misplaced chunk, {Name(type)}.");
            }
            if (type == Idat && header.Kind == PngKind.Palette && palette is null)
                throw new ImageException("The PNG picture is of palette type but has no palette.");
        }
        if (data.Count == 0) throw new ImageException("The PNG file has no image data (IDAT chunk).");
        return new PngContent(header, palette ?? [], Join(file, data), orientation ?? ExifOrientation.Upright);
    }

    private static byte[] Join(ReadOnlySpan<byte> file, List<Range> chunks) {
        byte[] whole = LargeArray.Bytes(chunks.Sum(chunk => chunk.End.Value - chunk.Start.Value));
        Span<byte> rest = whole;
        foreach (Range chunk in chunks) {
            file[chunk].CopyTo(rest);
            rest = rest[(chunk.End.Value - chunk.Start.Value)..];
        }
        return whole;
    }

    // A chunk is: length of the body, type, body, checksum over type and body.
    private static (uint Type, Range Body) NextChunk(ReadOnlySpan<byte> file, ref int at) {
        if (file.Length - at < ChunkFrame) throw new ImageException($"The PNG file ends at byte {file.Length}, before its IEND chunk.");
        uint length = BinaryPrimitives.ReadUInt32BigEndian(file[at..]);
        uint type = BinaryPrimitives.ReadUInt32BigEndian(file[(at + 4)..]);
        for (int i = 4; i < 8; i++)
            if (!char.IsAsciiLetter((char)file[at + i])) throw new ImageException($"The PNG file has no chunk's name at byte {at + 4}.");
        if (length > file.Length - at - ChunkFrame)
            throw new ImageException($"The PNG file's chunk {Name(type)} at byte {at} states {length} bytes, beyond the file's end.");
        var body = new Range(at + 8, at + 8 + (int)length);
        // As in libpng: a wrong checksum condemns the file only where the chunk is critical.
        if (IsCritical(type) && !ChecksumHolds(file, body))
            throw new ImageException($"The PNG file's chunk {Name(type)} at byte {at} is damaged: its checksum does not hold.");
        at = body.End.Value + 4;
        return (type, body);
    }

    private static bool IsCritical(uint type) => (type >> 24 & 0x20) == 0;

    private static bool ChecksumHolds(ReadOnlySpan<byte> file, Range body) =>
        Crc32.Of(file[(body.Start.Value - 4)..body.End.Value]) == BinaryPrimitives.ReadUInt32BigEndian(file[body.End.Value..]);

    /// <summary>The colours that indices of the picture can name; null where the picture has no indices.</summary>
    private static byte[]? ReadPalette(ReadOnlySpan<byte> body, PngHeader header) {
        bool sound = body.Length % 3 == 0 && body.Length <= 3 * MostColours;
        if (header.Kind == PngKind.Palette && !sound || header.Kind is not (PngKind.Gray or PngKind.GrayAlpha) && body.IsEmpty)
            throw new ImageException($"The PNG palette has {body.Length} bytes; it needs 3 for each of 1 to {MostColours} colours.");
        return header.Kind == PngKind.Palette ? body[..Math.Min(body.Length, 3 << header.Depth)].ToArray() : null;
    }

    private static string Name(uint type) => string.Create(4, type, (name, value) => {
        for (int i = 0; i < 4; i++) name[i] = (char)(byte)(value >> (24 - 8 * i));
    });
}
