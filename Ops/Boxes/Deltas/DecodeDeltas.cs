using ILGPU;
using ILGPU.Runtime;

namespace DenseEngine.Ops;

public static partial class Op {
    private const int DeltasPerRange = 1 << 11;

    /// <summary>The boxes that deltas make of others: boxes [N,4] and deltas [N,4·C] (dx, dy, dw, dh for each of C classes) give [N,4·C].
    /// Differentiable in the deltas alone; where a limit cuts, the gradient is 0.</summary>
    /// <param name="boxes">[N,4], corners.</param>
    /// <param name="deltas">[N,4·C].</param>
    /// <param name="rule">Scales and limits.</param>
    /// <exception cref="ShapeException">Shapes differ from these.</exception>
    public static Tensor DecodeDeltas(Tensor boxes, Tensor deltas, DeltaRule rule) {
        const string name = nameof(DecodeDeltas);
        int count = CheckBoxes(name, "boxes", boxes);
        Check.Type(name, "deltas", Check.Rank(name, "deltas", deltas, 2), DType.Float32);
        Check.That(deltas.Shape[0] == count && deltas.Shape[1] % 4 == 0,
            $"{name}: deltas of shape {deltas.Shape} are not four for each of {count} boxes.");
        Device device = Check.SameDevice(name, boxes, deltas);
        int classes = deltas.Shape[1] / 4;
        Tensor y = new(device, deltas.Shape);
        if (y.Count > 0) Run(device, host => host.Workers.ForRange(y.Count / 4, DeltasPerRange, (from, until) => {
            Span<Box> given = Boxes(boxes), all = Boxes(deltas), to = Boxes(y);
            for (int i = from; i < until; i++) to[i] = rule.Decode(given[i / classes], all[i]);
        }), gpu => gpu.Kernel(DecodeDeltasKernel, a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<Box>, ArrayView<Box>,
            ArrayView<Box>,
            int, DeltaRule>(DecodeDeltasKernel))(y.Count / 4, Boxes(gpu, y), Boxes(gpu, boxes), Boxes(gpu, deltas), classes, rule));
        return Tape.Record(y, [deltas], [boxes, deltas], (dy, saved) => {
            Tensor dx = new(device, dy.Shape), given = saved[0], all = saved[1];
            if (dx.Count > 0) Run(device, host => host.Workers.ForRange(dx.Count / 4, DeltasPerRange, (from, until) => {
                for (int i = from; i < until; i++) Boxes(dx)[i] = rule.Gradient(Boxes(given)[i / classes], Boxes(all)[i], Boxes(dy)[i]);
            }), gpu => gpu.Kernel(DecodeDeltasGradientKernel, a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<Box>, ArrayView<Box>,
                ArrayView<Box>, ArrayView<Box>, int, DeltaRule>(DecodeDeltasGradientKernel))
                (dx.Count / 4, Boxes(gpu, dx), Boxes(gpu, given), Boxes(gpu, all), Boxes(gpu, dy), classes, rule));
            return [dx];
        });
    }

    internal static void DecodeDeltasKernel(Index1D i, ArrayView<Box> y, ArrayView<Box> boxes, ArrayView<Box> deltas, int classes,
        DeltaRule rule) => y[i] = rule.Decode(boxes[i / classes], deltas[i]);

    internal static void DecodeDeltasGradientKernel(Index1D i, ArrayView<Box> dx, ArrayView<Box> boxes, ArrayView<Box> deltas,
        ArrayView<Box> dy, int classes, DeltaRule rule) => dx[i] = rule.Gradient(boxes[i / classes], deltas[i], dy[i]);
}
