using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace DenseEngine.Models;

/// <summary>How a component's lines become lines of the picture's width. libjpeg's "fancy" rules (jdsample.c): where there are half as many
/// samples as pixels, a pixel is 3/4 of the nearer and 1/4 of the further sample; other ratios repeat samples.</summary>
internal sealed class JpegUpsampling {
    /// <summary>Samples by which buffers must be longer than lines.</summary>
    public const int Slack = 64;

    private readonly int width, repeat;
    private readonly bool doublesAcross, doublesDown;
    private readonly byte[] line;

    /// <summary>A line of sums, after a copy of its first and before a copy of its last one.</summary>
    private readonly short[] sums;

    /// <param name="component">The component.</param>
    /// <param name="frame">The picture.</param>
    public JpegUpsampling(JpegComponent component, JpegFrame frame) {
        width = component.Width;
        repeat = frame.MostHorizontal / component.Horizontal;
        Down = frame.MostVertical / component.Vertical;
        // Samples of which there are one or two in a line are repeated, in libjpeg for lack of neighbours; but not if only lines double.
        doublesAcross = repeat == 2 && Down <= 2 && width > 2;
        doublesDown = Down == 2 && (repeat == 1 || doublesAcross);
        bool copies = repeat == 1 && !doublesDown;
        line = copies ? [] : new byte[width * repeat + Slack];
        sums = doublesAcross ? new short[width + 2 + Slack] : [];
    }

    /// <summary>Lines of the picture by line of the component.</summary>
    public int Down { get; }

    /// <summary>Whether a line needs also the one above or below.</summary>
    public bool NeedsNeighbor => doublesDown;

    /// <summary>A line of pixels' samples.</summary>
    /// <param name="near">The component's line.</param>
    /// <param name="far">The neighbouring line on the side of the line wanted.</param>
    /// <param name="lower">Whether the neighbour is the one below.</param>
    public ReadOnlySpan<byte> Line(ReadOnlySpan<byte> near, ReadOnlySpan<byte> far, bool lower) {
        if (doublesAcross) {
            if (doublesDown) Weigh(near, far, sums.AsSpan(1), width);
            else Widen(near, sums.AsSpan(1), width);
            sums[0] = sums[1];
            sums[width + 1] = sums[width];
            if (doublesDown) Double(sums, line, width, 4, 8, 7);
            else Double(sums, line, width, 2, 1, 2);
            return line;
        }
        if (doublesDown) {
            int bias = lower ? 2 : 1;
            for (int i = 0; i < width; i++) line[i] = (byte)((3 * near[i] + far[i] + bias) >> 2);
            return line;
        }
        if (repeat == 1) return near;
        for (int i = 0; i < width; i++) line.AsSpan(i * repeat, repeat).Fill(near[i]);
        return line;
    }

    /// <summary>3 · near + far. Writes whole vectors: buffers have slack.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Weigh(ReadOnlySpan<byte> near, ReadOnlySpan<byte> far, Span<short> sums, int width) {
        ref byte n = ref MemoryMarshal.GetReference(near[..RoundUp(width)]), f = ref MemoryMarshal.GetReference(far[..RoundUp(width)]);
        ref short s = ref MemoryMarshal.GetReference(sums[..RoundUp(width)]);
        for (nuint i = 0; i < (nuint)width; i += 32) {
            (Vector256<ushort> n0, Vector256<ushort> n1) = Vector256.Widen(Vector256.LoadUnsafe(ref n, i));
            (Vector256<ushort> f0, Vector256<ushort> f1) = Vector256.Widen(Vector256.LoadUnsafe(ref f, i));
            (n0 + n0 + n0 + f0).AsInt16().StoreUnsafe(ref s, i);
            (n1 + n1 + n1 + f1).AsInt16().StoreUnsafe(ref s, i + 16);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Widen(ReadOnlySpan<byte> near, Span<short> sums, int width) {
        ref byte n = ref MemoryMarshal.GetReference(near[..RoundUp(width)]);
        ref short s = ref MemoryMarshal.GetReference(sums[..RoundUp(width)]);
        for (nuint i = 0; i < (nuint)width; i += 32) {
            (Vector256<ushort> n0, Vector256<ushort> n1) = Vector256.Widen(Vector256.LoadUnsafe(ref n, i));
            n0.AsInt16().StoreUnsafe(ref s, i);
            n1.AsInt16().StoreUnsafe(ref s, i + 16);
        }
    }

    /// <summary>Two samples for each sum: with a quarter of the sum before, with a quarter of the sum behind.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Double(ReadOnlySpan<short> sums, Span<byte> line, int width, int shift, short first, short second) {
        ref short s = ref MemoryMarshal.GetReference(sums[..(RoundUp(width) + 2)]);
        ref byte to = ref MemoryMarshal.GetReference(line[..(2 * RoundUp(width))]);
        Vector256<short> firstBias = Vector256.Create(first), secondBias = Vector256.Create(second);
        for (nuint i = 0; i < (nuint)width; i += 16) {
            Vector256<short> here = Vector256.LoadUnsafe(ref s, i + 1);
            here += here + here;
            Vector256<short> left = (here + Vector256.LoadUnsafe(ref s, i) + firstBias) >> shift;
            Vector256<short> right = (here + Vector256.LoadUnsafe(ref s, i + 2) + secondBias) >> shift;
            // Both are bytes: side by side in a 16-bit number, the left one first.
            (left | (right << 8)).AsByte().StoreUnsafe(ref to, 2 * i);
        }
    }

    private static int RoundUp(int width) => (width + 31) & ~31;
}
