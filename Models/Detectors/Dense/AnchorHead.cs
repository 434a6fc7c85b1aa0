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
        : this(config, config.Anchors(), config.Assigner, config.AssignerOfBoxes, config.AllowedBorder) {
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
    public override HeadAssignment Assign(IReadOnlyList<HeadOutput> outputs, int picture, ImageInfo image, GroundTruth truth) {
        int[] forClasses = Assign(assigner, outputs, picture, image, truth);
        return new HeadAssignment(forClasses, ofBoxes is null ? forClasses : Assign(ofBoxes, outputs, picture, image, truth));
    }

    /// <summary>One picture's assignment by an assigner.</summary>
    private int[] Assign(Assigner assigner, IReadOnlyList<HeadOutput> outputs, int picture, ImageInfo image, GroundTruth truth) =>
        targets.Assign(assigner, Sizes(outputs), image, truth, assigner.NeedsPredictions ? PredictionsOf(outputs, picture) : null);

    /// <summary>What each level's anchors are to learn, and the number of positives by which the class loss is divided.</summary>
    protected (LevelTargets[] Levels, int Samples) Targets(IReadOnlyList<HeadOutput> outputs, int[][] assigned,
        IReadOnlyList<GroundTruth> truths) => targets.Create(assigned, Sizes(outputs), truths);

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
            Op.IndexSelect(all, pairs.Anchors, 0), level), factors, Logits: true);
    }

    /// <summary>A level's anchors [h·w·A,4].</summary>
    private protected Tensor AnchorTensor(HeadOutput output, int level) {
        (int height, int width) = output.Size;
        var anchors = new Tensor(HostDevice.Default, [height * width * Anchors.PerCell, 4]);
        Anchors.Anchors(level, height, width, MemoryMarshal.Cast<float, Box>(anchors.Span));
        return anchors.To(output.Scores.Device);
    }

    /// <summary>One picture's logits and decoded boxes, for assigners that weigh them; without gradient.</summary>
    private Predictions PredictionsOf(IReadOnlyList<HeadOutput> outputs, int picture) {
        using var scope = new TensorScope();
        using var noGrad = new NoGrad();
        List<float> logits = [];
        List<Box> boxes = [];
        for (int level = 0; level < outputs.Count; level++) {
            HeadOutput output = outputs[level];
            Tensor codes = Op.Slice(output.Boxes, 0, picture, picture + 1), anchors = AnchorTensor(output, level);
            logits.AddRange(Op.Slice(output.Scores, 0, picture, picture + 1).ToArray());
            boxes.AddRange(MemoryMarshal.Cast<float, Box>(DecodeBoxes(Rows(codes, codes.Count / anchors.Shape[0]), anchors, level).ToArray()));
        }
        return new Predictions([.. logits], [.. boxes]);
    }

    private static Pair[] Sizes(IReadOnlyList<HeadOutput> outputs) => [.. outputs.Select(output => output.Size)];
}
