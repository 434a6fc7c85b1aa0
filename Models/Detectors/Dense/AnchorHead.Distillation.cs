using DenseEngine.Ops;

namespace DenseEngine.Models;

/// <summary>What distillation asks of a head.</summary>
public abstract partial class AnchorHead {
    /// <summary>The bins of each edge's distribution; 0 if boxes are no distributions.</summary>
    internal int EdgeBins => Edges?.Bins ?? 0;

    /// <summary>Who assigns anchors to objects for the box branch.</summary>
    internal Assigner Assigner => ofBoxes ?? assigner;

    /// <summary>Anchors of a cell.</summary>
    internal int PerCell => Anchors.PerCell;

    /// <summary>Whether the anchors are more than points.</summary>
    internal bool HasSizes => Anchors.BaseAnchors(0)[0].Area > 0;

    /// <summary>Whether class scores are probabilities; else they are logits.</summary>
    internal virtual bool GivesProbabilities => false;

    /// <summary>Class scores as probabilities.</summary>
    internal Tensor Probabilities(Tensor scores) => GivesProbabilities ? scores : Op.Sigmoid(scores);

    /// <summary>A level's stride in pixels.</summary>
    internal float Stride(int level) => Anchors.Stride(level).Vertical;

    /// <summary>What each level's priors are to learn.</summary>
    internal LevelTargets[] TargetsOf(IReadOnlyList<HeadOutput> outputs, int[][] assigned, IReadOnlyList<GroundTruth> truths) =>
        Targets(outputs, assigned, truths).Levels;

    /// <summary>One picture's anchors that count in training.</summary>
    internal AnchorsInside Inside(IReadOnlyList<HeadOutput> outputs, ImageInfo image) => targets.Inside(Sizes(outputs), image);

    /// <summary>The boxes, in pixels, of a level's rows over the batch: of chosen ones [P,4], or of all.</summary>
    internal Tensor BoxesOf(HeadOutput output, int level, int[]? rows) {
        Tensor anchors = AnchorTensor(output, level);
        int codes = output.Boxes.Shape[3] / PerCell, priors = anchors.Shape[0], pictures = output.Boxes.Shape[0];
        if (rows is null) return DecodeBoxes(Rows(output.Boxes, codes), Op.Concat([.. Enumerable.Repeat(anchors, pictures)], 0), level);
        Device device = output.Boxes.Device;
        return DecodeBoxes(Rows(output.Boxes, codes, Tensor.From(rows, [rows.Length], device)),
            Op.IndexSelect(anchors, Tensor.From([.. rows.Select(row => row % priors)], [rows.Length], device), 0), level);
    }
}
