namespace DenseEngine.Models;

/// <summary>What IoU-balanced sampling draws, beside what chance draws from the same proposals: the overlaps of the negatives, and how
/// many come out of each of its bins. Libra R-CNN's claim (Pang et al., CVPR 2019, section 3.1) is that each bin gives as many, as far as
/// it has them.</summary>
/// <param name="assigner">Says which proposals are negatives.</param>
/// <param name="balanced">The sampler; the one by chance has its numbers.</param>
/// <param name="seed">Decides the draws.</param>
/// <exception cref="ConfigException">The sampler's settings are out of range.</exception>
public sealed class SamplingStudy(Assigner assigner, IouBalancedNegSampler balanced, ulong seed = 0) {
    private readonly IouBalancedNegSampler balanced = Checked(balanced);
    private readonly SamplerMemory memory = new();
    private readonly List<float> pool = [], chance = [], drawn = [];
    private readonly long[] poolBins = new long[balanced.Bins], chanceBins = new long[balanced.Bins], drawnBins = new long[balanced.Bins];

    /// <summary>Pictures added.</summary>
    public int Pictures { get; private set; }

    /// <summary>Pictures with more negatives than wanted: elsewhere nothing is drawn.</summary>
    public int DrawnPictures { get; private set; }

    /// <summary>Of those, pictures in which each bin gave its share, or all that it had.</summary>
    public int KeptPictures { get; private set; }

    /// <summary>The overlaps of the negatives from which was drawn, over all such pictures.</summary>
    public IReadOnlyList<float> Pool => pool;

    /// <summary>The overlaps of the negatives drawn by chance.</summary>
    public IReadOnlyList<float> Chance => chance;

    /// <summary>The overlaps of the negatives drawn by IoU.</summary>
    public IReadOnlyList<float> Balanced => drawn;

    /// <summary>How many negatives each bin held, by chance gave, and by IoU gave; the sampler's bins, over all such pictures.</summary>
    public IReadOnlyList<(long Pool, long Chance, long Balanced)> Bins =>
        [.. Enumerable.Range(0, balanced.Bins).Select(bin => (poolBins[bin], chanceBins[bin], drawnBins[bin]))];

    /// <summary>Adds a picture.</summary>
    /// <param name="proposals">Its proposals.</param>
    /// <param name="truth">Its objects.</param>
    public void Add(Proposals proposals, GroundTruth truth) {
        Assignment assignment = assigner.Assign(proposals.Boxes, [proposals.Boxes.Length], truth);
        var random = new RandomSampler(balanced.Count, balanced.PositiveFraction, balanced.NegativeRatio, balanced.AddTruths);
        int number = Pictures++;
        float[] all = [.. assignment.Overlaps.Where((_, i) => assignment.Truths[i] == 0)],
            byChance = Drawn(random), byIou = Drawn(balanced);
        if (byIou.Length == all.Length) return;
        DrawnPictures++;
        pool.AddRange(all);
        chance.AddRange(byChance);
        drawn.AddRange(byIou);
        float largest = balanced.AddTruths && truth.Boxes.Length > 0 ? 1 : assignment.Overlaps.Max();
        int share = (int)(byIou.Length * (1 - balanced.FloorFraction)) / balanced.Bins;
        bool kept = true;
        for (int bin = 0; bin < balanced.Bins; bin++) {
            (float from, float until) = balanced.Range(bin, largest);
            (int has, int gave) = (Count(all), Count(byIou));
            kept &= gave >= Math.Min(has, share);
            poolBins[bin] += has;
            chanceBins[bin] += Count(byChance);
            drawnBins[bin] += gave;
            int Count(float[] overlaps) => overlaps.Count(overlap => overlap >= from && overlap < until);
        }
        if (kept) KeptPictures++;

        float[] Drawn(Sampler sampler) {
            Sampling sampled = sampler.Sample(proposals.Boxes, assignment, truth, TorchChoice.For(seed, number), memory);
            return Array.ConvertAll(sampled.Negatives, i => assignment.Overlaps[i - sampled.Added]);
        }
    }

    private static IouBalancedNegSampler Checked(IouBalancedNegSampler sampler) {
        sampler.Validate();
        return sampler;
    }
}
