using System.Buffers.Binary;

namespace DenseEngine.Models;

/// <summary>Turns unfiltered PNG rows of any colour type and depth into blue, green, red bytes.</summary>
internal sealed class PngPixels {
    private readonly bool indexed;              // grey of less than 8 bits is a palette too: 0, 255/(2^depth - 1), …
    private readonly uint[] colours = [];       // blue, green, red of each index, from the lowest byte; black where there is no colour
    private readonly PixelFormat? format;       // of pixels that lie in memory as they lie in the file
    private readonly int depth, stride, green, blue;

    public PngPixels(PngHeader header, byte[] palette) {
        depth = header.Depth;
        indexed = header.Kind == PngKind.Palette || (header.Kind == PngKind.Gray && depth < 8);
        if (indexed) {
            colours = new uint[1 << depth];
            for (int i = 0; i < colours.Length; i++) {
                if (header.Kind == PngKind.Gray) colours[i] = 0x010101u * (uint)(i * (255 / (colours.Length - 1)));
                else if (3 * i < palette.Length) colours[i] = (uint)(palette[3 * i] << 16 | palette[3 * i + 1] << 8 | palette[3 * i + 2]);
            }
        } else {
            bool grey = header.Kind is PngKind.Gray or PngKind.GrayAlpha;
            stride = header.BitsPerPixel / 8;
            green = grey ? 0 : depth / 8;   // 16-bit samples are big-endian: the first byte is the high one
            blue = 2 * green;
            if (depth == 8) {
                format = header.Kind switch {
                    PngKind.Gray => PixelFormat.Gray,
                    PngKind.Rgb => PixelFormat.Rgb,
                    PngKind.Rgba => PixelFormat.Rgba,
                    _ => null,
                };
            }
        }
    }

    /// <summary>Writes a row's pixels to the target, one every <paramref name="step"/> bytes.</summary>
    public void Write(ReadOnlySpan<byte> row, int count, Span<byte> target, int step) {
        if (indexed) WriteIndexed(row, count, target, step);
        else if (step == 3 && format is { } known) PixelCopy.ToBgr(row[..(count * stride)], target[..(3 * count)], known);
        else WriteSamples(row, count, target, step);
    }

    private void WriteIndexed(ReadOnlySpan<byte> row, int count, Span<byte> target, int step) {
        int mask = (1 << depth) - 1, to = 0;
        for (int x = 0; x < count; x++, to += step) {
            int bit = x * depth;
            uint colour = colours[row[bit >> 3] >> (8 - depth - (bit & 7)) & mask];
            BinaryPrimitives.WriteUInt16LittleEndian(target[to..], (ushort)colour);
            target[to + 2] = (byte)(colour >> 16);
        }
    }

    private void WriteSamples(ReadOnlySpan<byte> row, int count, Span<byte> target, int step) {
        for (int x = 0, from = 0, to = 0; x < count; x++, from += stride, to += step) {
            target[to] = row[from + blue];
            target[to + 1] = row[from + green];
            target[to + 2] = row[from];
        }
    }
}
