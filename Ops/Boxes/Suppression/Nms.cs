using System.Buffers;

namespace DenseEngine.Ops;

public static partial class Op {
    private const int CountedFrom = 2048, DigitBits = 11;   // scores; a third of a key, the last digit shorter

    /// <summary>Greedy non-maximum suppression: from the highest score down, a box is dropped if its IoU with one that was kept exceeds the
    /// threshold (equal stays; the NaN of two boxes without area stays). Equal scores: the lower index first. As torchvision's <c>nms</c>.
    /// No gradient.</summary>
    /// <param name="boxes">[N,4], corners.</param>
    /// <param name="scores">[N].</param>
    /// <param name="iouThreshold">From 0 to 1.</param>
    /// <param name="offset">Added to widths and heights: 0, or 1 for boxes whose right and bottom pixels are inside (mmcv's
    /// option).</param>
    /// <returns>The kept boxes' indices by falling score, int32 [K].</returns>
    /// <exception cref="ShapeException">Shapes differ from these.</exception>
    public static Tensor Nms(Tensor boxes, Tensor scores, float iouThreshold, float offset = 0) {
        int count = CheckBoxes(nameof(Nms), "boxes", boxes);
        Check.Shape(nameof(Nms), "scores", scores, [count]);
        Tensor? kept = null;
        Run(Check.SameDevice(nameof(Nms), boxes, scores),
            host => kept = NmsHost(host, Boxes(boxes), scores.Span, iouThreshold, offset),
            gpu => kept = NmsGpu(gpu, boxes, scores, new BoxClasses(), iouThreshold, offset));
        return kept!;
    }

    private static Tensor NmsHost(HostDevice host, ReadOnlySpan<Box> boxes, ReadOnlySpan<float> scores, float threshold, float offset) {
        int[] order = ArrayPool<int>.Shared.Rent(scores.Length);
        ByFallingScore(scores, order);
        Tensor kept = OfNumbers(host, order.AsSpan(0, GreedySuppression.Run(boxes, order.AsSpan(0, scores.Length), threshold, offset)));
        ArrayPool<int>.Shared.Return(order);
        return kept;
    }

    private static Tensor OfNumbers(HostDevice host, ReadOnlySpan<int> numbers) => Tensor.From(numbers, [numbers.Length], host);

    /// <summary>Indices by falling score; NaN first, as PyTorch sorts; a stable order.</summary>
    private static void ByFallingScore(ReadOnlySpan<float> scores, Span<int> order) {
        int count = scores.Length;
        ulong[] rented = ArrayPool<ulong>.Shared.Rent(2 * count);
        Span<ulong> keys = rented.AsSpan(0, count), others = rented.AsSpan(count, count);
        for (int i = 0; i < count; i++) keys[i] = (ulong)FallingKey(scores[i]) << 32 | (uint)i;
        if (count < CountedFrom) keys.Sort();
        else {
            Span<int> places = stackalloc int[1 << DigitBits];
            for (int shift = 32; shift < 64; shift += DigitBits) {
                ByDigit(keys, others, places, shift);
                Span<ulong> sorted = others;
                others = keys;
                keys = sorted;
            }
        }
        for (int i = 0; i < count; i++) order[i] = (int)keys[i];
        ArrayPool<ulong>.Shared.Return(rented);
    }

    /// <summary>Sorts by one digit; those of equal digits stay in order.</summary>
    private static void ByDigit(ReadOnlySpan<ulong> keys, Span<ulong> sorted, Span<int> places, int shift) {
        places.Clear();
        foreach (ulong key in keys) places[(int)(key >> shift) & places.Length - 1]++;
        int before = 0;
        foreach (ref int place in places) (place, before) = (before, before + place);
        foreach (ulong key in keys) sorted[places[(int)(key >> shift) & places.Length - 1]++] = key;
    }

    /// <summary>Whole numbers that rise as scores fall; 0 for NaN. Both zeros are one.</summary>
    private static uint FallingKey(float score) {
        if (float.IsNaN(score)) return 0;
        uint bits = BitConverter.SingleToUInt32Bits(score + 0f);
        return (int)bits < 0 ? bits : 0x7fff_ffff - bits;
    }

    internal static float AreaOf(Box box, float offset) => (box.Width + offset) * (box.Height + offset);

    /// <summary>The IoU of boxes whose areas are known: the element body of all suppression, on either device.</summary>
    /// <param name="a">A box.</param>
    /// <param name="areaA">Its area.</param>
    /// <param name="b">Another.</param>
    /// <param name="areaB">Its area.</param>
    /// <param name="offset">Added to widths and heights, the areas' included.</param>
    /// <param name="zero">See <see cref="Unfused"/>.</param>
    private static float Overlap(Box a, float areaA, Box b, float areaB, float offset, int zero) {
        float width = Math.Min(a.X2, b.X2) - Math.Max(a.X1, b.X1) + offset;
        float height = Math.Min(a.Y2, b.Y2) - Math.Max(a.Y1, b.Y1) + offset;
        float inter = Unfused(Math.Max(width, 0) * Math.Max(height, 0), zero);
        return inter / (areaA + areaB - inter);
    }

    /// <summary>A product that no compiler may fuse with a sum that follows: its last bit, and with it what is kept, would differ from the
    /// host's.</summary>
    /// <param name="product">The product.</param>
    /// <param name="zero">0, of which a kernel's compiler does not know.</param>
    internal static float Unfused(float product, int zero) =>
        BitConverter.Int32BitsToSingle(BitConverter.SingleToInt32Bits(product) | zero);
}
