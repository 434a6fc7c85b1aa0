namespace DenseEngine.Ops;

public static partial class Op {
    /// <summary>Checks, runs and records a loss on the entries of rows [N, C] whose classes are labels [N]: the rows' sums [N] or, if asked
    /// for, all entries [N, C]. Only the predictions have a gradient; forward leaves the slopes for it.</summary>
    private static Tensor ClassLoss<TLoss>(string name, Tensor pred, Tensor label, Tensor? score, bool entries, TLoss formula)
        where TLoss : unmanaged, IClassLoss {
        Check.Type(name, "pred", Check.Rank(name, "pred", pred, 2), DType.Float32);
        Check.Type(name, "label", label, DType.Int32);
        Check.Shape(name, "label", label, [pred.Shape[0]]);
        if (score is not null) {
            Check.Type(name, "score", score, DType.Float32);
            Check.Shape(name, "score", score, [pred.Shape[0]]);
        }
        Check.SameDevice(name, pred, label, score);
        var loss = new Tensor(pred.Device, entries ? pred.Shape : label.Shape);
        using Tensor? slope = Tape.Wants(pred) ? new Tensor(pred.Device, pred.Shape) : null;
        Run(pred.Device, host => ClassLossHost<TLoss>.Run(host, loss, slope, pred, label, score, entries, formula),
            gpu => ClassLossGpu(gpu, loss, slope, pred, label, score, entries, formula));
        if (slope is null) return loss;
        return entries ? Tape.Record(loss, [pred], [slope], (dy, saved) => [Mul(dy, saved[0])])
            : Tape.Record(loss, [pred], [slope], ScaleRows);
    }
}
