using DenseEngine.Ops;

namespace DenseEngine.Models;

/// <summary>What one level's anchors are to learn, over the whole batch; rows are picture, then cell, then anchor.</summary>
/// <param name="Labels">The class of each row; the number of classes for background.</param>
/// <param name="LabelWeights">1, or 0 for rows outside their picture or ignored.</param>
/// <param name="Positives">The rows that are to find an object, ascending.</param>
/// <param name="Anchors">Each positive's anchor.</param>
/// <param name="Boxes">Each positive's object.</param>
public sealed record LevelTargets(int[] Labels, float[] LabelWeights, int[] Positives, Box[] Anchors, Box[] Boxes);

/// <summary>Turns objects into targets for anchors; shared by the heads that assign anchors to objects.</summary>
/// <param name="anchors">The anchors.</param>
/// <param name="assigner">Who decides.</param>
/// <param name="classes">The number of classes.</param>
/// <param name="allowedBorder">By how many pixels anchors may leave the picture; negative for any.</param>
public sealed class AnchorTargets(AnchorGenerator anchors, AtssAssigner assigner, int classes, float allowedBorder) {
    /// <summary>The object of each anchor of one picture, level after level:
    /// 0 for none, k + 1 for object k, -1 outside or ignored.</summary>
    /// <param name="sizes">The levels' cells, (height, width).</param>
    /// <param name="image">The picture.</param>
    /// <param name="truth">Its objects.</param>
    public int[] Assign(IReadOnlyList<Pair> sizes, ImageInfo image, GroundTruth truth) {
        truth.Validate(classes);
        List<Box> inside = [];
        List<int> places = [], levelSizes = [];
        int start = 0;
        for (int level = 0; level < sizes.Count; level++) {
            Box[] all = anchors.Anchors(level, sizes[level].Vertical, sizes[level].Horizontal);
            bool[] counts = anchors.Inside(level, sizes[level].Vertical, sizes[level].Horizontal, image, allowedBorder);
            int before = inside.Count;
            for (int i = 0; i < all.Length; i++) {
                if (!counts[i]) continue;
                inside.Add(all[i]);
                places.Add(start + i);
            }
            levelSizes.Add(inside.Count - before);
            start += all.Length;
        }
        int[] assigned = new int[start];
        Array.Fill(assigned, -1);
        int[] truths = assigner.Assign(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(inside), levelSizes, truth).Truths;
        for (int i = 0; i < truths.Length; i++) assigned[places[i]] = truths[i];
        return assigned;
    }

    /// <summary>All pictures' targets by level, and the number of positives, where a picture without any counts as one.</summary>
    public (LevelTargets[] Levels, int Samples) Create(IReadOnlyList<Pair> sizes, IReadOnlyList<ImageInfo> images,
        IReadOnlyList<GroundTruth> truths) {
        Check.That(images.Count == truths.Count, $"Targets: {images.Count} pictures but {truths.Count} lists of objects were given.");
        int[][] assigned = [.. images.Select((image, i) => Assign(sizes, image, truths[i]))];
        int samples = assigned.Sum(picture => Math.Max(1, picture.Count(k => k > 0)));
        var levels = new LevelTargets[sizes.Count];
        int start = 0;
        for (int level = 0; level < levels.Length; level++) {
            Box[] all = anchors.Anchors(level, sizes[level].Vertical, sizes[level].Horizontal);
            int[] labels = new int[all.Length * images.Count];
            float[] weights = new float[labels.Length];
            List<int> positives = [];
            List<Box> positiveAnchors = [], boxes = [];
            for (int row = 0; row < labels.Length; row++) {
                (int picture, int i) = (row / all.Length, row % all.Length);
                int k = assigned[picture][start + i];
                labels[row] = k > 0 ? truths[picture].Labels[k - 1] : classes;
                weights[row] = k >= 0 ? 1 : 0;
                if (k <= 0) continue;
                positives.Add(row);
                positiveAnchors.Add(all[i]);
                boxes.Add(truths[picture].Boxes[k - 1]);
            }
            levels[level] = new LevelTargets(labels, weights, [.. positives], [.. positiveAnchors], [.. boxes]);
            start += all.Length;
        }
        return (levels, samples);
    }
}
