using DenseEngine.Ops;

namespace DenseEngine.Models;

/// <summary>The cells of regions for feature imitation that objects decide.</summary>
internal static class FeatureCells {
    /// <summary>A region's cells of one level over the batch, ascending: picture, then cell.</summary>
    public static int[] Of(FeatureRegion region, DistillationBatch batch, int level) {
        int anchors = batch.Student.Head.PerCell;
        if (region == FeatureRegion.Main) return [.. batch.Targets(level).Positives.Select(row => row / anchors).Distinct()];
        (int start, int count) = batch.PriorsOf(level);
        var cells = new List<int>();
        for (int picture = 0; picture < batch.Truths.Count; picture++) {
            bool[] chosen = batch.Chosen(region, picture);
            for (int i = 0; i < count; i++) {
                int cell = (picture * count + i) / anchors;
                if (chosen[start + i] && (cells.Count == 0 || cells[^1] != cell)) cells.Add(cell);
            }
        }
        return [.. cells];
    }

    /// <summary>The chosen ones of a picture's priors.</summary>
    public static bool[] Chosen(FeatureRegion region, DistillationBatch batch, int picture) {
        AnchorsInside inside = batch.Student.Head.Inside(batch.Student.Outputs, batch.Images[picture]);
        bool[] chosen = new bool[inside.Total];
        if (inside.Boxes.Length == 0) return chosen;
        foreach (Box truth in batch.Truths[picture].Boxes) {
            float half = region == FeatureRegion.FineGrained ? 0.5f * inside.Boxes.Max(anchor => anchor.Iou(truth)) : 0;
            for (int i = 0; i < inside.Boxes.Length; i++) {
                Box anchor = inside.Boxes[i];
                chosen[inside.Places[i]] |= region == FeatureRegion.FineGrained ? anchor.Iou(truth) > half : Holds(truth, anchor);
            }
        }
        return chosen;
    }

    /// <summary>Whether an anchor's centre lies inside an object.</summary>
    internal static bool Holds(Box truth, Box anchor) {
        float x = (anchor.X1 + anchor.X2) / 2, y = (anchor.Y1 + anchor.Y2) / 2;
        return x > truth.X1 && x < truth.X2 && y > truth.Y1 && y < truth.Y2;
    }
}
