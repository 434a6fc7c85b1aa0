using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using V = System.Runtime.Intrinsics.Vector512<float>;

namespace DenseEngine.Ops;

/// <summary>Greedy suppression on the processor: each box that is kept meets sixteen others at once, by the same operations as one by
/// one.</summary>
internal static unsafe class GreedySuppression {
    /// <summary>Puts the kept ones of <paramref name="order"/> first, in that order; no more than <paramref name="most"/>, as the later do
    /// not change the earlier.</summary>
    /// <returns>How many they are.</returns>
    public static int Run(ReadOnlySpan<Box> boxes, Span<int> order, float threshold, float offset, int most = int.MaxValue) {
        if (BinnedSuppression.Serves(boxes, order, threshold, offset)) return BinnedSuppression.Run(boxes, order, threshold, offset, most);
        int blocks = (order.Length + V.Count - 1) / V.Count, length = blocks * V.Count, kept = 0;
        float[] fields = ArrayPool<float>.Shared.Rent(5 * length);   // left, top, right, bottom, area; 0 where there is none
        ulong[] dropped = ArrayPool<ulong>.Shared.Rent(blocks);   // a bit each
        fields.AsSpan(0, 5 * length).Clear();
        dropped.AsSpan(0, blocks).Clear();
        for (int i = 0; i < order.Length; i++) {
            Box box = boxes[order[i]];
            (fields[i], fields[length + i], fields[2 * length + i], fields[3 * length + i]) = (box.X1, box.Y1, box.X2, box.Y2);
            fields[4 * length + i] = Op.AreaOf(box, offset);
        }
        fixed (float* first = fields)
        fixed (ulong* bits = dropped) {
            for (int i = 0; i < order.Length && kept < most; i++) {
                if ((bits[i / V.Count] >> i % V.Count & 1) != 0) continue;
                order[kept++] = order[i];
                Drop(bits, first, i, blocks, threshold, offset);
            }
        }
        ArrayPool<float>.Shared.Return(fields);
        ArrayPool<ulong>.Shared.Return(dropped);
        return kept;
    }

    /// <summary>Marks what box i overlaps, from its own block on: who came before it is decided.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Drop(ulong* dropped, float* fields, int i, int blocks, float threshold, float offset) {
        int length = blocks * V.Count;
        float* top = fields + length, right = top + length, bottom = right + length, areas = bottom + length;
        V x1 = Vector512.Create(fields[i]), y1 = Vector512.Create(top[i]), x2 = Vector512.Create(right[i]),
            y2 = Vector512.Create(bottom[i]),
            area = Vector512.Create(areas[i]), limit = Vector512.Create(threshold), added = Vector512.Create(offset);
        for (int block = i / V.Count; block < blocks; block++) {
            int at = block * V.Count;
            V width = Vector512.Min(x2, Vector512.Load(right + at)) - Vector512.Max(x1, Vector512.Load(fields + at)) + added;
            V height = Vector512.Min(y2, Vector512.Load(bottom + at)) - Vector512.Max(y1, Vector512.Load(top + at)) + added;
            V inter = Vector512.Max(width, V.Zero) * Vector512.Max(height, V.Zero);
            V overlap = inter / (area + Vector512.Load(areas + at) - inter);
            dropped[block] |= Vector512.GreaterThan(overlap, limit).ExtractMostSignificantBits();
        }
    }
}
