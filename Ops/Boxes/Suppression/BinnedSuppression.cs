using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using V = System.Runtime.Intrinsics.Vector512<float>;

namespace DenseEngine.Ops;

/// <summary>Greedy suppression of many boxes: those that are kept lie in bins by their centres along one axis, and a box meets only the
/// bins that can hold one that drops it. If the IoU of boxes of widths w and v exceeds t, so does that of their sides: v is below w / t,
/// and the centres are less than (w + v) · (1 - t) / (2 + 2t) apart, which is below w · (1 - t) / (2t).</summary>
internal static unsafe class BinnedSuppression {
    private const int Bins = 128, FewBoxes = 512;
    private const float LeastThreshold = 0.05f, LargestArea = 1e30f, LeastArea = 1e-30f;

    /// <summary>Whether the argument holds of these boxes: they are many, finite and upright, and no area is lost to rounding.</summary>
    public static bool Serves(ReadOnlySpan<Box> boxes, ReadOnlySpan<int> order, float threshold, float offset) {
        if (order.Length < FewBoxes || !(threshold >= LeastThreshold) || !(offset >= 0)) return false;
        foreach (int i in order) {
            float width = boxes[i].Width, height = boxes[i].Height, area = Op.AreaOf(boxes[i], offset);
            if (!(width >= 0 && height >= 0 && area < LargestArea && (area > LeastArea || area == 0))) return false;
        }
        return true;
    }

    /// <summary>As <see cref="GreedySuppression.Run"/>, for boxes that this serves.</summary>
    public static int Run(ReadOnlySpan<Box> boxes, Span<int> order, float threshold, float offset, int most) {
        var axis = Axis.Of(boxes, order, threshold, offset);
        int* starts = stackalloc int[Bins + 1], counts = stackalloc int[Bins];
        new Span<int>(counts, Bins).Clear();
        foreach (int i in order) counts[axis.Bin(axis.Centre(boxes[i]))]++;
        starts[0] = 0;
        for (int bin = 0; bin < Bins; bin++) {
            starts[bin + 1] = starts[bin] + (counts[bin] + V.Count - 1) / V.Count * V.Count;
            counts[bin] = 0;
        }
        int length = starts[Bins], kept = 0;
        float[] fields = ArrayPool<float>.Shared.Rent(5 * length);   // left, top, right, bottom, area
        fields.AsSpan(0, 5 * length).Clear();
        fixed (float* first = fields) {
            for (int n = 0; n < order.Length && kept < most; n++) {
                Box box = boxes[order[n]];
                float area = Op.AreaOf(box, offset), centre = axis.Centre(box), reach = axis.Reach(box);
                int from = axis.Bin(centre - reach), to = axis.Bin(centre + reach);
                if (IsDropped(first, length, starts, counts, from, to, box, area, threshold, offset)) continue;
                order[kept++] = order[n];
                int bin = axis.Bin(centre), place = starts[bin] + counts[bin]++;
                (first[place], first[length + place], first[2 * length + place]) = (box.X1, box.Y1, box.X2);
                (first[3 * length + place], first[4 * length + place]) = (box.Y2, area);
            }
        }
        ArrayPool<float>.Shared.Return(fields);
        return kept;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static bool IsDropped(float* fields, int length, int* starts, int* counts, int from, int to, Box box, float area,
        float threshold, float offset) {
        V x1 = Vector512.Create(box.X1), y1 = Vector512.Create(box.Y1), x2 = Vector512.Create(box.X2), y2 = Vector512.Create(box.Y2);
        V own = Vector512.Create(area), added = Vector512.Create(offset), limit = Vector512.Create(threshold);
        V nearly = Vector512.Create(threshold * 0.9999f);   // a division is needed only beyond this
        for (int bin = from; bin <= to; bin++) {
            float* at = fields + starts[bin];
            for (int left = counts[bin]; left > 0; left -= V.Count, at += V.Count) {
                V width = Vector512.Min(x2, Vector512.Load(at + 2 * length)) - Vector512.Max(x1, Vector512.Load(at)) + added;
                V height = Vector512.Min(y2, Vector512.Load(at + 3 * length)) - Vector512.Max(y1, Vector512.Load(at + length)) + added;
                V inter = Vector512.Max(width, V.Zero) * Vector512.Max(height, V.Zero);
                V union = own + Vector512.Load(at + 4 * length) - inter;
                if (Vector512.LessThanOrEqualAll(inter, nearly * union)) continue;
                ulong over = Vector512.GreaterThan(inter / union, limit).ExtractMostSignificantBits();
                if (left < V.Count) over &= (1ul << left) - 1;
                if (over != 0) return true;
            }
        }
        return false;
    }

    /// <summary>The axis along which centres spread most, in bins.</summary>
    private readonly struct Axis {
        private const float Rounding = 1e-6f;   // of a centre, relative to the coordinates

        private bool Vertical { get; init; }
        private float First { get; init; }
        private float Scale { get; init; }
        private float Share { get; init; }
        private float Slack { get; init; }
        private float Offset { get; init; }

        public static Axis Of(ReadOnlySpan<Box> boxes, ReadOnlySpan<int> order, float threshold, float offset) {
            (float left, float right, float top, float bottom) = (float.MaxValue, float.MinValue, float.MaxValue, float.MinValue);
            foreach (int i in order) {
                float x = (boxes[i].X1 + boxes[i].X2) * 0.5f, y = (boxes[i].Y1 + boxes[i].Y2) * 0.5f;
                (left, right, top, bottom) = (Math.Min(left, x), Math.Max(right, x), Math.Min(top, y), Math.Max(bottom, y));
            }
            bool vertical = bottom - top > right - left;
            (float first, float last) = vertical ? (top, bottom) : (left, right);
            float share = threshold < 1 ? (1 - threshold) / (2 * threshold) : 0;
            return new Axis {
                Vertical = vertical,
                First = first,
                Scale = last > first ? Bins / (last - first) : 0,
                Share = share * 1.001f,
                Slack = Rounding * Math.Max(Math.Abs(first), Math.Abs(last)),
                Offset = offset,
            };
        }

        public float Centre(Box box) => Vertical ? (box.Y1 + box.Y2) * 0.5f : (box.X1 + box.X2) * 0.5f;

        /// <summary>How far from its own centre lie those of the boxes that may drop it.</summary>
        public float Reach(Box box) {
            float size = (Vertical ? box.Height : box.Width) + Offset;
            return size * (Share + 4 * Rounding) + Slack;
        }

        public int Bin(float centre) {
            float at = (centre - First) * Scale;
            return at >= Bins ? Bins - 1 : at > 0 ? (int)at : 0;
        }
    }
}
