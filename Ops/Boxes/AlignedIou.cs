namespace DenseEngine.Ops;

public static partial class Op {
    /// <summary>The overlap of each box with the one of the same row: pred [N,4] and target [N,4] give [N]. As in mmdetection's losses: IoU
    /// and GIoU bound union and hull from below by <paramref name="eps"/>; DIoU and CIoU add it to union, c² and the heights,
    /// and α counts
    /// only where IoU &gt; ½. Differentiable in pred alone. At kinks: half to each where two edges meet; α has no gradient.</summary>
    /// <param name="pred">[N,4], corners.</param>
    /// <param name="target">[N,4].</param>
    /// <param name="kind">The measure.</param>
    /// <param name="eps">What keeps the divisions from zero, in the boxes' units.</param>
    /// <exception cref="ShapeException">The inputs are not two lists of as many boxes.</exception>
    public static Tensor AlignedIou(Tensor pred, Tensor target, IouKind kind = IouKind.Iou, float eps = 1e-6f) {
        const string name = nameof(AlignedIou);
        int count = CheckBoxes(name, "pred", pred);
        Check.Shape(name, "target", target, [count, 4]);
        var rule = OverlapRule.Floored(kind, eps);
        Device device = Check.SameDevice(name, pred, target);
        Tensor y = new(device, [count]);
        Run(device, host => host.Workers.ForRange(count, PairsPerRange, (from, until) => {
            for (int i = from; i < until; i++) y.Span[i] = rule.Value(Boxes(pred)[i], Boxes(target)[i]);
        }), gpu => AlignedIouGpu(gpu, y, pred, target, rule));
        return Tape.Record(y, [pred], [pred, target], (dy, saved) => {
            Tensor dx = new(device, [count, 4]), a = saved[0], b = saved[1];
            Run(device, host => host.Workers.ForRange(count, PairsPerRange, (from, until) => {
                for (int i = from; i < until; i++) {
                    Box sum = default, other = default;
                    rule.Gradient(Boxes(a)[i], Boxes(b)[i], dy.Span[i], ref sum, ref other);
                    Boxes(dx)[i] = sum;
                }
            }), gpu => AlignedIouBackwardGpu(gpu, dx, dy, a, b, rule));
            return [dx];
        });
    }
}
