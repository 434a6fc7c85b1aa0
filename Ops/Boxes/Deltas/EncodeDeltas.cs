using ILGPU;
using ILGPU.Runtime;

namespace DenseEngine.Ops;

public static partial class Op {
    /// <summary>The deltas that lead from boxes to others, row by row: the inverse of <see cref="DecodeDeltas"/>, limits aside. A side of
    /// length 0 gives infinities or NaN. No gradient.</summary>
    /// <param name="boxes">[N,4], corners.</param>
    /// <param name="targets">[N,4].</param>
    /// <param name="rule">Scales.</param>
    /// <returns>[N,4]: dx, dy, dw, dh.</returns>
    /// <exception cref="ShapeException">The inputs are not two lists of as many boxes.</exception>
    public static Tensor EncodeDeltas(Tensor boxes, Tensor targets, DeltaRule rule) {
        const string name = nameof(EncodeDeltas);
        int count = CheckBoxes(name, "boxes", boxes);
        Check.Shape(name, "targets", targets, [count, 4]);
        Device device = Check.SameDevice(name, boxes, targets);
        Tensor y = new(device, [count, 4]);
        if (count > 0) Run(device, host => host.Workers.ForRange(count, DeltasPerRange, (from, until) => {
            for (int i = from; i < until; i++) Boxes(y)[i] = rule.Encode(Boxes(boxes)[i], Boxes(targets)[i]);
        }), gpu => gpu.Kernel(EncodeDeltasKernel, a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<Box>, ArrayView<Box>,
            ArrayView<Box>,
            DeltaRule>(EncodeDeltasKernel))(count, Boxes(gpu, y), Boxes(gpu, boxes), Boxes(gpu, targets), rule));
        return y;
    }

    internal static void EncodeDeltasKernel(Index1D i, ArrayView<Box> y, ArrayView<Box> boxes, ArrayView<Box> targets, DeltaRule rule) =>
        y[i] = rule.Encode(boxes[i], targets[i]);
}
