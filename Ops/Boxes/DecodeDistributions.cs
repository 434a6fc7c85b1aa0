using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace DenseEngine.Ops;

public static partial class Op {
    private static readonly float[] EdgeSigns = [-1, -1, 1, 1];

    /// <summary>The boxes of some anchors whose edges are distributions over distances (Li et al., 2020): <see cref="ExpectedValue"/> of
    /// each edge, times the stride, away from the anchor's centre. No gradient.</summary>
    /// <param name="edges">Logits [R,4·B]: left, top, right, bottom.</param>
    /// <param name="values">[B]: the distance of each bin, in strides.</param>
    /// <param name="rows">Int32 [K]: the rows that are wanted.</param>
    /// <param name="centres">[A,2], x and y in pixels.</param>
    /// <param name="anchors">Int32 [K]: the rows' centres.</param>
    /// <param name="stride">Pixels.</param>
    /// <returns>[K,4], corners.</returns>
    /// <exception cref="ShapeException">Sizes do not fit, or an index is out of range.</exception>
    public static Tensor DecodeDistributions(Tensor edges, Tensor values, Tensor rows, Tensor centres, Tensor anchors, float stride) {
        const string name = nameof(DecodeDistributions);
        Check.Type(name, "values", Check.Rank(name, "values", values, 1), DType.Float32);
        Check.Type(name, "edges", Check.Rank(name, "edges", edges, 2), DType.Float32);
        Check.Type(name, "rows", Check.Rank(name, "rows", rows, 1), DType.Int32);
        Check.Type(name, "anchors", anchors, DType.Int32);
        int bins = values.Count, count = rows.Count;
        Check.That(bins > 0 && edges.Shape[1] == 4 * bins, $"{name}: edges of shape {edges.Shape} do not have four times {bins} bins.");
        Check.Shape(name, "anchors", anchors, [count]);
        Check.Shape(name, "centres", Check.Type(name, "centres", centres, DType.Float32), [centres.Shape[0], 2]);
        Device device = Check.SameDevice(name, edges, values, rows, centres, anchors);
        CheckIndexRange(name, rows, edges.Shape, 0);
        CheckIndexRange(name, anchors, centres.Shape, 0);
        Tensor boxes = new(device, [count, 4]);
        if (count > 0) Run(device, host => DecodeHost(host, boxes, edges, values, rows, centres, anchors, stride), gpu => {
            using var scope = new TensorScope();
            using var noGrad = new NoGrad();
            Tensor points = IndexSelect(centres, anchors, 0);
            Tensor distances = Reshape(ExpectedValue(Reshape(IndexSelect(edges, rows, 0), count, 4, bins), values), count, 4);
            gpu.Copy(Concat([points, points], 1) + distances * (Tensor.From(EdgeSigns, [1, 4], gpu) * stride), boxes);
        });
        return boxes;
    }

    /// <summary>The edges of four anchors are the lines of a tile.</summary>
    private static unsafe void DecodeHost(HostDevice host, Tensor boxes, Tensor edges, Tensor values, Tensor rows, Tensor centres,
        Tensor anchors, float stride) {
        const int together = ExpectedValueHost.Width / 4;
        int bins = values.Count, line = 4 * bins, count = rows.Count;
        float* from = edges.Pointer, to = boxes.Pointer, points = centres.Pointer, bin = values.Pointer;
        int* row = rows.IntPointer, anchor = anchors.IntPointer;
        host.Workers.ForRange((count + together - 1) / together, Math.Max(1, ExpectedValueHost.Grain / (together * line)), (first, end) => {
            float* logits = (float*)NativeMemory.AlignedAlloc((nuint)(2 * together * line * sizeof(float)), 64), tile = logits
                + together * line;
            float* distances = stackalloc float[ExpectedValueHost.Width];
            for (int i = first * together; i < Math.Min(count, end * together); i += together) {
                int some = Math.Min(together, count - i);
                if (some < together) new Span<float>(logits, together * line).Clear();
                for (int k = 0; k < some; k++)
                    new Span<float>(from + (nint)row[i + k] * line, line).CopyTo(new Span<float>(logits + k * line, line));
                PermuteCopy.Transpose((int*)tile, ExpectedValueHost.Width, (int*)logits, bins, bins, ExpectedValueHost.Width);
                ExpectedValueHost.Expect(tile, bin, bins).Store(distances);
                for (int k = 0; k < some; k++) {
                    float* edge = distances + 4 * k;
                    float x = points[2 * anchor[i + k]], y = points[2 * anchor[i + k] + 1];
                    ((Box*)to)[i + k] = new Box(x - edge[0] * stride, y - edge[1] * stride, x + edge[2] * stride, y + edge[3] * stride);
                }
            }
            NativeMemory.AlignedFree(logits);
        });
    }
}
