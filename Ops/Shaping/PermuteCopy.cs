using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace DenseEngine.Ops;

/// <summary>Copies a strided array to a dense one, whatever its four-byte elements are. Where both have neighbours along the same axis,
/// runs are copied. Otherwise the plane of the two axes that have neighbours on one side each is transposed in tiles: 8 by 8 elements in
/// registers where there is AVX, 16 by 4 with AVX-512, so that each cache line of either side is touched at once.</summary>
internal static unsafe class PermuteCopy {
    /// <summary>Lines of the target that a work item writes, and elements of a tile's side.</summary>
    private const int ItemLines = 32, Side = 8, WideSide = 16;

    /// <summary>Copies: the target is dense with the given sizes, outermost first; the source has the given strides along the same axes,
    /// one of which is 1.</summary>
    public static void Run(HostDevice host, int* to, int* from, int[] sizes, int[] strides) {
        int last = sizes.Length - 1, inner = sizes[last];
        int[] targets = new int[sizes.Length];
        for (int axis = last, stride = 1; axis >= 0; stride *= sizes[axis--]) targets[axis] = stride;
        if (strides[last] == 1) {
            int rows = targets[0] * sizes[0] / inner;
            host.Workers.ForRange(rows, Math.Max(1, Op.ElementwiseGrain / inner), (first, end) => {
                for (int row = first; row < end; row++)
                    new Span<int>(from + Offset(row, sizes, strides, last, -1), inner).CopyTo(new Span<int>(to + (nint)row * inner, inner));
            });
            return;
        }
        int plane = Array.IndexOf(strides, 1), lines = sizes[plane], cuts = (lines + ItemLines - 1) / ItemLines;
        int planes = (int)((long)targets[0] * sizes[0] / inner / lines);
        host.Workers.ForRange(planes * cuts, Math.Max(1, Op.ElementwiseGrain / (inner * Math.Min(lines, ItemLines))), (first, end) => {
            for (int item = first; item < end; item++) {
                (int number, int cut) = Math.DivRem(item, cuts);
                int line = cut * ItemLines;
                Transpose(to + Offset(number, sizes, targets, last, plane) + (nint)line * targets[plane], targets[plane],
                    from + Offset(number, sizes, strides, last, plane) + line, strides[last], Math.Min(ItemLines, lines - line), inner);
            }
        });
    }

    /// <summary>Where the walk over all axes but two stands.</summary>
    private static nint Offset(int number, int[] sizes, int[] strides, int without, int orWithout) {
        nint offset = 0;
        for (int axis = sizes.Length - 1; axis >= 0; axis--) {
            if (axis == without || axis == orWithout) continue;
            (number, int index) = Math.DivRem(number, sizes[axis]);
            offset += (nint)index * strides[axis];
        }
        return offset;
    }

    /// <summary>to[line, i] = from[i, line].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Transpose(int* to, int toStride, int* from, int fromStride, int lines, int count) {
        int i = 0;
        if (Avx512F.IsSupported) {
            for (; i <= count - WideSide; i += WideSide) {
                int line = 0;
                for (; line <= lines - 4; line += 4)
                    WideTile((float*)to + (nint)line * toStride + i, toStride, (float*)from + (nint)i * fromStride + line, fromStride);
                for (; line < lines; line++)
                    for (int k = i; k < i + WideSide; k++) to[(nint)line * toStride + k] = from[(nint)k * fromStride + line];
            }
        }
        if (Avx.IsSupported) {
            for (; i <= count - Side; i += Side) {
                int line = 0;
                for (; line <= lines - Side; line += Side)
                    Tile((float*)to + (nint)line * toStride + i, toStride, (float*)from + (nint)i * fromStride + line, fromStride);
                for (; line < lines; line++)
                    for (int k = i; k < i + Side; k++) to[(nint)line * toStride + k] = from[(nint)k * fromStride + line];
            }
        }
        if (i == 0) {   // few elements a line: in the order of the target
            for (int line = 0; line < lines; line++, to += toStride)
                for (int k = 0; k < count; k++) to[k] = from[(nint)k * fromStride + line];
            return;
        }
        for (; i < count; i++)
            for (int line = 0; line < lines; line++) to[(nint)line * toStride + i] = from[(nint)i * fromStride + line];
    }

    /// <summary>Sixteen rows of four: every fourth row goes to one vector, where blocks of four by four are transposed.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void WideTile(float* to, nint toStride, float* from, nint fromStride) {
        Vector512<float> a = EveryFourth(from, fromStride), b = EveryFourth(from + fromStride, fromStride),
            c = EveryFourth(from + 2 * fromStride, fromStride), d = EveryFourth(from + 3 * fromStride, fromStride);
        (a, b, c, d) = (Avx512F.UnpackLow(a, b), Avx512F.UnpackHigh(a, b), Avx512F.UnpackLow(c, d), Avx512F.UnpackHigh(c, d));
        Avx512F.Shuffle(a, c, 0x44).Store(to);
        Avx512F.Shuffle(a, c, 0xee).Store(to + toStride);
        Avx512F.Shuffle(b, d, 0x44).Store(to + 2 * toStride);
        Avx512F.Shuffle(b, d, 0xee).Store(to + 3 * toStride);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> EveryFourth(float* from, nint stride) => Vector512.Create(
        Vector256.Create(Vector128.Load(from), Vector128.Load(from + 4 * stride)),
        Vector256.Create(Vector128.Load(from + 8 * stride), Vector128.Load(from + 12 * stride)));

    /// <summary>Eight rows of eight: pairs of rows are interleaved, then pairs of those, then halves change places.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Tile(float* to, nint toStride, float* from, nint fromStride) {
        Vector256<float> a = Vector256.Load(from), b = Vector256.Load(from + fromStride), c = Vector256.Load(from + 2 * fromStride),
            d = Vector256.Load(from + 3 * fromStride);
        from += 4 * fromStride;
        Vector256<float> e = Vector256.Load(from), f = Vector256.Load(from + fromStride), g = Vector256.Load(from + 2 * fromStride),
            h = Vector256.Load(from + 3 * fromStride);
        (a, b, c, d) = (Avx.UnpackLow(a, b), Avx.UnpackHigh(a, b), Avx.UnpackLow(c, d), Avx.UnpackHigh(c, d));
        (e, f, g, h) = (Avx.UnpackLow(e, f), Avx.UnpackHigh(e, f), Avx.UnpackLow(g, h), Avx.UnpackHigh(g, h));
        (a, c) = (Avx.Shuffle(a, c, 0x44), Avx.Shuffle(a, c, 0xee));
        (b, d) = (Avx.Shuffle(b, d, 0x44), Avx.Shuffle(b, d, 0xee));
        (e, g) = (Avx.Shuffle(e, g, 0x44), Avx.Shuffle(e, g, 0xee));
        (f, h) = (Avx.Shuffle(f, h, 0x44), Avx.Shuffle(f, h, 0xee));
        Avx.Permute2x128(a, e, 0x20).Store(to);
        Avx.Permute2x128(c, g, 0x20).Store(to + toStride);
        Avx.Permute2x128(b, f, 0x20).Store(to + 2 * toStride);
        Avx.Permute2x128(d, h, 0x20).Store(to + 3 * toStride);
        to += 4 * toStride;
        Avx.Permute2x128(a, e, 0x31).Store(to);
        Avx.Permute2x128(c, g, 0x31).Store(to + toStride);
        Avx.Permute2x128(b, f, 0x31).Store(to + 2 * toStride);
        Avx.Permute2x128(d, h, 0x31).Store(to + 3 * toStride);
    }
}
