namespace DenseEngine.Models;

/// <summary>Positives as one sampler has them, negatives as another. How many is this one's to say: theirs does not count.</summary>
/// <param name="Count">How many priors a picture.</param>
/// <param name="PositiveFraction">Which part of them positives may be.</param>
/// <param name="Positives">How positives are drawn.</param>
/// <param name="Negatives">How negatives are.</param>
/// <param name="NegativeRatio">At most how many negatives for each positive; negative for any number.</param>
/// <param name="AddTruths">Whether the objects themselves stand before the priors, as positives.</param>
public sealed record CombinedSampler(int Count, double PositiveFraction, Sampler Positives, Sampler Negatives,
    double NegativeRatio = -1, bool AddTruths = true) : Sampler(Count, PositiveFraction, NegativeRatio, AddTruths) {
    /// <inheritdoc/>
    public override bool NeedsLosses => Positives.NeedsLosses || Negatives.NeedsLosses;

    internal override int[] ChoosePositives(SampleCandidates candidates, int wanted) => Positives.ChoosePositives(candidates, wanted);

    internal override int[] ChooseNegatives(SampleCandidates candidates, int wanted) => Negatives.ChooseNegatives(candidates, wanted);

    internal override void Validate() {
        base.Validate();
        if (Positives is CombinedSampler or PseudoSampler || Negatives is CombinedSampler or PseudoSampler)
            throw new ConfigException("Sampling: a combined sampler's parts must each draw by themselves.");
        Positives.Validate();
        Negatives.Validate();
    }
}
