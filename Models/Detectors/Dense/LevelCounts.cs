namespace DenseEngine.Models;

/// <summary>The positives counted so far, by level, for <see cref="LevelBalance"/>.</summary>
internal sealed class LevelCounts(bool separate) {
    /// <summary>The counts: the class branch's levels and, where they are counted apart, then the box branch's; empty at the
    /// beginning.</summary>
    public long[] All { get; set; } = [];

    /// <summary>The factors of the last batch.</summary>
    public (float[] Classes, float[] Boxes) Factors { get; private set; } = ([], []);

    /// <summary>Counts a batch's positives and takes its factors.</summary>
    /// <param name="assigned">What each picture's priors are to find.</param>
    /// <param name="sizes">Priors of each level.</param>
    public void Add(HeadAssignment[] assigned, IReadOnlyList<int> sizes) {
        int expected = (separate ? 2 : 1) * sizes.Count;
        if (All.Length == 0) All = new long[expected];
        Check.That(All.Length == expected, $"LevelBalance: there are {All.Length} counts for {sizes.Count} levels.");
        Span<long> ofClasses = All.AsSpan(0, sizes.Count), ofBoxes = separate ? All.AsSpan(sizes.Count) : ofClasses;
        float[] classes = Counted(ofClasses, assigned, sizes, each => each.ForClasses);
        Factors = (classes, Counted(ofBoxes, assigned, sizes, each => each.ForBoxes));
    }

    private static float[] Counted(Span<long> counts, HeadAssignment[] assigned, IReadOnlyList<int> sizes,
        Func<HeadAssignment, int[]> branch) {
        foreach (HeadAssignment picture in assigned) {
            int start = 0;
            for (int level = 0; level < sizes.Count; level++) {
                foreach (int k in branch(picture).AsSpan(start, sizes[level]))
                    if (k > 0) counts[level]++;
                start += sizes[level];
            }
        }
        (long least, long most) = (long.MaxValue, long.MinValue);
        foreach (long count in counts) (least, most) = (Math.Min(least, count), Math.Max(most, count));
        float[] factors = new float[counts.Length];
        for (int level = 0; level < factors.Length; level++) factors[level] = (float)(2 - (counts[level] - least) / (most - least + 1e-10));
        return factors;
    }
}
