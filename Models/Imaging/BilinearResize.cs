using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace DenseEngine.Models;

/// <summary>
/// OpenCV's <c>resize(INTER_LINEAR)</c> of 8-bit pictures, bit for bit: weights in 1/2048, columns first, and both passes truncate.
/// A target column d samples at position (d + 0.5) · scale - 0.5, whose fraction f gives its two source columns the weights
/// rint((1 - f) · 2048) and rint(f · 2048). Columns past the border take the border's pixel with weight 1; rows keep their
/// weights and clip their indices. Exactly half the size in both directions is the rounded mean of four pixels instead (INTER_AREA).
/// </summary>
internal static class BilinearResize {
    private const int One = 2048;   // a weight of 1

    /// <summary>Resizes [height, width, channels] bytes to [newHeight, newWidth, channels].</summary>
    public static void Apply(ReadOnlySpan<byte> source, int width, int height, int channels, Span<byte> target,
        int newWidth, int newHeight) {
        if (width == newWidth && height == newHeight) {
            source.CopyTo(target);
        } else if (width == 2 * newWidth && height == 2 * newHeight) {
            Halve(source, channels, target, newWidth, newHeight);
        } else {
            Interpolate(source, width, height, channels, target, newWidth, newHeight);
        }
    }

    private static void Interpolate(ReadOnlySpan<byte> source, int width, int height, int channels, Span<byte> target,
        int newWidth, int newHeight) {
        Tap[] columns = Taps(width, newWidth), rows = Taps(height, newHeight);
        for (int i = 0; i < columns.Length; i++) columns[i] = columns[i].Clamped(width);
        int rowBytes = width * channels, newRowBytes = newWidth * channels;
        // The two source rows in use, interpolated along columns, by the parity of their index; each is computed once.
        short[][] stretched = [new short[newRowBytes + 1], new short[newRowBytes + 1]];
        Span<int> held = [-1, -1];
        for (int y = 0; y < newHeight; y++) {
            Tap tap = rows[y];
            int upper = Math.Clamp(tap.Index, 0, height - 1), lower = Math.Clamp(tap.Index + 1, 0, height - 1);
            for (int row = upper; row <= lower; row++) {
                if (held[row & 1] == row) continue;
                held[row & 1] = row;
                StretchRow(source.Slice(row * rowBytes, rowBytes), stretched[row & 1], columns, channels);
            }
            BlendRows(stretched[upper & 1], stretched[lower & 1], target.Slice(y * newRowBytes, newRowBytes), tap);
        }
    }

    // t = (x0·w0 + x1·w1) >> 4 for each target column: at most 255·2049/16, so 16 bits hold it.
    private static void StretchRow(ReadOnlySpan<byte> row, Span<short> stretched, Tap[] columns, int channels) {
        int x = channels == 3 ? StretchPixels(row, stretched, columns) : 0;
        for (; x < columns.Length; x++) {
            Tap tap = columns[x];
            // A column at the right border has weight 0 for the pixel that is not there.
            int left = tap.Index * channels, right = Math.Min(left + channels, row.Length - channels);
            for (int c = 0; c < channels; c++)
                stretched[x * channels + c] = (short)((row[left + c] * tap.Near + row[right + c] * tap.Far) >> 4);
        }
    }

    // Whole pixels of three channels as vectors of four, whose last lane is rubbish that the next pixel overwrites; ends where reading
    // two pixels of four bytes would leave the row, and returns how many columns are done.
    private static int StretchPixels(ReadOnlySpan<byte> row, Span<short> stretched, Tap[] columns) {
        ref byte from = ref MemoryMarshal.GetReference(row);
        ref byte to = ref Unsafe.As<short, byte>(ref MemoryMarshal.GetReference(stretched));
        int x = 0;
        for (; x < columns.Length; x++) {
            Tap tap = columns[x];
            int at = 3 * tap.Index;
            if (at + 7 > row.Length) break;
            Vector128<int> sum = Widen(ref from, at) * tap.Near + Widen(ref from, at + 3) * tap.Far;
            Vector128<int> shifted = Vector128.ShiftRightArithmetic(sum, 4);
            Unsafe.WriteUnaligned(ref Unsafe.Add(ref to, 6 * x), Vector128.Narrow(shifted, shifted).AsInt64().ToScalar());
        }
        return x;
    }

    private static Vector128<int> Widen(ref byte from, int at) {
        Vector128<byte> four = Vector128.CreateScalarUnsafe(Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref from, at))).AsByte();
        return Vector128.WidenLower(Vector128.WidenLower(four)).AsInt32();
    }

    // (((t0·w0) >> 16) + ((t1·w1) >> 16) + 2) >> 2, 32 results at a time.
    private static void BlendRows(ReadOnlySpan<short> upper, ReadOnlySpan<short> lower, Span<byte> target, Tap tap) {
        int i = 0;
        ref short t0 = ref MemoryMarshal.GetReference(upper), t1 = ref MemoryMarshal.GetReference(lower);
        ref byte to = ref MemoryMarshal.GetReference(target);
        Vector256<short> near = Vector256.Create((short)tap.Near), far = Vector256.Create((short)tap.Far);
        for (; i <= target.Length - Vector256<byte>.Count; i += Vector256<byte>.Count) {
            nuint first = (nuint)i, second = (nuint)(i + Vector256<short>.Count);
            Vector256<short> low = Blend(Vector256.LoadUnsafe(ref t0, first), Vector256.LoadUnsafe(ref t1, first), near, far);
            Vector256<short> high = Blend(Vector256.LoadUnsafe(ref t0, second), Vector256.LoadUnsafe(ref t1, second), near, far);
            Vector256.Narrow(low.AsUInt16(), high.AsUInt16()).StoreUnsafe(ref to, first);
        }
        for (; i < target.Length; i++)
            target[i] = (byte)Math.Min(255, (((upper[i] * tap.Near) >> 16) + ((lower[i] * tap.Far) >> 16) + 2) >> 2);
    }

    private static Vector256<short> Blend(Vector256<short> t0, Vector256<short> t1, Vector256<short> near, Vector256<short> far) {
        Vector256<short> sum = UpperHalves(t0, near) + UpperHalves(t1, far) + Vector256.Create((short)2);
        return Vector256.Min(Vector256.ShiftRightArithmetic(sum, 2), Vector256.Create((short)255));
    }

    private static Vector256<short> UpperHalves(Vector256<short> a, Vector256<short> b) {
        if (Avx2.IsSupported) return Avx2.MultiplyHigh(a, b);
        (Vector256<int> aLow, Vector256<int> aHigh) = Vector256.Widen(a);
        (Vector256<int> bLow, Vector256<int> bHigh) = Vector256.Widen(b);
        return Vector256.Narrow(Vector256.ShiftRightArithmetic(aLow * bLow, 16), Vector256.ShiftRightArithmetic(aHigh * bHigh, 16));
    }

    private static void Halve(ReadOnlySpan<byte> source, int channels, Span<byte> target, int newWidth, int newHeight) {
        int rowBytes = 2 * newWidth * channels, to = 0;
        for (int y = 0; y < newHeight; y++) {
            ReadOnlySpan<byte> upper = source.Slice(2 * y * rowBytes, rowBytes), lower = source.Slice((2 * y + 1) * rowBytes, rowBytes);
            for (int from = 0; from < rowBytes; from += 2 * channels) {
                for (int c = from; c < from + channels; c++)
                    target[to++] = (byte)((upper[c] + upper[c + channels] + lower[c] + lower[c + channels] + 2) >> 2);
            }
        }
    }

    private static Tap[] Taps(int size, int newSize) {
        var taps = new Tap[newSize];
        // Not size / newSize: the two roundings are part of the result, as are the float32 steps below.
        double scale = 1.0 / ((double)newSize / size);
        for (int i = 0; i < newSize; i++) {
            float position = (float)((i + 0.5) * scale - 0.5), index = MathF.Floor(position), fraction = position - index;
            taps[i] = new Tap((int)index, (int)MathF.Round((1 - fraction) * One), (int)MathF.Round(fraction * One));
        }
        return taps;
    }

    /// <summary>Source index of one target row or column, and the weights of that one and of its successor.</summary>
    private readonly record struct Tap(int Index, int Near, int Far) {
        public Tap Clamped(int size) =>
            Index < 0 ? new Tap(0, One, 0) : Index >= size - 1 ? new Tap(size - 1, One, 0) : this;
    }
}
