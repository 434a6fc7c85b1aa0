namespace DenseEngine.Models;

/// <summary>Everything that is not ignored takes part.</summary>
public sealed record PseudoSampler() : Sampler(0, 0, AddTruths: false) {
    internal override (int[] Positives, int[] Negatives) Drawn(SampleCandidates candidates) => (candidates.Positives, candidates.Negatives);
}
