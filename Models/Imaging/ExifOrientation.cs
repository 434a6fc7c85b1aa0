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

    /// <summary>The orientation that a TIFF structure of either byte order states; upright where it is damaged or says nothing.</summary>
    public static int Read(ReadOnlySpan<byte> tiff) {
        bool little = tiff.StartsWith("II*\0"u8);
        if (tiff.Length < 8 || (!little && !tiff.StartsWith("MM\0*"u8))) return Upright;
        uint start = little ? BinaryPrimitives.ReadUInt32LittleEndian(tiff[4..]) : BinaryPrimitives.ReadUInt32BigEndian(tiff[4..]);
        if (start > tiff.Length - 2) return Upright;
        ReadOnlySpan<byte> directory = tiff[(int)start..];
        int entries = Short(directory, little);
        for (int i = 0; i < entries && 2 + 12 * (i + 1) <= directory.Length; i++) {
            ReadOnlySpan<byte> entry = directory.Slice(2 + 12 * i, 12);
            if (Short(entry, little) != 0x0112) continue;
            int orientation = Short(entry[8..], little);
            return orientation is >= 1 and <= 8 ? orientation : Upright;
        }
        return Upright;
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
}
