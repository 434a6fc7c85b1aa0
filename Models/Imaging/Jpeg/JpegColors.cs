using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace DenseEngine.Models;

/// <summary>What a JPEG picture's components are.</summary>
internal enum JpegColorSpace { Gray, YCbCr, Rgb, Cmyk, Ycck }

/// <summary>Turns lines of components into blue, green, red, by libjpeg's fixed-point rules (16 bits; jdcolor.c) and, where there is a
/// fourth component for black, OpenCV's (which takes the samples as Adobe stores them: inverted).</summary>
internal static class JpegColors {
    // 1.402, 1.772, 0.344136 and 0.714136 in 1/65536: what Cr adds to red, Cb to blue, and what both take from green.
    private const int RedOfCr = 91881, BlueOfCb = 116130, GreenOfCb = 22554, GreenOfCr = 46802, Half = 1 << 15;

    /// <summary>What the components of a file are: by its JFIF or Adobe segment, else by the components' identifiers.</summary>
    /// <exception cref="ImageException">The count of components says nothing.</exception>
    public static JpegColorSpace SpaceOf(JpegFrame frame, JpegTables tables) {
        JpegComponent[] c = frame.Components;
        if (c.Length == 1) return JpegColorSpace.Gray;
        if (c.Length == 4) return tables.AdobeTransform is null or 0 ? JpegColorSpace.Cmyk : JpegColorSpace.Ycck;
        bool named = c[0].Id == 'R' && c[1].Id == 'G' && c[2].Id == 'B';
        bool rgb = !tables.IsJfif && (tables.AdobeTransform is { } transform ? transform == 0 : named);
        return rgb ? JpegColorSpace.Rgb : JpegColorSpace.YCbCr;
    }

    /// <summary>Writes a line of pixels.</summary>
    /// <param name="space">What the components are.</param>
    /// <param name="a">The first component's samples: gray, Y, red or cyan.</param>
    /// <param name="b">The second's; not looked at where there is none.</param>
    /// <param name="c">The third's.</param>
    /// <param name="d">The fourth's.</param>
    /// <param name="pixels">The line: 3 bytes a pixel, blue first.</param>
    public static void Write(JpegColorSpace space, ReadOnlySpan<byte> a, ReadOnlySpan<byte> b, ReadOnlySpan<byte> c, ReadOnlySpan<byte> d,
        Span<byte> pixels) {
        int width = pixels.Length / 3, from = 0;
        if (space is JpegColorSpace.Gray) b = c = a;
        if (Avx2.IsSupported && space is JpegColorSpace.YCbCr) from = YCbCrLine(a, b, c, pixels, width);
        if (Ssse3.IsSupported && space is (JpegColorSpace.Gray or JpegColorSpace.Rgb)) from = RgbLine(a, b, c, pixels, width);
        switch (space) {
            case JpegColorSpace.YCbCr:
                for (int x = from; x < width; x++) {
                    (int red, int green, int blue) = Rgb(a[x], b[x], c[x]);
                    (pixels[3 * x], pixels[3 * x + 1], pixels[3 * x + 2]) = (Clamp(blue), Clamp(green), Clamp(red));
                }
                break;
            case JpegColorSpace.Gray or JpegColorSpace.Rgb:
                for (int x = from; x < width; x++) (pixels[3 * x], pixels[3 * x + 1], pixels[3 * x + 2]) = (c[x], b[x], a[x]);
                break;
            default:
                for (int x = 0; x < width; x++) {
                    (int cyan, int magenta, int yellow) = (a[x], b[x], c[x]);
                    if (space is JpegColorSpace.Ycck) {
                        (int red, int green, int blue) = Rgb(cyan, magenta, yellow);
                        (cyan, magenta, yellow) = (Clamp(255 - red), Clamp(255 - green), Clamp(255 - blue));
                    }
                    int black = d[x];
                    pixels[3 * x] = (byte)(black - (((255 - yellow) * black) >> 8));
                    pixels[3 * x + 1] = (byte)(black - (((255 - magenta) * black) >> 8));
                    pixels[3 * x + 2] = (byte)(black - (((255 - cyan) * black) >> 8));
                }
                break;
        }
    }

    private static (int Red, int Green, int Blue) Rgb(int y, int cb, int cr) {
        (cb, cr) = (cb - 128, cr - 128);
        int red = RedOfCr * cr, green = -GreenOfCb * cb - GreenOfCr * cr, blue = BlueOfCb * cb;
        return (y + ((red + Half) >> 16), y + ((green + Half) >> 16), y + ((blue + Half) >> 16));
    }

    private static byte Clamp(int value) => (byte)Math.Clamp(value, 0, 255);

    /// <summary>As <see cref="Rgb"/>, 16 pixels at once; returns how many were written. Sixteen bits suffice: the products' whole parts are
    /// split off (91881 = 65536 + 26345, 116130 = 2·65536 - 14942, 46802 = 65536 - 18734), and the high half of 2·x·f, plus one, halved, is
    /// x·f + half shifted by 16.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int YCbCrLine(ReadOnlySpan<byte> luminance, ReadOnlySpan<byte> blues, ReadOnlySpan<byte> reds, Span<byte> pixels,
        int width) {
        Vector256<short> center = Vector256.Create((short)128), one = Vector256.Create((short)1);
        Vector256<short> redFactor = Vector256.Create((short)(RedOfCr - 65536)), blueFactor = Vector256.Create((short)(BlueOfCb - 131072));
        Vector256<short> greenFactors = Vector256.Create(((65536 - GreenOfCr) << 16) | (-GreenOfCb & 0xFFFF)).AsInt16();
        Vector256<int> half = Vector256.Create(Half);
        int x = 0;
        for (; x <= width - 16; x += 16) {
            Vector256<short> y = Avx2.ConvertToVector256Int16(Vector128.Create(luminance.Slice(x, 16)));
            Vector256<short> cb = Avx2.ConvertToVector256Int16(Vector128.Create(blues.Slice(x, 16))) - center;
            Vector256<short> cr = Avx2.ConvertToVector256Int16(Vector128.Create(reds.Slice(x, 16))) - center;
            Vector256<short> red = y + cr + Vector256.ShiftRightArithmetic(Avx2.MultiplyHigh(cr + cr, redFactor) + one, 1);
            Vector256<short> blue = y + cb + cb + Vector256.ShiftRightArithmetic(Avx2.MultiplyHigh(cb + cb, blueFactor) + one, 1);
            Vector256<int> low = Avx2.MultiplyAddAdjacent(Avx2.UnpackLow(cb, cr), greenFactors) + half;
            Vector256<int> high = Avx2.MultiplyAddAdjacent(Avx2.UnpackHigh(cb, cr), greenFactors) + half;
            Vector256<short> green = y - cr + Avx2.PackSignedSaturate(low >> 16, high >> 16);
            Interleave(Narrow(blue), Narrow(green), Narrow(red), ref MemoryMarshal.GetReference(pixels.Slice(3 * x, 48)));
        }
        return x;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int RgbLine(ReadOnlySpan<byte> reds, ReadOnlySpan<byte> greens, ReadOnlySpan<byte> blues, Span<byte> pixels, int width) {
        int x = 0;
        for (; x <= width - 16; x += 16) {
            Interleave(Vector128.Create(blues.Slice(x, 16)), Vector128.Create(greens.Slice(x, 16)), Vector128.Create(reds.Slice(x, 16)),
                ref MemoryMarshal.GetReference(pixels.Slice(3 * x, 48)));
        }
        return x;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> Narrow(Vector256<short> x) => Sse2.PackUnsignedSaturate(x.GetLower(), x.GetUpper());

    /// <summary>48 bytes: blue, green, red of 16 pixels.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Interleave(Vector128<byte> blue, Vector128<byte> green, Vector128<byte> red, ref byte target) {
        const byte no = 0x80;
        Vector128<byte> first = Ssse3.Shuffle(blue, Vector128.Create(0, no, no, 1, no, no, 2, no, no, 3, no, no, 4, no, no, 5))
            | Ssse3.Shuffle(green, Vector128.Create(no, 0, no, no, 1, no, no, 2, no, no, 3, no, no, 4, no, no))
            | Ssse3.Shuffle(red, Vector128.Create(no, no, 0, no, no, 1, no, no, 2, no, no, 3, no, no, 4, no));
        Vector128<byte> second = Ssse3.Shuffle(blue, Vector128.Create(no, no, 6, no, no, 7, no, no, 8, no, no, 9, no, no, 10, no))
            | Ssse3.Shuffle(green, Vector128.Create(5, no, no, 6, no, no, 7, no, no, 8, no, no, 9, no, no, 10))
            | Ssse3.Shuffle(red, Vector128.Create(no, 5, no, no, 6, no, no, 7, no, no, 8, no, no, 9, no, no));
        Vector128<byte> third = Ssse3.Shuffle(blue, Vector128.Create(no, 11, no, no, 12, no, no, 13, no, no, 14, no, no, 15, no, no))
            | Ssse3.Shuffle(green, Vector128.Create(no, no, 11, no, no, 12, no, no, 13, no, no, 14, no, no, 15, no))
            | Ssse3.Shuffle(red, Vector128.Create(10, no, no, 11, no, no, 12, no, no, 13, no, no, 14, no, no, 15));
        first.StoreUnsafe(ref target);
        second.StoreUnsafe(ref target, 16);
        third.StoreUnsafe(ref target, 32);
    }
}
