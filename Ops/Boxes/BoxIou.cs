using System.Runtime.InteropServices;

namespace DenseEngine.Ops;

public static partial class Op {
    private const int PairsPerRange = 1 << 12;

    /// <summary>The overlap of each box of one list with each of another: a [N,4] and b [M,4] give [N,M]. As torchvision's <c>box_iou</c>
    /// and its relatives: 0/0 (two boxes without area) is NaN. At kinks: half to each where two edges meet;
    /// α of CIoU has no gradient.</summary>
    /// <param name="a">[N,4], corners.</param>
    /// <param name="b">[M,4].</param>
    /// <param name="kind">The measure.</param>
    /// <exception cref="ShapeException">An input is not [..,4] of rank 2.</exception>
    public static Tensor BoxIou(Tensor a, Tensor b, IouKind kind = IouKind.Iou) {
        const string name = nameof(BoxIou);
        int rows = CheckBoxes(name, "a", a), columns = CheckBoxes(name, "b", b);
        var rule = OverlapRule.Torchvision(kind);
        Device device = Check.SameDevice(name, a, b);
        Tensor y = new(device, [rows, columns]);
        Run(device, host => BoxIouHost.Run(host, y, a, b, rule), gpu => BoxIouGpu(gpu, y, a, b, rule));
        return Tape.Record(y, [a, b], [a, b], (dy, saved) => {
            Tensor? da = saved.Needs(0) ? new(device, [rows, 4]) : null, db = saved.Needs(1) ? new(device, [columns, 4]) : null;
            Run(device, host => {
                if (da is not null) BoxIouBackward(host, da, dy, saved[0], saved[1], rule, ofRows: true);
                if (db is not null) BoxIouBackward(host, db, dy, saved[0], saved[1], rule, ofRows: false);
            }, gpu => {
                if (da is not null) BoxIouBackwardGpu(gpu, da, dy, saved[0], saved[1], rule, ofRows: true);
                if (db is not null) BoxIouBackwardGpu(gpu, db, dy, saved[0], saved[1], rule, ofRows: false);
            });
            return [da, db];
        });
    }

    private static int CheckBoxes(string op, string name, Tensor boxes) {
        Check.That(boxes.Shape.Rank == 2 && boxes.Shape[1] == 4,
            $"{op}: {name} needs shape [N, 4] (x1, y1, x2, y2) but has {boxes.Shape}.");
        Check.Type(op, name, boxes, DType.Float32);
        return boxes.Shape[0];
    }

    private static Span<Box> Boxes(Tensor tensor) => MemoryMarshal.Cast<float, Box>(tensor.Span);

    /// <summary>One owner for each box: it sums over its pairs, in order.</summary>
    private static void BoxIouBackward(HostDevice host, Tensor dx, Tensor dy, Tensor a, Tensor b, OverlapRule rule, bool ofRows) {
        int owners = dx.Shape[0], pairs = ofRows ? b.Shape[0] : a.Shape[0];
        host.Workers.ForRange(owners, Math.Max(1, PairsPerRange / Math.Max(1, pairs)), (from, until) => {
            Span<Box> rows = Boxes(a), columns = Boxes(b);
            for (int owner = from; owner < until; owner++) {
                Box sum = default;
                for (int pair = 0; pair < pairs; pair++) {
                    Box other = default;
                    (int i, int j) = ofRows ? (owner, pair) : (pair, owner);
                    float slope = dy.Span[i * columns.Length + j];
                    if (ofRows) rule.Gradient(rows[i], columns[j], slope, ref sum, ref other);
                    else rule.Gradient(rows[i], columns[j], slope, ref other, ref sum);
                }
                Boxes(dx)[owner] = sum;
            }
        });
    }
}
