using System.Buffers.Binary;

namespace DenseEngine.Models;

/// <summary>What of a BMP file's headers matters for its pixels, checked.</summary>
/// <param name="Width">Columns.</param>
/// <param name="Height">Rows.</param>
/// <param name="TopDown">Whether the first row is the uppermost; usually it is the lowest.</param>
/// <param name="Bits">Bits a pixel: 1, 4, 8, 16, 24 or 32.</param>
/// <param name="SixBitGreen">Whether 16 bits are 5, 6 and 5; else 5 each.</param>
/// <param name="RunLength">Whether pixels of 4 or 8 bits are run-length coded.</param>
/// <param name="PixelOffset">Where the pixels begin in the file.</param>
/// <param name="Palette">Blue, green, red of 256 colours; black where the file has none.</param>
internal sealed record BmpHeader(int Width, int Height, bool TopDown, int Bits, bool SixBitGreen, bool RunLength, int PixelOffset,
    byte[] Palette) {
    private const int FileHeader = 14, CoreHeader = 12, LeastInfoHeader = 36, Colours = 256;

    private enum Coding { None = 0, Runs8 = 1, Runs4 = 2, Masks = 3 }

    /// <summary>Bytes of a row: whole groups of four.</summary>
    public long RowBytes => ((long)Width * Bits + 31) / 32 * 4;

    /// <summary>Where a row of the file belongs in the picture.</summary>
    public Span<byte> Row(Picture picture, int row) =>
        picture.Pixels.AsSpan(3 * Width * (TopDown ? row : Height - 1 - row), 3 * Width);

    /// <summary>Reads and checks the headers.</summary>
    /// <exception cref="ImageException">They end too early, contradict themselves or ask for what is not read.</exception>
    public static BmpHeader Parse(ReadOnlySpan<byte> file) {
        if (file.Length < FileHeader + CoreHeader) throw new ImageException($"{file.Length} bytes are too few for a BMP file's headers.");
        uint offset = Word(file, 10), size = Word(file, 14);
        if (offset > int.MaxValue) throw new ImageException($"The BMP header puts the pixels at byte {offset}, beyond the file's end.");
        if (size == CoreHeader) return ParseCore(file, (int)offset);
        if (size < LeastInfoHeader || size > (uint)file.Length - FileHeader)
            throw new ImageException($"The BMP file's second header claims {size} bytes, which no version has or the file ends before.");
        (int width, int height, int bits) = ((int)Word(file, 18), (int)Word(file, 22), (int)(Word(file, 26) >> 16));
        uint coding = Word(file, 30);
        if (height == int.MinValue) throw new ImageException("The BMP header states a height that has no positive counterpart.");
        CheckSize(width, Math.Abs(height));
        bool known = (bits, (Coding)coding) is (1 or 4 or 8 or 16 or 24 or 32, Coding.None) or (16 or 32, Coding.Masks)
            or (8, Coding.Runs8) or (4, Coding.Runs4);
        if (!known) throw new ImageException($"BMP files of {bits} bits a pixel with coding {coding} are not read.");
        int behind = FileHeader + (int)size;
        bool sixBitGreen = false;
        if (bits == 16 && coding == (uint)Coding.Masks) sixBitGreen = SixteenBitMasks(file, behind);
        if (bits == 32 && coding == (uint)Coding.Masks && size >= 56) CheckMasks(file);
        byte[] palette = bits > 8 ? [] : ReadPalette(file, behind, (int)Word(file, 46), bits);
        return new BmpHeader(width, Math.Abs(height), height < 0, bits, sixBitGreen, coding is (uint)Coding.Runs8 or (uint)Coding.Runs4,
            (int)offset, palette);
    }

    private static BmpHeader ParseCore(ReadOnlySpan<byte> file, int offset) {
        int width = Short(file, 18), height = Short(file, 20), bits = Short(file, 24);
        CheckSize(width, height);
        if (bits is not (1 or 4 or 8 or 24 or 32)) throw new ImageException($"BMP files of OS/2 with {bits} bits a pixel are not read.");
        byte[] palette = new byte[3 * Colours];
        int colours = bits > 8 ? 0 : 3 << bits;
        if (file.Length - FileHeader - CoreHeader < colours) throw new ImageException("The BMP file ends in its palette.");
        file.Slice(FileHeader + CoreHeader, colours).CopyTo(palette);
        return new BmpHeader(width, height, false, bits, false, false, offset, palette);
    }

    private static void CheckSize(int width, int height) {
        if (width <= 0 || height <= 0) throw new ImageException($"The BMP header states {width}x{height} pixels.");
    }

    private static bool SixteenBitMasks(ReadOnlySpan<byte> file, int at) {
        if (file.Length - at < 12) throw new ImageException("The BMP file ends in its bit masks.");
        return (Word(file, at), Word(file, at + 4), Word(file, at + 8)) switch {
            (0xF800, 0x7E0, 0x1F) => true,
            (0x7C00, 0x3E0, 0x1F) => false,
            (uint red, uint green, uint blue) =>
                throw new ImageException($"BMP bit masks {red:x}, {green:x}, {blue:x} of 16 bits are not read."),
        };
    }

    private static void CheckMasks(ReadOnlySpan<byte> file) {
        (uint red, uint green, uint blue) = (Word(file, 54), Word(file, 58), Word(file, 62));
        if ((red, green, blue) is not ((0xFF0000, 0xFF00, 0xFF) or (0, 0, 0)))
            throw new ImageException($"BMP bit masks {red:x}, {green:x}, {blue:x} of 32 bits are not read.");
    }

    private static byte[] ReadPalette(ReadOnlySpan<byte> file, int at, int used, int bits) {
        if (used is < 0 or > Colours) throw new ImageException($"The BMP header states a palette of {used} colours.");
        int colours = used == 0 ? 1 << bits : used;
        if (file.Length - at < 4 * colours) throw new ImageException("The BMP file ends in its palette.");
        byte[] palette = new byte[3 * Colours];
        for (int i = 0; i < colours; i++) file.Slice(at + 4 * i, 3).CopyTo(palette.AsSpan(3 * i));
        return palette;
    }

    private static uint Word(ReadOnlySpan<byte> file, int at) => BinaryPrimitives.ReadUInt32LittleEndian(file[at..]);

    private static int Short(ReadOnlySpan<byte> file, int at) => BinaryPrimitives.ReadUInt16LittleEndian(file[at..]);
}
