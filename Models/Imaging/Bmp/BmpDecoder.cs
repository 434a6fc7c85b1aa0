using System.Buffers.Binary;

namespace DenseEngine.Models;

/// <summary>Reads BMP files (Windows bitmaps, also with the header of OS/2) into blue, green, red bytes, as OpenCV 4.6 does: five and six
/// bits move up and leave zeros below, a fourth byte is dropped, what run-length coding skips has the palette's first colour.</summary>
internal static class BmpDecoder {
    public static Picture Decode(ReadOnlySpan<byte> file, int maxPixels) {
        BmpHeader header = BmpHeader.Parse(file);
        Picture.CheckStated(header.Width, header.Height, maxPixels);
        if (header.PixelOffset > file.Length)
            throw new ImageException($"The BMP header puts the pixels at byte {header.PixelOffset}, beyond the file's end.");
        ReadOnlySpan<byte> data = file[header.PixelOffset..];
        if (header.RunLength) {
            // A run of two bytes gives at most 255 pixels.
            if ((long)header.Width * header.Height > 128L * data.Length) throw TooShort(header, data.Length);
            Picture coded = Picture.Unwritten(header.Width, header.Height);
            BmpRuns.Decode(data, header, coded);
            return coded;
        }
        if (header.RowBytes * header.Height > data.Length) throw TooShort(header, data.Length);
        Picture picture = Picture.Unwritten(header.Width, header.Height);
        for (int y = 0; y < header.Height; y++)
            Row(data.Slice((int)(header.RowBytes * y), (int)header.RowBytes), header, header.Row(picture, y));
        return picture;
    }

    private static ImageException TooShort(BmpHeader header, int length) =>
        new($"The BMP header states {header.Width}x{header.Height} pixels, more than the {length} bytes of image data can hold.");

    private static void Row(ReadOnlySpan<byte> from, BmpHeader header, Span<byte> to) {
        switch (header.Bits) {
            case 24:
                from[..to.Length].CopyTo(to);
                break;
            case 32:
                for (int x = 0; x < header.Width; x++) from.Slice(4 * x, 3).CopyTo(to[(3 * x)..]);
                break;
            case 16:
                Sixteen(from, header.SixBitGreen, to);
                break;
            default:
                int perByte = 8 / header.Bits, mask = (1 << header.Bits) - 1;
                for (int x = 0; x < header.Width; x++) {
                    int index = from[x / perByte] >> (8 - header.Bits * (x % perByte + 1)) & mask;
                    header.Palette.AsSpan(3 * index, 3).CopyTo(to[(3 * x)..]);
                }
                break;
        }
    }

    private static void Sixteen(ReadOnlySpan<byte> from, bool sixBitGreen, Span<byte> to) {
        for (int x = 0; 3 * x < to.Length; x++) {
            int pixel = BinaryPrimitives.ReadUInt16LittleEndian(from[(2 * x)..]);
            to[3 * x] = (byte)(pixel << 3);
            to[3 * x + 1] = (byte)(sixBitGreen ? pixel >> 3 & ~3 : pixel >> 2 & ~7);
            to[3 * x + 2] = (byte)(sixBitGreen ? pixel >> 8 & ~7 : pixel >> 7 & ~7);
        }
    }
}
