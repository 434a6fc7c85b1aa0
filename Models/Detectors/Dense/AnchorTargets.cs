using DenseEngine.Ops;

namespace DenseEngine.Models;

/// <summary>Turns objects into targets for anchors; shared by the heads that assign anchors to objects.</summary>
/// <param name="anchors">The anchors.</param>
/// <param name="classes">The number of classes.</param>
/// <param name="allowedBorder">By how many pixels anchors may leave the picture; negative for any; null if those of the padding count,
/// too.</param>
public sealed class AnchorTargets(AnchorGenerator anchors, int classes, float? allowedBorder) {
    /// <summary>The object of each anchor of one picture, level after level:
    /// 0 for none, k + 1 for object k, -1 outside or ignored.</summary>
    /// <param name="assigner">Who decides.</param>
    /// <param name="sizes">The levels' cells, (height, width).</param>
    /// <param name="image">The picture.</param>
    /// <param name="truth">Its objects.</param>
    /// <param name="predictions">What the network says of all anchors, for an assigner that asks.</param>
    public int[] Assign(Assigner assigner, IReadOnlyList<Pair> sizes, ImageInfo image, GroundTruth truth, Predictions? predictions = null) {
        (AnchorsInside inside, Assignment found) = AssignInside(assigner, sizes, image, truth, predictions);
        return inside.Spread(found.Truths);
    }

    /// <summary>The same for the anchors that count alone.</summary>
    internal (AnchorsInside Inside, Assignment Found) AssignInside(Assigner assigner, IReadOnlyList<Pair> sizes, ImageInfo image,
        GroundTruth truth, Predictions? predictions = null) {
        truth.Validate(classes);
        AnchorsInside inside = Inside(sizes, image);
        return (inside, assigner.Assign(inside.Boxes, inside.LevelSizes, truth, predictions?.Of(inside.Places)));
    }

    /// <summary>The anchors of one picture that count.</summary>
    internal AnchorsInside Inside(IReadOnlyList<Pair> sizes, ImageInfo image) {
        List<Box> inside = [];
        List<int> places = [];
        int[] levelSizes = new int[sizes.Count];
        int start = 0;
        for (int level = 0; level < sizes.Count; level++) {
            Box[] all = anchors.Anchors(level, sizes[level].Vertical, sizes[level].Horizontal);
            bool[]? counts = allowedBorder is { } border
                ? anchors.Inside(level, sizes[level].Vertical, sizes[level].Horizontal, image, border) : null;
            int before = inside.Count;
            for (int i = 0; i < all.Length; i++) {
                if (counts is not null && !counts[i]) continue;
                inside.Add(all[i]);
                places.Add(start + i);
            }
            levelSizes[level] = inside.Count - before;
            start += all.Length;
        }
        return new AnchorsInside([.. inside], [.. places], levelSizes, start);
    }

    /// <summary>All pictures' targets by level, and the number of positives, where a picture without any counts as one.</summary>
    /// <param name="assigned">Each picture's <see cref="Assign"/>.</param>
    /// <param name="sizes">The levels' cells, (height, width).</param>
    /// <param name="truths">The pictures' objects.</param>
    public (LevelTargets[] Levels, int Samples) Create(int[][] assigned, IReadOnlyList<Pair> sizes, IReadOnlyList<GroundTruth> truths) {
        int samples = assigned.Sum(picture => Math.Max(1, picture.Count(k => k > 0)));
        var levels = new LevelTargets[sizes.Count];
        int start = 0;
        for (int level = 0; level < levels.Length; level++) {
            Box[] all = anchors.Anchors(level, sizes[level].Vertical, sizes[level].Horizontal);
            int[] labels = new int[all.Length * truths.Count];
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
