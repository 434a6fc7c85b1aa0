using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace DenseEngine.Models;

/// <summary>Copies rows of pixels of any <see cref="PixelFormat"/> to blue, green, red.</summary>
internal static class PixelCopy {
    public static int BytesPerPixel(PixelFormat format) => format switch {
        PixelFormat.Bgr or PixelFormat.Rgb => 3,
        PixelFormat.Bgra or PixelFormat.Rgba => 4,
        PixelFormat.Gray => 1,
        _ => throw new ImageException($"There is no pixel format {(int)format}."),
    };

    /// <summary>Converts a row; the target has three bytes for each of its pixels.</summary>
    public static void ToBgr(ReadOnlySpan<byte> row, Span<byte> target, PixelFormat format) {
        switch (format) {
            case PixelFormat.Bgr: row[..target.Length].CopyTo(target); break;
            case PixelFormat.Rgb:
                Shuffle(row, target, 3, Vector128.Create((byte)2, 1, 0, 5, 4, 3, 8, 7, 6, 11, 10, 9, 15, 15, 15, 15));
                break;
            case PixelFormat.Bgra:
                Shuffle(row, target, 4, Vector128.Create((byte)0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, 15, 15, 15, 15));
                break;
            case PixelFormat.Rgba:
                Shuffle(row, target, 4, Vector128.Create((byte)2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, 15, 15, 15, 15));
                break;
            default: Shuffle(row, target, 1, Vector128.Create((byte)0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3, 15, 15, 15, 15)); break;
        }
    }

    // Four pixels a step: sixteen bytes are read and written, whose last four the next step overwrites; the last pixels go one by one.
    private static void Shuffle(ReadOnlySpan<byte> row, Span<byte> target, int step, Vector128<byte> order) {
        ref byte from = ref MemoryMarshal.GetReference(row), to = ref MemoryMarshal.GetReference(target);
        int at = 0, put = 0;
        if (Vector128.IsHardwareAccelerated) {
            for (; at + 16 <= row.Length && put + 16 <= target.Length; at += 4 * step, put += 12)
                Vector128.Shuffle(Vector128.LoadUnsafe(ref from, (nuint)at), order).StoreUnsafe(ref to, (nuint)put);
        }
        int blue = order[0], green = order[1], red = order[2];
        for (; put + 3 <= target.Length; at += step, put += 3)
            (target[put], target[put + 1], target[put + 2]) = (row[at + blue], row[at + green], row[at + red]);
    }
}
