namespace DenseEngine.Models;

/// <summary>Online hard example mining (Shrivastava, Gupta and Girshick, CVPR 2016): of positives and of negatives those that cost the
/// network most, as it is. Nothing is drawn by chance.</summary>
/// <param name="Count">How many priors a picture.</param>
/// <param name="PositiveFraction">Which part of them positives may be.</param>
/// <param name="NegativeRatio">At most how many negatives for each positive; negative for any number.</param>
/// <param name="AddTruths">Whether the objects themselves stand before the priors, as positives.</param>
public sealed record OhemSampler(int Count, double PositiveFraction, double NegativeRatio = -1, bool AddTruths = true)
    : Sampler(Count, PositiveFraction, NegativeRatio, AddTruths) {
    /// <inheritdoc/>
    public override bool NeedsLosses => true;

    internal override int[] ChoosePositives(SampleCandidates candidates, int wanted) => Hardest(candidates, candidates.Positives, wanted);

    internal override int[] ChooseNegatives(SampleCandidates candidates, int wanted) => Hardest(candidates, candidates.Negatives, wanted);

    /// <summary>The largest losses, NaN above all as in PyTorch; of equal ones the first.</summary>
    private static int[] Hardest(SampleCandidates candidates, int[] some, int wanted) {
        if (some.Length <= wanted) return some;
        float[] losses = candidates.Losses(some);
        return [.. Enumerable.Range(0, some.Length).OrderByDescending(i => float.IsNaN(losses[i])).ThenByDescending(i => losses[i])
            .Take(wanted).Select(i => some[i])];
    }
}
