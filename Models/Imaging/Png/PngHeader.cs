using System.Buffers.Binary;

namespace DenseEngine.Models;

/// <summary>A PNG file's IHDR chunk, checked (ISO/IEC 15948, 11.2.2).</summary>
/// <param name="Width">Columns.</param>
/// <param name="Height">Rows.</param>
/// <param name="Depth">Bits a sample: 1, 2, 4, 8 or 16.</param>
/// <param name="Kind">Colour type.</param>
/// <param name="Interlaced">Adam7 order of rows.</param>
internal readonly record struct PngHeader(int Width, int Height, int Depth, PngKind Kind, bool Interlaced) {
    public static ReadOnlySpan<byte> Signature => [0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10];

    private const int LongestSide = 1_000_000;   // libpng's own limit (PNG_USER_WIDTH_MAX)

    public int BitsPerPixel => Depth * Kind switch { PngKind.Rgb => 3, PngKind.Rgba => 4, PngKind.GrayAlpha => 2, _ => 1 };

    /// <summary>Distance in bytes at which the filters look back: a pixel, at least one byte.</summary>
    public int FilterStep => Math.Max(1, BitsPerPixel / 8);

    /// <summary>Bytes of a row of so many pixels, without its filter byte.</summary>
    public int RowBytes(int pixels) => checked((int)(((long)pixels * BitsPerPixel + 7) / 8));

    /// <summary>Bytes that the image data inflate to, filter bytes included.</summary>
    public long InflatedBytes() {
        long bytes = 0;
        foreach (PngPass pass in PngPass.Of(this)) bytes += pass.Height * (1L + RowBytes(pass.Width));
        return bytes;
    }

    public static PngHeader Parse(ReadOnlySpan<byte> data) {
        if (data.Length != 13) throw new ImageException($"The PNG header has {data.Length} bytes instead of 13.");
        uint width = BinaryPrimitives.ReadUInt32BigEndian(data), height = BinaryPrimitives.ReadUInt32BigEndian(data[4..]);
        int depth = data[8];
        var kind = (PngKind)data[9];
        if (width is 0 or > LongestSide || height is 0 or > LongestSide)
            throw new ImageException($"The PNG header states {width}x{height} pixels; sides of 1 to {LongestSide} are read.");
        bool sound = kind switch {
            PngKind.Gray => depth is 1 or 2 or 4 or 8 or 16,
            PngKind.Palette => depth is 1 or 2 or 4 or 8,
            PngKind.Rgb or PngKind.GrayAlpha or PngKind.Rgba => depth is 8 or 16,
            _ => throw new ImageException($"The PNG header states colour type {data[9]}; there are 0, 2, 3, 4 and 6."),
        };
        if (!sound)
            throw new ImageException($"The PNG header states {depth} bits a sample, which colour type {data[9]} ({kind}) does not have.");
        if (data[10] != 0 || data[11] != 0)
            throw new ImageException($"The PNG header states compression {data[10]} and filter method {data[11]}; both must be 0.");
        if (data[12] > 1) throw new ImageException($"The PNG header states interlace method {data[12]}; there are 0 and 1.");
        return new PngHeader((int)width, (int)height, depth, kind, data[12] == 1);
    }
}

/// <summary>PNG's colour types, by their numbers in the file.</summary>
internal enum PngKind : byte { Gray = 0, Rgb = 2, Palette = 3, GrayAlpha = 4, Rgba = 6 }

/// <summary>One pass over the picture: its size, and where its pixels lie. A picture that is not interlaced has one.</summary>
internal readonly record struct PngPass(int Width, int Height, int X, int Y, int StepX, int StepY) {
    /// <summary>The passes that hold pixels; empty ones have no bytes in the file, not even filter bytes.</summary>
    public static IEnumerable<PngPass> Of(PngHeader header) {
        (int X, int Y, int StepX, int StepY)[] passes = header.Interlaced
            ? [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
            : [(0, 0, 1, 1)];
        foreach ((int x, int y, int stepX, int stepY) in passes) {
            int width = (header.Width - x + stepX - 1) / stepX, height = (header.Height - y + stepY - 1) / stepY;
            if (width > 0 && height > 0) yield return new PngPass(width, height, x, y, stepX, stepY);
        }
    }
}
