namespace DenseEngine.Training;

/// <summary>The truths and detections of one class in one picture, matched at each IoU threshold.</summary>
internal sealed class CocoMatching {
    private readonly CocoAnnotation[] truths;
    private readonly CocoResult[] detections;
    private readonly double[] iou;   // [detection, truth in file order]

    public CocoMatching(IEnumerable<CocoAnnotation> truths, IEnumerable<CocoResult> detections, int maxDetections) {
        this.truths = [.. truths];
        this.detections = [.. detections.OrderByDescending(detection => detection.Score).Take(maxDetections)];   // stable
        iou = new double[this.truths.Length * this.detections.Length];
        for (int d = 0; d < this.detections.Length; d++)
            for (int g = 0; g < this.truths.Length; g++) iou[d * this.truths.Length + g] = Iou(this.detections[d], this.truths[g]);
    }

    /// <summary>How the detections fared; arrays are [threshold, detection].</summary>
    /// <param name="Scores">Of the detections, falling.</param>
    /// <param name="Matched">Whether each found a truth.</param>
    /// <param name="Ignored">Whether it counts neither way.</param>
    /// <param name="Counted">Truths that count.</param>
    public sealed record Outcome(double[] Scores, bool[] Matched, bool[] Ignored, int Counted);

    /// <summary>Matches within an area range (both bounds belong to it): truths outside it, and crowds, are ignored.</summary>
    public Outcome Match(double leastArea, double mostArea, double[] thresholds) {
        bool[] ignored = [.. truths.Select(truth => truth.IsCrowd || truth.Area < leastArea || truth.Area > mostArea)];
        int[] order = [.. Enumerable.Range(0, truths.Length).OrderBy(g => ignored[g])];   // stable, ignored last
        var outcome = new Outcome([.. detections.Select(detection => detection.Score)], new bool[thresholds.Length * detections.Length],
            new bool[thresholds.Length * detections.Length], ignored.Count(ignore => !ignore));
        for (int t = 0; t < thresholds.Length; t++) {
            bool[] taken = new bool[truths.Length];
            for (int d = 0; d < detections.Length; d++) {
                int found = Best(d, thresholds[t], order, ignored, taken), at = t * detections.Length + d;
                double area = detections[d].Width * detections[d].Height;
                if (found >= 0) {
                    taken[found] = true;
                    outcome.Ignored[at] = ignored[found];
                    // pycocotools notes the truth's id, and takes 0 for none.
                    outcome.Matched[at] = truths[found].Id != 0;
                }
                if (!outcome.Matched[at] && (area < leastArea || area > mostArea)) outcome.Ignored[at] = true;
            }
        }
        return outcome;
    }

    /// <summary>The free truth of largest IoU from the threshold on (the later of equals); an ignored one only if no other does;
    /// or -1.</summary>
    private int Best(int detection, double threshold, int[] order, bool[] ignored, bool[] taken) {
        double best = Math.Min(threshold, 1 - 1e-10);
        int found = -1;
        foreach (int g in order) {
            if (taken[g] && !truths[g].IsCrowd) continue;
            if (found >= 0 && !ignored[found] && ignored[g]) break;
            double overlap = iou[detection * truths.Length + g];
            if (overlap < best) continue;
            (best, found) = (overlap, g);
        }
        return found;
    }

    /// <summary>Intersection over union, or over the detection's area for a crowd.</summary>
    private static double Iou(CocoResult d, CocoAnnotation g) {
        double width = Math.Min(d.X + d.Width, g.X + g.Width) - Math.Max(d.X, g.X),
            height = Math.Min(d.Y + d.Height, g.Y + g.Height) - Math.Max(d.Y, g.Y);
        if (width <= 0 || height <= 0) return 0;
        double shared = width * height, own = d.Width * d.Height;
        return shared / (g.IsCrowd ? own : own + g.Width * g.Height - shared);
    }
}
