namespace DenseEngine.Models;

/// <summary>Negatives drawn so that every range of overlaps has about as many (Pang et al., "Libra R-CNN", CVPR 2019, section 3.1: equal
/// bins of the IoU, filled up from the rest where they hold too few); positives by chance. As mmdetection has it: the bins reach from the
/// floor to the largest overlap of all candidates, positives and added objects among them; overlaps below the floor have a part of their
/// own.</summary>
/// <param name="Count">How many priors a picture.</param>
/// <param name="PositiveFraction">Which part of them positives may be.</param>
/// <param name="FloorThreshold">Overlaps below it are the floor. At 0 those of exactly 0 are. With -1 there is none, but for the first
/// drawing only: from then on a sampler of mmdetection behaves as at 0 (it overwrites its own setting), and so does this one.</param>
/// <param name="FloorFraction">Which part of the negatives the floor has.</param>
/// <param name="Bins">How many ranges; 1 draws by chance from what is not the floor.</param>
/// <param name="NegativeRatio">At most how many negatives for each positive; negative for any number.</param>
/// <param name="AddTruths">Whether the objects themselves stand before the priors, as positives.</param>
public sealed record IouBalancedNegSampler(int Count, double PositiveFraction, double FloorThreshold = -1, double FloorFraction = 0,
    int Bins = 3, double NegativeRatio = -1, bool AddTruths = true) : Sampler(Count, PositiveFraction, NegativeRatio, AddTruths) {
    internal override int[] ChooseNegatives(SampleCandidates candidates, int wanted) {
        int[] all = candidates.Negatives;
        if (all.Length <= wanted) return all;
        bool first = FloorThreshold < 0 && !candidates.Memory.FloorIsZero;
        if (first) candidates.Memory.FloorIsZero = true;
        int[] floor = first ? [] : [.. all.Where(i => IsFloor(candidates.OverlapOf(i)))];
        int[] above = [.. all.Where(i => first ? candidates.OverlapOf(i) > -1 : IsAbove(candidates.OverlapOf(i)))];

        int balanced = (int)(wanted * (1 - FloorFraction));
        if (above.Length > balanced) above = Bins >= 2 ? ByBins(candidates, above, balanced) : candidates.AtMost(balanced, above);
        int[] taken = [.. candidates.AtMost(wanted - above.Length, floor), .. above];
        return FilledUp(candidates, taken, all, wanted);
    }

    internal override void Validate() {
        base.Validate();
        if (!(FloorThreshold is >= 0 and <= 1 or -1) || !(FloorFraction is >= 0 and <= 1) || Bins is < 1 or > 10_000) {
            throw new ConfigException(FormattableString.Invariant($"IoU-balanced sampling: the floor {FloorThreshold} must be from 0 to 1 ")
                + FormattableString.Invariant($"or -1, its part {FloorFraction} from 0 to 1, and the bins {Bins} from 1 to 10000."));
        }
    }

    private bool IsFloor(float overlap) => overlap >= 0 && !IsAbove(overlap);

    private bool IsAbove(float overlap) => FloorThreshold > 0 ? overlap >= (float)FloorThreshold : overlap > 0;

    /// <summary>A bin's overlaps, the end not included.</summary>
    /// <param name="bin">Its number.</param>
    /// <param name="largest">The largest overlap of all candidates, where the last bin ends.</param>
    internal (float From, float Until) Range(int bin, float largest) {
        double from = Math.Max(0, FloorThreshold), wide = (largest - from) / Bins;
        return ((float)(from + bin * wide), (float)(from + (bin + 1) * wide));
    }

    /// <summary>As many from each bin, then from all where bins hold less.</summary>
    private int[] ByBins(SampleCandidates candidates, int[] some, int wanted) {
        float largest = candidates.LargestOverlap();
        var taken = new List<int>();
        for (int bin = 0; bin < Bins; bin++) {
            (float start, float end) = Range(bin, largest);
            taken.AddRange(candidates.AtMost(wanted / Bins,
                [.. some.Where(i => candidates.OverlapOf(i) >= start && candidates.OverlapOf(i) < end)]));
        }
        return FilledUp(candidates, [.. taken], some, wanted);
    }

    private static int[] FilledUp(SampleCandidates candidates, int[] taken, int[] gallery, int wanted) {
        if (taken.Length >= wanted) return taken;
        HashSet<int> left = [.. gallery];
        left.ExceptWith(taken);
        return [.. taken, .. candidates.AtMost(wanted - taken.Length, [.. left.Order()])];
    }
}
