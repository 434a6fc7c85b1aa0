using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace DenseEngine.Models;

/// <summary>Turns unfiltered PNG rows of any colour type and depth into blue, green, red bytes.</summary>
internal sealed class PngPixels {
    private readonly bool indexed;          // grey of up to 8 bits is a palette too: 0, 255/(2^depth - 1), …
    private readonly byte[] colours = [];   // blue, green, red of each index
    private readonly int depth, stride, green, blue;

    public PngPixels(PngHeader header, byte[] palette) {
        depth = header.Depth;
        indexed = header.Kind == PngKind.Palette || (header.Kind == PngKind.Gray && depth <= 8);
        if (header.Kind == PngKind.Palette) {
            colours = palette.AsSpan().ToArray();
            for (int i = 0; i < colours.Length; i += 3) (colours[i], colours[i + 2]) = (colours[i + 2], colours[i]);
        } else if (indexed) {
            int count = 1 << depth;
            colours = new byte[3 * count];
            for (int i = 0; i < colours.Length; i++) colours[i] = (byte)(i / 3 * (255 / (count - 1)));
        } else {
            bool grey = header.Kind is PngKind.Gray or PngKind.GrayAlpha;
            stride = header.BitsPerPixel / 8;
            green = grey ? 0 : depth / 8;   // 16-bit samples are big-endian: the first byte is the high one
            blue = 2 * green;
        }
    }

    /// <summary>Writes a row's pixels to the target, one every <paramref name="step"/> bytes.</summary>
    public void Write(ReadOnlySpan<byte> row, int count, Span<byte> target, int step) {
        if (indexed) WriteIndexed(row, count, target, step);
        else WriteSamples(row, count, target, step);
    }

    private void WriteIndexed(ReadOnlySpan<byte> row, int count, Span<byte> target, int step) {
        int mask = (1 << depth) - 1, to = 0;
        for (int x = 0; x < count; x++, to += step) {
            int bit = x * depth;
            int index = row[bit >> 3] >> (8 - depth - (bit & 7)) & mask;
            if (3 * index >= colours.Length)
                throw new ImageException($"A PNG pixel has colour {index} of a palette of {colours.Length / 3}.");
            colours.AsSpan(3 * index, 3).CopyTo(target[to..]);
        }
    }

    private void WriteSamples(ReadOnlySpan<byte> row, int count, Span<byte> target, int step) {
        int x = 0;
        if (step == 3 && stride == 3) x = SwapWide(row, count, target);
        for (int from = x * stride, to = x * step; x < count; x++, from += stride, to += step) {
            target[to] = row[from + blue];
            target[to + 1] = row[from + green];
            target[to + 2] = row[from];
        }
    }

    /// <summary>Exchanges red and blue five pixels at a time, as far as whole vectors reach; returns the pixels done.</summary>
    internal static int SwapWide(ReadOnlySpan<byte> source, int count, Span<byte> target) {
        int x = 0;
        var order = Vector128.Create((byte)2, 1, 0, 5, 4, 3, 8, 7, 6, 11, 10, 9, 14, 13, 12, 15);
        ref byte from = ref MemoryMarshal.GetReference(source), to = ref MemoryMarshal.GetReference(target);
        // 16 bytes are read and written for each 15 of use: the last pixels are the caller's.
        int last = Math.Min(Math.Min(source.Length, target.Length), 3 * count) - 16;
        for (; 3 * x <= last; x += 5)
            Vector128.Shuffle(Vector128.LoadUnsafe(ref from, (nuint)(3 * x)), order).StoreUnsafe(ref to, (nuint)(3 * x));
        return x;
    }
}
