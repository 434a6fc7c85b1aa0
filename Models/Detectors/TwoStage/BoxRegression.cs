namespace DenseEngine.Models;

/// <summary>How boxes are learnt as differences from others: the loss compares differences, or decoded boxes in pixels.</summary>
/// <param name="Coder">How boxes are encoded.</param>
/// <param name="Loss">The loss.</param>
/// <param name="Decoded">Whether it compares decoded boxes, as a loss of overlaps always does (<c>reg_decoded_bbox</c>).</param>
internal sealed record BoxRegression(DeltaXywhBoxCoder Coder, RegressionLoss Loss, bool Decoded) {
    /// <summary>The summed loss over a divisor.</summary>
    /// <param name="codes">What was predicted [P,4]; at least one row.</param>
    /// <param name="priors">The boxes from which the differences are [P,4].</param>
    /// <param name="boxes">The boxes that should be found [P,4].</param>
    /// <param name="divisor">What the sum is divided by.</param>
    public Tensor Apply(Tensor codes, Tensor priors, Tensor boxes, float divisor) => Decoded || Loss.OfBoxes
        ? Loss.Apply(Coder.Decode(priors, codes), boxes, averageFactor: divisor)
        : Loss.Apply(codes, Coder.Encode(priors, boxes), averageFactor: divisor);
}
