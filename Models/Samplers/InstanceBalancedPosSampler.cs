namespace DenseEngine.Models;

/// <summary>Positives drawn so that every object has about as many (Pang et al., "Libra R-CNN", CVPR 2019, section 3.1); negatives by
/// chance. As mmdetection has it: where the objects' shares do not fill the number, the rest is drawn from all positives, also from those
/// that are taken already, so fewer than wanted may come back.</summary>
/// <param name="Count">How many priors a picture.</param>
/// <param name="PositiveFraction">Which part of them positives may be.</param>
/// <param name="NegativeRatio">At most how many negatives for each positive; negative for any number.</param>
/// <param name="AddTruths">Whether the objects themselves stand before the priors, as positives.</param>
public sealed record InstanceBalancedPosSampler(int Count, double PositiveFraction, double NegativeRatio = -1, bool AddTruths = true)
    : Sampler(Count, PositiveFraction, NegativeRatio, AddTruths) {
    internal override int[] ChoosePositives(SampleCandidates candidates, int wanted) {
        int[] all = candidates.Positives;
        if (all.Length <= wanted) return all;
        int[][] objects = [.. all.GroupBy(candidates.TruthOf).OrderBy(group => group.Key).Select(group => group.ToArray())];
        int share = (int)(Math.Round((double)wanted / objects.Length) + 1);   // halves to even
        int[] taken = [.. objects.SelectMany(its => candidates.AtMost(share, its))];
        return taken.Length < wanted ? [.. taken, .. candidates.AtMost(wanted - taken.Length, all)] : candidates.AtMost(wanted, taken);
    }
}
