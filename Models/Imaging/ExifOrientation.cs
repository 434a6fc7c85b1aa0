using System.Buffers.Binary;

namespace DenseEngine.Models;

/// <summary>
/// The camera's orientation (EXIF tag 0x0112), read from a TIFF structure and applied to a picture. 1 is upright; 2 mirrored horizontally;
/// 3 turned by 180°; 4 mirrored vertically; 5 transposed; 6 to be turned by 90° clockwise; 7 transposed along the other diagonal; 8 to be
/// turned by 90° counter-clockwise (CIPA DC-008, 4.6.5).
/// </summary>
internal static class ExifOrientation {
    public const int Upright = 1;
    public const int MirroredHorizontally = 2;

    private const int Orientation = 0x0112, EntryBytes = 10;   // without the two that an orientation leaves unused

    /// <summary>Whether bytes begin as a TIFF structure of either byte order; of a PNG file's chunk more is not asked.</summary>
    public static bool HasByteOrder(ReadOnlySpan<byte> tiff) => tiff.StartsWith("II"u8) || tiff.StartsWith("MM"u8);

    /// <summary>The orientation that a TIFF structure of either byte order states; upright where it is damaged or says nothing. As in
    /// OpenCV, whatever does not begin with II has its high bytes first, an entry that points outside ends the search, and the first
    /// entry of a kind counts.</summary>
    public static int Read(ReadOnlySpan<byte> tiff) {
        if (tiff.Length < 8) return Upright;
        bool little = tiff.StartsWith("II"u8);
        if (Short(tiff[2..], little) != 42) return Upright;
        uint start = Word(tiff[4..], little);
        if (start > tiff.Length - 2) return Upright;
        int entries = Short(tiff[(int)start..], little);
        int? orientation = null;
        for (long at = start + 2L; entries > 0 && at + EntryBytes <= tiff.Length; at += 12, entries--) {
            ReadOnlySpan<byte> entry = tiff[(int)at..];
            int tag = Short(entry, little);
            if (tag == Orientation) orientation ??= Short(entry[8..], little);
            else if (entry.Length < 12 || !Sound(tag, entry, tiff.Length, little)) break;
        }
        return orientation is >= 1 and <= 8 ? orientation.Value : Upright;
    }

    // Texts and fractions lie where their entries point to.
    private static bool Sound(int tag, ReadOnlySpan<byte> entry, int length, bool little) {
        long size = Word(entry[4..], little), offset = Word(entry[8..], little);
        return tag switch {
            0x010E or 0x010F or 0x0110 or 0x0131 or 0x0132 or 0x8298 => size <= 4 || offset + size <= length,
            0x011A or 0x011B => offset + 8 <= length,
            0x013E => offset + 16 <= length,
            0x0211 => offset + 24 <= length,
            0x013F or 0x0214 => offset + 48 <= length,
            _ => true,
        };
    }

    /// <summary>The picture turned upright; the same one where there is nothing to do.</summary>
    public static Picture Apply(Picture picture, int orientation) {
        if (orientation == Upright) return picture;
        int width = picture.Width, height = picture.Height;
        bool transposed = orientation >= 5;
        // Does walking along a row of the result go backwards in the source's row (or column, if transposed), and likewise down a column?
        bool backAlongRow = orientation is 2 or 3 or 6 or 7, backDownColumn = orientation is 3 or 4 or 7 or 8;
        var upright = transposed ? new Picture(height, width) : new Picture(width, height);
        int stepX = transposed ? 3 * width : 3, stepY = transposed ? 3 : 3 * width, origin = 0;
        if (backAlongRow) {
            origin += stepX * (upright.Width - 1);
            stepX = -stepX;
        }
        if (backDownColumn) {
            origin += stepY * (upright.Height - 1);
            stepY = -stepY;
        }
        ReadOnlySpan<byte> source = picture.Pixels;
        Span<byte> target = upright.Pixels;
        int at = 0;
        for (int y = 0; y < upright.Height; y++) {
            int from = origin + y * stepY;
            for (int x = 0; x < upright.Width; x++, from += stepX, at += 3) {
                target[at] = source[from];
                target[at + 1] = source[from + 1];
                target[at + 2] = source[from + 2];
            }
        }
        return upright;
    }

    private static int Short(ReadOnlySpan<byte> at, bool little) =>
        little ? BinaryPrimitives.ReadUInt16LittleEndian(at) : BinaryPrimitives.ReadUInt16BigEndian(at);

    private static uint Word(ReadOnlySpan<byte> at, bool little) =>
        little ? BinaryPrimitives.ReadUInt32LittleEndian(at) : BinaryPrimitives.ReadUInt32BigEndian(at);
}
