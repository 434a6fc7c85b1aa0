using DenseEngine.Ops;

namespace DenseEngine.Models;

/// <summary>A box as its difference from another, a prior: the centre's move in the prior's widths and heights, and the logarithms of the
/// sizes' ratios (mmdetection's <c>DeltaXYWHBBoxCoder</c>). Sizes are x2 - x1, without + 1.</summary>
/// <param name="Means">Taken from the differences.</param>
/// <param name="Stds">What they are then divided by.</param>
/// <param name="ClipBorder">Whether decoded boxes are cut to the picture, where one is given.</param>
/// <param name="ClampCentre">Whether a decoded centre moves by at most <paramref name="CentreLimit"/>, and sizes are limited from above
/// only (YOLOF).</param>
/// <param name="CentreLimit">Pixels.</param>
public sealed record DeltaXywhBoxCoder(DeltaNumbers Means, DeltaNumbers Stds, bool ClipBorder = true, bool ClampCentre = false,
    float CentreLimit = 32) {
    private const float LeastRatio = 16f / 1000;

    /// <summary>The rule that decodes.</summary>
    /// <param name="picture">The picture's size, to which boxes are cut.</param>
    /// <param name="ratio">Decoded sizes are at most the prior's over this, and, unless centres are clamped, at least the prior's times
    /// this.</param>
    public DeltaRule Rule((float Height, float Width)? picture = null, float ratio = LeastRatio) {
        DeltaRule rule = DeltaRule.Of(Means, Stds, ratio);
        if (ClampCentre) rule = rule with { LeastLog = float.NegativeInfinity, LargestMove = CentreLimit };
        return ClipBorder && picture is { } size ? rule with { From = 0, Right = size.Width, Bottom = size.Height } : rule;
    }

    /// <summary>The deltas [N,4] that lead from priors [N,4] to boxes [N,4]; no gradient. A size of 0 gives infinities or NaN.</summary>
    public Tensor Encode(Tensor priors, Tensor boxes) => Op.EncodeDeltas(priors, boxes, Rule());

    /// <summary>The boxes of deltas: priors [N,4] and deltas [N,4·C] give [N,4·C]; differentiable in the deltas.</summary>
    /// <param name="priors">[N,4].</param>
    /// <param name="deltas">[N,4·C], four for each of C classes.</param>
    /// <param name="picture">See <see cref="Rule"/>.</param>
    /// <param name="ratio">See there.</param>
    public Tensor Decode(Tensor priors, Tensor deltas, (float Height, float Width)? picture = null, float ratio = LeastRatio) =>
        Op.DecodeDeltas(priors, deltas, Rule(picture, ratio));
}
