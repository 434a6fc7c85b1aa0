namespace DenseEngine.Ops;

public static partial class Op {
    /// <summary>Checks, runs and records a loss on rows [N, C] whose classes are labels [N]: the rows' sums [N]. Only the predictions have
    /// a gradient; forward leaves the slopes for it.</summary>
    private static Tensor ClassRows<TLoss>(string name, Tensor pred, Tensor label, Tensor? score, TLoss formula)
        where TLoss : unmanaged, IClassLoss {
        CheckClasses(name, pred, label, score);
        var loss = new Tensor(pred.Device, label.Shape);
        using Tensor? slope = Tape.Wants(pred) ? new Tensor(pred.Device, pred.Shape) : null;
        Run(pred.Device, host => ClassLossHost<TLoss>.Rows(host, loss, slope, pred, label, score, formula),
            gpu => ClassRowsGpu(gpu, loss, slope, pred, label, score, formula));
        return slope is null ? loss : Tape.Record(loss, [pred], [slope], ScaleRows);
    }

    /// <summary>The same loss without the sums: what each entry costs [N, C].</summary>
    private static Tensor ClassEntries<TLoss>(string name, Tensor pred, Tensor label, Tensor? score, TLoss formula)
        where TLoss : unmanaged, IClassLoss {
        CheckClasses(name, pred, label, score);
        var costs = new Tensor(pred.Device, pred.Shape);
        using Tensor? slope = Tape.Wants(pred) ? new Tensor(pred.Device, pred.Shape) : null;
        Run(pred.Device, host => ClassLossHost<TLoss>.Entries(host, costs, slope, pred, label, score, formula),
            gpu => ClassEntriesGpu(gpu, costs, slope, pred, label, score, formula));
        return slope is null ? costs : Tape.Record(costs, [pred], [slope], (dy, saved) => [Mul(dy, saved[0])]);
    }

    private static void CheckClasses(string name, Tensor pred, Tensor label, Tensor? score) {
        Check.Type(name, "pred", Check.Rank(name, "pred", pred, 2), DType.Float32);
        Check.Type(name, "label", label, DType.Int32);
        Check.Shape(name, "label", label, [pred.Shape[0]]);
        if (score is not null) {
            Check.Type(name, "score", score, DType.Float32);
            Check.Shape(name, "score", score, [pred.Shape[0]]);
        }
        Check.SameDevice(name, pred, label, score);
    }
}
