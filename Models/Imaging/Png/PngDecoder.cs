using System.Buffers.Binary;
using System.IO.Compression;

namespace DenseEngine.Models;

/// <summary>
/// Reads PNG files (ISO/IEC 15948) of every colour type and depth into blue, green, red bytes, as OpenCV 4.6 does: 16-bit samples keep
/// their high byte, alpha and tRNS are dropped, gamma and colour profiles ignored, an eXIf chunk's orientation applied. Nothing is
/// allocated for a size that the file's own compressed bytes cannot fill.
/// </summary>
internal static class PngDecoder {
    // Deflate spends at least a bit on 258 bytes, less some overhead: no stream grows by more than this factor (zlib's documentation).
    private const long LargestDeflateRatio = 1032;

    public static Picture Decode(ReadOnlySpan<byte> file) {
        var content = PngContent.Read(file);
        PngHeader header = content.Header;
        if (header.InflatedBytes() > content.Data.Length * LargestDeflateRatio) {
            throw new ImageException($"The PNG header states {header.Width}x{header.Height} pixels, more than the "
                + $"{content.Data.Length} bytes of image data can hold.");
        }
        var picture = new Picture(header.Width, header.Height);
        var pixels = new PngPixels(header, content.Palette);
        using var compressed = new MemoryStream(content.Data, writable: false);
        using var inflated = new ZLibStream(compressed, CompressionMode.Decompress);
        foreach (PngPass pass in PngPass.Of(header)) ReadPass(inflated, header, pass, pixels, picture);
        return ExifOrientation.Apply(picture, content.Orientation);
    }

    // Stops at the last row, so that a stream that goes on for ever costs nothing.
    private static void ReadPass(ZLibStream inflated, PngHeader header, PngPass pass, PngPixels pixels, Picture picture) {
        int bytes = header.RowBytes(pass.Width);
        // Filters on pixels of three bytes read and write four: hence the slack.
        byte[] raw = new byte[1 + bytes + PngFilter.Slack];
        byte[] row = new byte[bytes + PngFilter.Slack], above = new byte[bytes + PngFilter.Slack];
        for (int y = 0; y < pass.Height; y++) {
            int got;
            try {
                got = inflated.ReadAtLeast(raw.AsSpan(0, 1 + bytes), 1 + bytes, throwOnEndOfStream: false);
            } catch (Exception failure) when (failure is InvalidDataException or IOException) {
                throw new ImageException("The PNG image data are not a sound zlib stream.", failure);
            }
            int line = pass.Y + y * pass.StepY;
            if (got != 1 + bytes) throw new ImageException($"The PNG image data end before row {line} of {header.Height}.");
            PngFilter.Undo(raw[0], raw.AsSpan(1), row, above, bytes, header.FilterStep);
            int start = 3 * (line * header.Width + pass.X);
            pixels.Write(row, pass.Width, picture.Pixels.AsSpan(start), 3 * pass.StepX);
            (row, above) = (above, row);
        }
    }
}

/// <summary>What of a PNG file's chunks matters for its pixels.</summary>
/// <param name="Header">The checked header.</param>
/// <param name="Palette">Red, green, blue of each palette entry; empty without a palette.</param>
/// <param name="Data">The IDAT chunks' bytes in one piece: a zlib stream.</param>
/// <param name="Orientation">EXIF orientation, 1 where none is stated.</param>
internal readonly record struct PngContent(PngHeader Header, byte[] Palette, byte[] Data, int Orientation) {
    private const uint Ihdr = 0x49484452, Plte = 0x504C5445, Idat = 0x49444154, Iend = 0x49454E44, Exif = 0x65584966;

    /// <summary>Walks all chunks up to IEND and checks their order, lengths and (where they are used) checksums.</summary>
    public static PngContent Read(ReadOnlySpan<byte> file) {
        PngHeader? header = null;
        byte[]? palette = null;
        int? orientation = null;
        int at = PngHeader.Signature.Length;
        var data = new List<Range>();
        bool dataEnded = false;
        while (true) {
            (uint type, Range body) = NextChunk(file, ref at);
            if (header is null && type != Ihdr) throw new ImageException($"The PNG file starts with chunk {Name(type)} instead of IHDR.");
            dataEnded |= data.Count > 0 && type != Idat;
            switch (type) {
                case Ihdr when header is null: header = PngHeader.Parse(file[body]); break;
                case Plte when palette is null: palette = ReadPalette(file[body]); break;
                case Idat when !dataEnded: data.Add(body); break;
                case Ihdr or Plte or Idat: throw new ImageException($"The PNG file has a second or misplaced {Name(type)} chunk.");
                case Exif when ChecksumHolds(file, body): orientation ??= ExifOrientation.Read(file[body]); break;
                case Iend: return Finish(file, header!.Value, palette, data, orientation);
                // A critical chunk (capital first letter) that is not known changes what the pixels mean.
                case var _ when (type >> 24 & 0x20) == 0: throw new ImageException($"The PNG file needs an unknown chunk, {Name(type)}.");
            }
        }
    }

    private static PngContent Finish(ReadOnlySpan<byte> file, PngHeader header, byte[]? palette, List<Range> data, int? orientation) {
        if (header.Kind == PngKind.Palette && palette is null)
            throw new ImageException("The PNG picture is of palette type but has no palette.");
        if (data.Count == 0) throw new ImageException("The PNG file has no image data (IDAT chunk).");
        int length = 0;
        foreach (Range body in data) length += body.End.Value - body.Start.Value;
        var whole = new byte[length];
        int at = 0;
        foreach (Range body in data) {
            file[body].CopyTo(whole.AsSpan(at));
            at += body.End.Value - body.Start.Value;
        }
        return new PngContent(header, palette ?? [], whole, orientation ?? ExifOrientation.Upright);
    }

    // A chunk is: length of the body, type, body, checksum over type and body.
    private static (uint Type, Range Body) NextChunk(ReadOnlySpan<byte> file, ref int at) {
        if (file.Length - at < 12) throw new ImageException($"The PNG file ends at byte {file.Length}, before its IEND chunk.");
        uint length = BinaryPrimitives.ReadUInt32BigEndian(file[at..]);
        uint type = BinaryPrimitives.ReadUInt32BigEndian(file[(at + 4)..]);
        if (length > file.Length - at - 12) {
            throw new ImageException($"The PNG file's chunk {Name(type)} at byte {at} states {length} bytes, beyond the file's end.");
        }
        var body = new Range(at + 8, at + 8 + (int)length);
        // As in libpng: a wrong checksum condemns the file only where the chunk is critical.
        if ((type >> 24 & 0x20) == 0 && !ChecksumHolds(file, body)) {
            throw new ImageException($"The PNG file's chunk {Name(type)} at byte {at} is damaged: its checksum does not hold.");
        }
        at = body.End.Value + 4;
        return (type, body);
    }

    private static bool ChecksumHolds(ReadOnlySpan<byte> file, Range body) =>
        Crc32.Of(file[(body.Start.Value - 4)..body.End.Value]) == BinaryPrimitives.ReadUInt32BigEndian(file[body.End.Value..]);

    private static byte[] ReadPalette(ReadOnlySpan<byte> body) {
        if (body.Length % 3 != 0 || body.Length is 0 or > 768)
            throw new ImageException($"The PNG palette has {body.Length} bytes; it needs 3 for each of 1 to 256 colours.");
        return body.ToArray();
    }

    private static string Name(uint type) {
        Span<char> name = stackalloc char[4];
        for (int i = 0; i < 4; i++) {
            char letter = (char)(byte)(type >> (24 - 8 * i));
            name[i] = char.IsAsciiLetter(letter) ? letter : '?';
        }
        return new string(name);
    }
}
