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
    /// <summary>Numbers that vectors may write behind a row.</summary>
    private const int Slack = 16;

    private const int One = 2048;   // a weight of 1

    /// <summary>Target rows that a thread takes at once: many, as neighbours share source rows, which are computed once.</summary>
    private const int RowsTogether = 48;

    /// <summary>Resizes [height, width, channels] bytes to [newHeight, newWidth, channels], on the host's threads.</summary>
    public static void Apply(byte[] source, int width, int height, int channels, byte[] target, int newWidth, int newHeight) {
        HostWorkers workers = HostDevice.Default.Workers;
        int rowBytes = width * channels, newRowBytes = newWidth * channels;
        if (width == newWidth && height == newHeight) {
            source.CopyTo(target);
        } else if (width == 2 * newWidth && height == 2 * newHeight) {
            workers.ForRange(newHeight, RowsTogether, (from, until) => {
                for (int y = from; y < until; y++) {
                    BilinearHalf.Row(source.AsSpan(2 * y * rowBytes, rowBytes), source.AsSpan((2 * y + 1) * rowBytes, rowBytes), channels,
                        target.AsSpan(y * newRowBytes, newRowBytes));
                }
            });
        } else {
            Tap[] columns = Taps(width, newWidth), rows = Taps(height, newHeight);
            for (int i = 0; i < columns.Length; i++) columns[i] = columns[i].Clamped(width);
            short[] weights = Avx2.IsSupported && channels == 3 ? Weights(columns) : [];
            workers.ForRange(newHeight, RowsTogether, (from, until) => Interpolate(source.AsSpan(0, height * rowBytes), rowBytes, channels,
                columns, weights, rows.AsSpan(from, until - from), target.AsSpan(from * newRowBytes)));
        }
    }

    private static void Interpolate(ReadOnlySpan<byte> source, int rowBytes, int channels, Tap[] columns, short[] weights,
        ReadOnlySpan<Tap> rows,
        Span<byte> target) {
        int newRowBytes = columns.Length * channels, last = source.Length / rowBytes - 1;
        // The two source rows in use, interpolated along columns, by the parity of their index; each is computed once.
        short[][] stretched = [new short[newRowBytes + Slack], new short[newRowBytes + Slack]];
        Span<int> held = [-1, -1];
        bool shrinks = rows.Length > 1 && rows[^1].Index - rows[0].Index > rows.Length;   // then neighbours share few source rows
        for (int y = 0; y < rows.Length; y++) {
            Tap tap = rows[y];
            int upper = Math.Clamp(tap.Index, 0, last), lower = Math.Clamp(tap.Index + 1, 0, last);
            if (shrinks && channels == 3 && Avx2.IsSupported) {
                Both(source.Slice(upper * rowBytes, rowBytes), source.Slice(lower * rowBytes, rowBytes), columns, weights, tap,
                    target.Slice(y * newRowBytes, newRowBytes));
                continue;
            }
            for (int row = upper; row <= lower; row++) {
                if (held[row & 1] == row) continue;
                held[row & 1] = row;
                StretchRow(source.Slice(row * rowBytes, rowBytes), stretched[row & 1], columns, weights, channels);
            }
            BlendRows(stretched[upper & 1], stretched[lower & 1], target.Slice(y * newRowBytes, newRowBytes), tap);
        }
    }

    // t = (x0·w0 + x1·w1) >> 4 for each target column: at most 255·2049/16, so 16 bits hold it.
    private static void StretchRow(ReadOnlySpan<byte> row, Span<short> stretched, Tap[] columns, short[] weights, int channels) {
        int x = channels != 3 ? 0 : Avx2.IsSupported ? StretchAvx2(row, stretched, columns, weights)
            : StretchPixels(row, stretched, columns);
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
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
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

    // How many columns, from the first, may read 16 bytes from their pixel on.
    private static int Reading(Tap[] columns, int rowLength) {
        int count = columns.Length;
        while (count > 0 && 3 * columns[count - 1].Index + 16 > rowLength) count--;
        return count;
    }

    // The same for four pixels at once: each one's two neighbours, 8 bytes, are spread so that the samples of a channel stand side by side
    // and one instruction multiplies and adds them.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int StretchAvx2(ReadOnlySpan<byte> row, Span<short> stretched, Tap[] columns, short[] weights) {
        ref byte from = ref MemoryMarshal.GetReference(row);
        ref short to = ref MemoryMarshal.GetReference(stretched), weight = ref MemoryMarshal.GetArrayDataReference(weights);
        Vector256<byte> pairs = Vector256.Create(0x80048001_80038000UL, 0x80808080_80058002UL, 0x80048001_80038000UL, 0x80808080_80058002UL)
            .AsByte();
        Vector256<byte> threes = Vector256.Create(0x0908_0504_0302_0100UL, 0x80808080_0D0C0B0AUL, 0x0908_0504_0302_0100UL,
            0x80808080_0D0C0B0AUL).AsByte();
        int x = 0;
        ref Tap taps = ref MemoryMarshal.GetArrayDataReference(columns);
        int most = Reading(columns, row.Length);
        for (; x + 4 <= most; x += 4) {
            ref Tap tap = ref Unsafe.Add(ref taps, x);
            Vector256<short> w0 = Vector256.LoadUnsafe(ref weight, (nuint)(8 * x)),
                w1 = Vector256.LoadUnsafe(ref weight, (nuint)(8 * x + 16));
            Vector256<int> low = Two(ref from, tap.Index, Unsafe.Add(ref tap, 1).Index, w0, pairs);
            Vector256<int> high = Two(ref from, Unsafe.Add(ref tap, 2).Index, Unsafe.Add(ref tap, 3).Index, w1, pairs);
            // Packing works within halves: pixels 0 and 2, then 1 and 3.
            Vector256<short> four = Avx2.Permute4x64(Avx2.PackSignedSaturate(low >> 4, high >> 4).AsInt64(), 0b11_01_10_00).AsInt16();
            Vector256<short> dense = Avx2.Shuffle(four.AsByte(), threes).AsInt16();
            dense.GetLower().StoreUnsafe(ref to, (nuint)(3 * x));
            dense.GetUpper().StoreUnsafe(ref to, (nuint)(3 * x + 6));
        }
        return x;
    }

    // Both passes at once, for rows that no other target row needs.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Both(ReadOnlySpan<byte> upper, ReadOnlySpan<byte> lower, Tap[] columns, short[] weights, Tap tap,
        Span<byte> target) {
        ref byte above = ref MemoryMarshal.GetReference(upper), below = ref MemoryMarshal.GetReference(lower);
        ref byte to = ref MemoryMarshal.GetReference(target);
        ref short weight = ref MemoryMarshal.GetArrayDataReference(weights);
        Vector256<byte> pairs = Vector256.Create(0x80048001_80038000UL, 0x80808080_80058002UL, 0x80048001_80038000UL, 0x80808080_80058002UL)
            .AsByte();
        Vector128<byte> threes = Vector128.Create((byte)0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, 0x80, 0x80, 0x80, 0x80);
        Vector256<short> near = Vector256.Create((short)tap.Near), far = Vector256.Create((short)tap.Far);
        int x = 0;
        ref Tap taps = ref MemoryMarshal.GetArrayDataReference(columns);
        int most = Math.Min(Reading(columns, upper.Length), columns.Length - 2);   // 16 bytes are written for 12
        for (; x + 4 <= most; x += 4) {
            ref Tap first = ref Unsafe.Add(ref taps, x);
            (int a, int b) = (first.Index, Unsafe.Add(ref first, 1).Index);
            (int c, int d) = (Unsafe.Add(ref first, 2).Index, Unsafe.Add(ref first, 3).Index);
            Vector256<short> w0 = Vector256.LoadUnsafe(ref weight, (nuint)(8 * x)),
                w1 = Vector256.LoadUnsafe(ref weight, (nuint)(8 * x + 16));
            Vector256<short> t0 = Avx2.PackSignedSaturate(Two(ref above, a, b, w0, pairs) >> 4, Two(ref above, c, d, w1, pairs) >> 4);
            Vector256<short> t1 = Avx2.PackSignedSaturate(Two(ref below, a, b, w0, pairs) >> 4, Two(ref below, c, d, w1, pairs) >> 4);
            Vector256<short> four = Blend(t0, t1, near, far);   // pixels 0 and 2, then 1 and 3
            Vector256<byte> bytes = Avx2.PackUnsignedSaturate(four, four);
            Vector128<byte> ordered = Sse2.UnpackLow(bytes.GetLower().AsInt32(), bytes.GetUpper().AsInt32()).AsByte();
            Ssse3.Shuffle(ordered, threes).StoreUnsafe(ref to, (nuint)(3 * x));
        }
        for (; x < columns.Length; x++) {
            (Tap column, int c) = (columns[x], 0);
            int left = 3 * column.Index, right = Math.Min(left + 3, upper.Length - 3);
            for (; c < 3; c++) {
                int t0 = (upper[left + c] * column.Near + upper[right + c] * column.Far) >> 4;
                int t1 = (lower[left + c] * column.Near + lower[right + c] * column.Far) >> 4;
                target[3 * x + c] = Blend(t0, t1, tap);
            }
        }
    }

    private static byte Blend(int t0, int t1, Tap tap) => (byte)Math.Min(255, (((t0 * tap.Near) >> 16) + ((t1 * tap.Far) >> 16) + 2) >> 2);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Two(ref byte from, int first, int second, Vector256<short> weights, Vector256<byte> pairs) {
        Vector256<byte> pixels = Vector256.Create(Vector128.LoadUnsafe(ref from, (nuint)(3 * first)),
            Vector128.LoadUnsafe(ref from, (nuint)(3 * second)));
        return Avx2.MultiplyAddAdjacent(Avx2.Shuffle(pixels, pairs).AsInt16(), weights);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> Widen(ref byte from, int at) {
        Vector128<byte> four = Vector128.CreateScalarUnsafe(Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref from, at))).AsByte();
        return Vector128.WidenLower(Vector128.WidenLower(four)).AsInt32();
    }

    // (((t0·w0) >> 16) + ((t1·w1) >> 16) + 2) >> 2, 32 results at a time.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
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
        for (; i < target.Length; i++) target[i] = Blend(upper[i], lower[i], tap);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<short> Blend(Vector256<short> t0, Vector256<short> t1, Vector256<short> near, Vector256<short> far) {
        Vector256<short> sum = UpperHalves(t0, near) + UpperHalves(t1, far) + Vector256.Create((short)2);
        return Vector256.Min(Vector256.ShiftRightArithmetic(sum, 2), Vector256.Create((short)255));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<short> UpperHalves(Vector256<short> a, Vector256<short> b) {
        if (Avx2.IsSupported) return Avx2.MultiplyHigh(a, b);
        (Vector256<int> aLow, Vector256<int> aHigh) = Vector256.Widen(a);
        (Vector256<int> bLow, Vector256<int> bHigh) = Vector256.Widen(b);
        return Vector256.Narrow(Vector256.ShiftRightArithmetic(aLow * bLow, 16), Vector256.ShiftRightArithmetic(aHigh * bHigh, 16));
    }

    /// <summary>Both weights of each column four times, as a multiplication of pairs wants them.</summary>
    private static short[] Weights(Tap[] columns) {
        var weights = new short[8 * columns.Length];
        for (int i = 0; i < weights.Length; i++) weights[i] = (short)(i % 2 == 0 ? columns[i / 8].Near : columns[i / 8].Far);
        return weights;
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
