using DenseEngine.Ops;

namespace DenseEngine.Models;

/// <summary>Says how badly the network does on some candidates.</summary>
/// <param name="candidates">Their places in the list that begins with the objects, if these were added, and goes on with the
/// priors.</param>
/// <param name="boxes">Their boxes.</param>
/// <param name="truths">0 for each that is to find nothing, k + 1 for object k.</param>
/// <returns>Each one's loss.</returns>
public delegate float[] SampleLosses(int[] candidates, Box[] boxes, int[] truths);

/// <summary>One picture's priors, with its objects before them if these were added, and what is needed to draw among them.</summary>
internal sealed class SampleCandidates {
    private readonly Box[] added;
    private readonly Box[] priors;
    private readonly Assignment assignment;
    private readonly RandomChoice choice;
    private readonly SampleLosses? losses;

    public SampleCandidates(Box[] priors, Assignment assignment, Box[] added, RandomChoice choice, SamplerMemory memory,
        SampleLosses? losses) {
        if (assignment.Truths.Length != priors.Length)
            throw new ArgumentException($"{priors.Length} priors, but {assignment.Truths.Length} are assigned.", nameof(assignment));
        (this.priors, this.assignment, this.added, this.choice, this.losses, Memory) = (priors, assignment, added, choice, losses, memory);
        Positives = Where(truth => truth > 0);
        Negatives = Where(truth => truth == 0);
    }

    public SamplerMemory Memory { get; }

    public int Added => added.Length;

    /// <summary>Those with an object, ascending.</summary>
    public int[] Positives { get; }

    /// <summary>Those without, ascending; ignored ones are in neither.</summary>
    public int[] Negatives { get; }

    public Box BoxOf(int candidate) => candidate < Added ? added[candidate] : priors[candidate - Added];

    /// <summary>0 for none, k + 1 for object k.</summary>
    public int TruthOf(int candidate) => candidate < Added ? candidate + 1 : assignment.Truths[candidate - Added];

    /// <summary>The overlap by which it was assigned; an object's with itself is 1.</summary>
    public float OverlapOf(int candidate) => candidate < Added ? 1 : assignment.Overlaps[candidate - Added];

    /// <summary>The largest of all candidates' overlaps, whatever they were assigned to.</summary>
    public float LargestOverlap() => Math.Max(Added > 0 ? 1 : float.NegativeInfinity, assignment.Overlaps.DefaultIfEmpty(0).Max());

    /// <summary>All of them if they are not more than wanted, else as many as wanted, drawn.</summary>
    public int[] AtMost(int wanted, int[] gallery) => gallery.Length > wanted ? choice.Choose(gallery, wanted) : gallery;

    /// <summary>What some of the candidates cost the network.</summary>
    public float[] Losses(int[] some) {
        if (losses is null)
            throw new InvalidOperationException("This sampler asks the network for the candidates' losses; none were given.");
        float[] found = losses(some, Array.ConvertAll(some, BoxOf), Array.ConvertAll(some, TruthOf));
        return found.Length == some.Length ? found
            : throw new InvalidOperationException($"{some.Length} candidates, but {found.Length} losses.");
    }

    private int[] Where(Predicate<int> chosen) {
        var found = new List<int>();
        for (int k = 0; k < Added; k++)
            if (chosen(k + 1)) found.Add(k);
        for (int i = 0; i < priors.Length; i++)
            if (chosen(assignment.Truths[i])) found.Add(Added + i);
        return [.. found];
    }
}
