namespace DenseEngine.Ops;

public static partial class Op {
    /// <summary>Focal loss whose targets are qualities: with s = σ(pred), each entry costs sᵝ·-ln(1 - s), but a positive row's entry of its
    /// class |q - s|ᵝ·(-(1 - q)·ln(1 - s) - q·ln s), with q its quality. The factors' gradients count too; only pred has one. X. Li et al.,
    /// Generalized Focal Loss (2020), equation 5.</summary>
    /// <param name="pred">Logits [N, C].</param>
    /// <param name="label">Int32 [N]: the class, 0 to C-1; any other number is background.</param>
    /// <param name="score">q, float32 [N], from 0 to 1; read for positive rows.</param>
    /// <param name="beta">The focusing exponent β, at least 1.</param>
    /// <returns>The rows' sums over the classes [N].</returns>
    /// <exception cref="ShapeException">The shapes do not fit.</exception>
    public static Tensor QualityFocalLoss(Tensor pred, Tensor label, Tensor score, float beta = 2) {
        const string name = "QualityFocalLoss";
        Check.Type(name, "pred", Check.Rank(name, "pred", pred, 2), DType.Float32);
        Check.Type(name, "label", label, DType.Int32);
        Check.Type(name, "score", score, DType.Float32);
        Check.Shape(name, "label", label, [pred.Shape[0]]);
        Check.Shape(name, "score", score, [pred.Shape[0]]);
        Check.That(beta >= 1, $"{name}: beta is {beta}; at least 1 is needed.");
        Check.SameDevice(name, pred, label, score);
        var loss = new Tensor(pred.Device, label.Shape);
        using Tensor? slope = Tape.Wants(pred) ? new Tensor(pred.Device, pred.Shape) : null;
        Run(pred.Device, host => QualityFocalHost.Run(host, loss, slope, pred, label, score, beta),
            gpu => QualityFocalGpu(gpu, loss, slope, pred, label, score, beta));
        return slope is null ? loss : Tape.Record(loss, [pred], [slope], (dy, saved) => [ScaleRows(saved[0], dy)]);
    }

    /// <summary>Each row of x [N, C] times its factor [N].</summary>
    private static Tensor ScaleRows(Tensor x, Tensor factor) {
        var y = new Tensor(x.Device, x.Shape);
        Run(x.Device, host => BroadcastHost<Value<MulOp>>(host, y, x, factor.View([factor.Count, 1]), null),
            gpu => ScaleRowsGpu(gpu, y, x, factor));
        return y;
    }
}
