namespace DenseEngine.Ops;

public static partial class Op {
    /// <summary>How far each row's distribution is from a soft target, both softened by a temperature T: with t = softmax(soft / T) and p =
    /// softmax(pred / T), l = T²·Σ t·(ln t - ln p), divided by the number of bins or not. A bin whose t is 0 adds nothing. Gradient: T·(p -
    /// t), divided likewise; only pred has one. G. Hinton et al., Distilling the Knowledge in a Neural Network (2015); Z. Zheng et al.,
    /// Localization Distillation for Dense Object Detection (2022).</summary>
    /// <param name="pred">Logits [N, bins].</param>
    /// <param name="soft">The target's logits [N, bins].</param>
    /// <param name="temperature">T, above 0.</param>
    /// <param name="sum">Whether a row's result is the sum over its bins; else it is their mean.</param>
    /// <returns>The rows' losses [N].</returns>
    /// <exception cref="ShapeException">The shapes do not fit, or there are no bins.</exception>
    public static Tensor SoftmaxKl(Tensor pred, Tensor soft, float temperature = 1, bool sum = false) {
        const string name = "SoftmaxKl";
        Check.Type(name, "pred", Check.Rank(name, "pred", pred, 2), DType.Float32);
        Check.Type(name, "soft", soft, DType.Float32);
        Check.Shape(name, "soft", soft, pred.Shape);
        Check.SameDevice(name, pred, soft);
        int bins = pred.Shape[1];
        Check.That(bins > 0, $"{name}: pred of shape {pred.Shape} has no bins.");
        Check.That(temperature > 0, $"{name}: the temperature is {temperature}; more than 0 is needed.");
        var loss = new Tensor(pred.Device, [pred.Shape[0]]);
        using Tensor? slope = Tape.Wants(pred) ? new Tensor(pred.Device, pred.Shape) : null;
        var scale = new SoftmaxKlScale(temperature, sum ? 1 : bins);
        Run(pred.Device, host => SoftmaxKlHost.Run(host, loss, slope, pred, soft, scale),
            gpu => SoftmaxKlGpu(gpu, loss, slope, pred, soft, scale));
        return slope is null ? loss : Tape.Record(loss, [pred], [slope], ScaleRows);
    }

    /// <summary>What <see cref="SoftmaxKl"/> multiplies logits, losses and slopes by.</summary>
    internal readonly struct SoftmaxKlScale(float temperature, int divisor) {
        public readonly float OfLogits = 1 / temperature, OfLoss = temperature * temperature / divisor, OfSlope = temperature / divisor;
    }
}
