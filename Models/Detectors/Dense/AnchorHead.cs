using System.Runtime.InteropServices;
using DenseEngine.Ops;

namespace DenseEngine.Models;

/// <summary>A dense head whose priors are anchors.</summary>
public abstract partial class AnchorHead : DenseHead {
    private readonly Assigner assigner;
    private readonly Assigner? ofBoxes;
    private readonly AnchorTargets targets;

    /// <summary>A head with the configuration's anchors.</summary>
    protected AnchorHead(AnchorConfig config)
        : this(config, config.Anchors(), config.Assigner, config.BoxAssigner, config.AllowedBorder) {
    }

    /// <summary>A head with anchors of its own.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="anchors">The anchors.</param>
    /// <param name="assigner">Who assigns them to objects.</param>
    /// <param name="ofBoxes">Who does for the box branch, or null for the same.</param>
    /// <param name="allowedBorder">See <see cref="AnchorTargets"/>.</param>
    private protected AnchorHead(DenseConfig config, AnchorGenerator anchors, Assigner assigner, Assigner? ofBoxes, float? allowedBorder)
        : base(config) {
        (Anchors, this.assigner, this.ofBoxes) = (anchors, assigner, ofBoxes);
        targets = new AnchorTargets(anchors, config.Classes.Count, allowedBorder);
        if (config.LargestEdge is { } largest) Edges = new Integral(largest);
    }

    /// <summary>The anchors.</summary>
    protected AnchorGenerator Anchors { get; }

    /// <summary>What makes distances of edges' distributions, where boxes are such; else null.</summary>
    protected Integral? Edges { get; }

    /// <summary>The same by its state name, if there is any.</summary>
    private protected IEnumerable<(string Name, Module Module)> EdgeChildren => Edges is null ? [] : [("integral", Edges)];

    /// <summary>The numbers that code a box: four distances, or a distribution for each edge.</summary>
    protected int BoxCodes => Edges is null ? 4 : 4 * Edges.Bins;

    /// <inheritdoc/>
    internal override bool AssignsByPredictions => assigner.NeedsPredictions || (ofBoxes?.NeedsPredictions ?? false);

    /// <inheritdoc/>
    public override HeadAssignment Assign(IReadOnlyList<HeadOutput> outputs, int picture, ImageInfo image, GroundTruth truth) =>
        Assign(outputs, image, truth, AssignsByPredictions ? PredictionsOf(outputs)[picture] : null);

    /// <inheritdoc/>
    internal override HeadAssignment[] AssignAll(IReadOnlyList<HeadOutput> outputs, IReadOnlyList<ImageInfo> images,
        IReadOnlyList<GroundTruth> truths) {
        Predictions[]? all = AssignsByPredictions ? PredictionsOf(outputs) : null;
        return [.. images.Select((image, i) => Assign(outputs, image, truths[i], all?[i]))];
    }

    private HeadAssignment Assign(IReadOnlyList<HeadOutput> outputs, ImageInfo image, GroundTruth truth, Predictions? predictions) {
        int[] forClasses = targets.Assign(assigner, Sizes(outputs), image, truth, predictions);
        return new HeadAssignment(forClasses,
            ofBoxes is null ? forClasses : targets.Assign(ofBoxes, Sizes(outputs), image, truth, predictions));
    }

    /// <summary>A level's loss on class scores.</summary>
    private protected static Tensor ClassLoss(FocalLoss loss, HeadOutput output, LevelTargets level, int samples) {
        Tensor labels = level.LabelTensor(output.Scores.Device), weights = level.WeightTensor(output.Scores.Device);
        return loss.Apply(Rows(output.Scores, output.Scores.Count / level.Labels.Length), labels, weights, samples);
    }

    /// <summary>What each level's anchors are to learn, and the number of positives by which the class loss is divided.</summary>
    protected (LevelTargets[] Levels, int Samples) Targets(IReadOnlyList<HeadOutput> outputs, int[][] assigned,
        IReadOnlyList<GroundTruth> truths) => targets.Create(assigned, Sizes(outputs), truths);

    /// <summary>Whether detected boxes are cut to the picture.</summary>
    private protected virtual bool CutsBoxes => true;

    /// <summary>The boxes [P,4], in pixels, that codes [P,J] mean for anchors [P,4] of a level.</summary>
    protected abstract Tensor DecodeBoxes(Tensor codes, Tensor anchors, int level);

    /// <summary>A level's scores and boxes for selection: logits, and the boxes of chosen anchors alone.</summary>
    /// <param name="output">The level's predictions.</param>
    /// <param name="level">Its number.</param>
    /// <param name="factors">What scores are multiplied by after selection [N,h,w,A], or null.</param>
    private protected LevelPrediction Decode(HeadOutput output, int level, Tensor? factors) {
        Tensor all = AnchorTensor(output, level);
        int codes = output.Boxes.Shape[3] / Anchors.PerCell, classes = output.Scores.Shape[3] / Anchors.PerCell;
        return new LevelPrediction(ByPicture(output.Scores, classes), pairs => DecodeBoxes(Rows(output.Boxes, codes, pairs.Rows),
            Op.IndexSelect(all, pairs.Anchors, 0), level), factors, Logits: true) { Uncut = !CutsBoxes };
    }

    /// <summary>A level's anchors [h·w·A,4].</summary>
    private protected Tensor AnchorTensor(HeadOutput output, int level) =>
        Anchors.AnchorTensor(level, output.Size, output.Scores.Device);

    /// <summary>Each picture's logits and decoded boxes, for assigners that weigh them; without gradient, in one piece from the
    /// device.</summary>
    private Predictions[] PredictionsOf(IReadOnlyList<HeadOutput> outputs) {
        using var scope = new TensorScope();
        using var noGrad = new NoGrad();
        int pictures = outputs[0].Scores.Shape[0], logits = outputs.Sum(output => output.Scores.Count) / pictures;
        float[] all = Op.Concat([.. outputs.Select(output => Op.Reshape(output.Scores, pictures, -1)),
            .. outputs.Select((output, level) => Op.Reshape(BoxesOf(output, level, null), pictures, -1))], 1).ToArray();
        int each = all.Length / pictures;
        return [.. Enumerable.Range(0, pictures).Select(i => new Predictions(all[(i * each)..(i * each + logits)],
            MemoryMarshal.Cast<float, Box>(all.AsSpan(i * each + logits, each - logits)).ToArray()))];
    }

    private static Pair[] Sizes(IReadOnlyList<HeadOutput> outputs) => [.. outputs.Select(output => output.Size)];
}
