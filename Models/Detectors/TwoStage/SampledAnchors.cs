namespace DenseEngine.Models;

/// <summary>The anchors of a level that take part in the losses, over the whole batch.</summary>
/// <param name="Rows">Their rows (picture, then cell, then anchor): positives, then negatives.</param>
/// <param name="Anchors">The positives' anchors.</param>
/// <param name="Boxes">The objects that they are to find.</param>
internal sealed record SampledAnchors(int[] Rows, Ops.Box[] Anchors, Ops.Box[] Boxes) {
    /// <summary>How many positives there are.</summary>
    public int Positives => Boxes.Length;

    /// <summary>Sorts all pictures' samples by level.</summary>
    /// <param name="samples">Each picture's anchors that count, and those drawn of them.</param>
    /// <param name="truths">The pictures' objects.</param>
    /// <param name="sizes">Each level's anchors.</param>
    public static SampledAnchors[] ByLevel((AnchorsInside Inside, Sampling Drawn)[] samples, IReadOnlyList<GroundTruth> truths,
        IReadOnlyList<int> sizes) {
        var levels = new SampledAnchors[sizes.Count];
        int start = 0;
        for (int level = 0; level < levels.Length; level++) {
            (int from, int size) = (start, sizes[level]);
            start += size;
            List<int> positives = [], negatives = [];
            List<Ops.Box> anchors = [], boxes = [];
            for (int picture = 0; picture < samples.Length; picture++) {
                (AnchorsInside inside, Sampling drawn) = samples[picture];
                for (int i = 0; i < drawn.Positives.Length; i++) {
                    int number = inside.Places[drawn.Positives[i]] - from;
                    if (number < 0 || number >= size) continue;
                    positives.Add(picture * size + number);
                    anchors.Add(inside.Boxes[drawn.Positives[i]]);
                    boxes.Add(truths[picture].Boxes[drawn.Truths[i]]);
                }
                negatives.AddRange(drawn.Negatives.Select(i => inside.Places[i] - from).Where(number => number >= 0 && number < size)
                    .Select(number => picture * size + number));
            }
            levels[level] = new SampledAnchors([.. positives, .. negatives], [.. anchors], [.. boxes]);
        }
        return levels;
    }
}
