using DenseEngine.Ops;

namespace DenseEngine.Models;

/// <summary>What one detector says of a batch.</summary>
/// <param name="Head">Its head.</param>
/// <param name="Maps">The neck's levels [N,h,w,K].</param>
/// <param name="Outputs">The head's predictions by level.</param>
internal sealed record DetectorView(AnchorHead Head, IReadOnlyList<Tensor> Maps, IReadOnlyList<HeadOutput> Outputs);

/// <summary>A batch as student and teacher see it, with what the student is to learn of it; the terms ask it for what they
/// compare.</summary>
internal sealed class DistillationBatch(DetectorView student, DetectorView teacher, IReadOnlyList<ImageInfo> images,
    IReadOnlyList<GroundTruth> truths, HeadAssignment[] assigned) {
    private readonly Dictionary<DistillationRegion, float[][]> regions = [];
    private readonly Dictionary<(FeatureRegion Region, int Picture), bool[]> chosen = [];
    private readonly LevelTargets[] targets =
        student.Head.TargetsOf(student.Outputs, [.. assigned.Select(each => each.ForBoxes)], truths);

    /// <summary>The student's view.</summary>
    public DetectorView Student => student;

    /// <summary>The teacher's.</summary>
    public DetectorView Teacher => teacher;

    /// <summary>The pictures' places in the batch.</summary>
    public IReadOnlyList<ImageInfo> Images => images;

    /// <summary>The pictures' objects.</summary>
    public IReadOnlyList<GroundTruth> Truths => truths;

    /// <summary>What a level's priors are to learn of boxes.</summary>
    public LevelTargets Targets(int level) => targets[level];

    /// <summary>A loss of 0 that keeps the level in the graph.</summary>
    public Tensor Nothing(int level) => DenseHead.Nothing(student.Outputs[level].Boxes);

    /// <summary>Weights of edges [4·P] from those of boxes [P].</summary>
    public static Tensor OfEdges(Tensor weights) => Op.Reshape(
        Op.Reshape(weights, weights.Count, 1) * Tensor.Full([1, 4], 1, weights.Device), 4 * weights.Count);

    /// <summary>A region's rows of a level.</summary>
    public RegionRows Rows(DistillationRegion region, int level) {
        if (!regions.TryGetValue(region, out float[][]? weights)) {
            regions[region] = weights = [.. truths.Select((truth, i) =>
                region.Weights(student.Head, student.Outputs, images[i], truth, assigned[i].ForBoxes))];
        }
        (int start, int count) = PriorsOf(level);
        int[] rows = [.. Enumerable.Range(0, count * truths.Count).Where(row => weights[row / count][start + row % count] > 0)];
        Device device = student.Outputs[level].Scores.Device;
        if (rows.Length == 0) return new RegionRows(rows, Tensor.Zeros([0], DType.Int32), Tensor.Zeros([0]), Tensor.Zeros([0]));
        Tensor index = Tensor.From(rows, [rows.Length], device);
        Tensor weight = region.ByConfidence ? Op.Amax(student.Head.Probabilities(Scores(student, level, index).Detach()), [1])
            : Tensor.From([.. rows.Select(row => weights[row / count][start + row % count])], [rows.Length], device);
        return new RegionRows(rows, index, weight,
            Tensor.From([.. rows.Select(row => targets[level].LabelWeights[row])], [rows.Length], device));
    }

    /// <summary>Which of a picture's priors have cells in a region for features, level after level.</summary>
    public bool[] Chosen(FeatureRegion region, int picture) {
        if (!chosen.TryGetValue((region, picture), out bool[]? found))
            chosen[(region, picture)] = found = FeatureCells.Chosen(region, this, picture);
        return found;
    }

    /// <summary>Edge logits of chosen rows: [4·P,bins], or box by box [P,4·bins].</summary>
    public (Tensor Student, Tensor Teacher) Edges(int level, Tensor index, bool together = false) =>
        (Edges(student, level, index, together), Edges(teacher, level, index, together));

    /// <summary>Class logits [P,C] of chosen rows.</summary>
    public (Tensor Student, Tensor Teacher) Logits(int level, Tensor index) =>
        (Scores(student, level, index), Scores(teacher, level, index));

    /// <summary>Boxes [P,4] of chosen rows, or of all, in strides.</summary>
    public (Tensor Student, Tensor Teacher) Boxes(int level, int[]? rows = null) =>
        (Boxes(student, level, rows), Boxes(teacher, level, rows));

    /// <summary>The positives' objects [P,4], in strides.</summary>
    public Tensor TrueBoxes(int level) => targets[level].BoxTensor(student.Outputs[level].Boxes.Device) / student.Head.Stride(level);

    /// <summary>Where a level's priors begin among a picture's, and how many they are.</summary>
    public (int Start, int Count) PriorsOf(int level) {
        int start = 0;
        for (int before = 0; before < level; before++) start += Count(before);
        return (start, Count(level));
    }

    private int Count(int level) => student.Outputs[level].Size is var size ? size.Vertical * size.Horizontal * student.Head.PerCell : 0;

    private static Tensor Edges(DetectorView view, int level, Tensor index, bool together) {
        int bins = view.Head.EdgeBins;
        Tensor ofBoxes = DenseHead.Rows(view.Outputs[level].Boxes, 4 * bins, index);
        return together ? ofBoxes : Op.Reshape(ofBoxes, 4 * index.Count, bins);
    }

    private static Tensor Scores(DetectorView view, int level, Tensor index) {
        Tensor scores = view.Outputs[level].Scores;
        return DenseHead.Rows(scores, scores.Shape[3] / view.Head.PerCell, index);
    }

    private static Tensor Boxes(DetectorView view, int level, int[]? rows) =>
        view.Head.BoxesOf(view.Outputs[level], level, rows) / view.Head.Stride(level);
}
