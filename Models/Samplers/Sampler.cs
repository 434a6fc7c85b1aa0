using System.Text.Json.Serialization;
using DenseEngine.Ops;

namespace DenseEngine.Models;

/// <summary>Decides which of a picture's assigned priors take part in the losses (mmdetection's <c>BaseSampler</c>): so many, of which at
/// most a fraction are to find an object; what the positives leave of theirs goes to the negatives. Sets are drawn only where there are
/// more than wanted; where nothing else is said, each is as likely as any other.</summary>
/// <param name="Count">How many priors a picture.</param>
/// <param name="PositiveFraction">Which part of them positives may be; the number is cut to a whole one.</param>
/// <param name="NegativeRatio">At most how many negatives for each positive (or for one, if there is none); negative for any
/// number.</param>
/// <param name="AddTruths">Whether the objects themselves stand before the priors, as positives.</param>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(CombinedSampler), "CombinedSampler")]
[JsonDerivedType(typeof(InstanceBalancedPosSampler), "InstanceBalancedPosSampler")]
[JsonDerivedType(typeof(IouBalancedNegSampler), "IoUBalancedNegSampler")]
[JsonDerivedType(typeof(OhemSampler), "OHEMSampler")]
[JsonDerivedType(typeof(PseudoSampler), "PseudoSampler")]
[JsonDerivedType(typeof(RandomSampler), "RandomSampler")]
public abstract record Sampler(int Count, double PositiveFraction, double NegativeRatio = -1, bool AddTruths = true) {
    private const int Most = 1 << 24;   // no picture has as many priors

    /// <summary>Draws one picture's.</summary>
    /// <param name="priors">The assigned boxes.</param>
    /// <param name="assignment">Which object each is to find.</param>
    /// <param name="truth">The picture's objects.</param>
    /// <param name="choice">Draws.</param>
    /// <param name="memory">This sampler's own, the same for all pictures.</param>
    /// <param name="losses">What candidates cost the network, for samplers that ask (<see cref="NeedsLosses"/>).</param>
    public virtual Sampling Sample(Box[] priors, Assignment assignment, GroundTruth truth, RandomChoice choice, SamplerMemory memory,
        SampleLosses? losses = null) {
        var candidates = new SampleCandidates(priors, assignment, AddTruths ? truth.Boxes : [], choice, memory, losses);
        (int[] positives, int[] negatives) = Drawn(candidates);
        (positives, negatives) = (Ascending(positives), Ascending(negatives));
        return new Sampling(positives, negatives, Array.ConvertAll(positives, i => candidates.TruthOf(i) - 1),
            [.. positives.Concat(negatives).Select(candidates.BoxOf)], candidates.Added);
    }

    /// <summary>Whether the network's losses on the candidates take part.</summary>
    [JsonIgnore]
    public virtual bool NeedsLosses => false;

    /// <summary>What was drawn, in the order of the drawing; a candidate may stand twice.</summary>
    internal virtual (int[] Positives, int[] Negatives) Drawn(SampleCandidates candidates) {
        int[] positives = ChoosePositives(candidates, (int)(Count * PositiveFraction));
        int found = Ascending(positives).Length, wanted = Count - found;
        if (NegativeRatio >= 0) wanted = (int)Math.Min(wanted, NegativeRatio * Math.Max(1, found));
        return (positives, ChooseNegatives(candidates, wanted));
    }

    internal virtual int[] ChoosePositives(SampleCandidates candidates, int wanted) => candidates.AtMost(wanted, candidates.Positives);

    internal virtual int[] ChooseNegatives(SampleCandidates candidates, int wanted) => candidates.AtMost(wanted, candidates.Negatives);

    /// <summary>Checks its settings, which may come from a file.</summary>
    /// <exception cref="ConfigException">They are out of range.</exception>
    internal virtual void Validate() {
        if (Count is < 0 or > Most || !(PositiveFraction is >= 0 and <= 1) || !double.IsFinite(NegativeRatio)) {
            throw new ConfigException(FormattableString.Invariant($"Sampling: {Count} priors a picture must be from 0 to {Most}, ")
                + FormattableString.Invariant($"the positives' part {PositiveFraction} from 0 to 1, and {NegativeRatio} a number."));
        }
    }

    /// <summary>Each once, in order.</summary>
    private static int[] Ascending(int[] some) => [.. some.Distinct().Order()];
}
