using DenseEngine.Ops;

namespace DenseEngine.Models;

/// <summary>The head of ATSS (Zhang et al., 2020): class scores, boxes as deltas of the cell's anchor (or as distributions of edges), and
/// the centerness of the anchor in its object. As mmdetection 2.25's <c>ATSSHead</c>.</summary>
public sealed class AtssHead : AnchorHead {
    private readonly AtssConfig config;
    private readonly AtssLayers layers;

    /// <summary>A head to be initialised or loaded.</summary>
    public AtssHead(AtssConfig config) : base(config) =>
        (this.config, layers) = (config, new AtssLayers(config, Anchors.PerCell, BoxCodes, config.PredKernelSize));

    /// <inheritdoc/>
    protected override Conv2d ClassLayer => layers.Classes;

    /// <inheritdoc/>
    public override IEnumerable<(string Name, Module Module)> Children => [.. layers.Children("atss_centerness"), .. EdgeChildren];

    /// <inheritdoc/>
    protected override HeadOutput Forward(Tensor level, int index) => layers.Forward(level, index);

    /// <summary>loss_cls, loss_bbox and loss_centerness, each by level. The boxes' loss weights a positive by its centerness and is divided
    /// by the sum of these weights (at least 1).</summary>
    protected override IReadOnlyList<LossTerm> Losses(IReadOnlyList<HeadOutput> outputs, HeadAssignment[] assigned,
        IReadOnlyList<GroundTruth> truths) {
        (LevelTargets[] levels, int samples) = Targets(outputs, [.. assigned.Select(each => each.ForClasses)], truths);
        float[][] centernesses = [.. levels.Select(level => level.Anchors.Zip(level.Boxes, Centerness.Of).ToArray())];
        float weights = Math.Max(1, centernesses.Sum(level => level.Sum()));
        return [
            Term("loss_cls", [.. levels.Select((level, i) => ClassLoss(config.ClassLoss, outputs[i], level, samples))]),
            Term("loss_bbox", [.. levels.Select((level, i) => BoxLoss(outputs[i], level, i, centernesses[i]) / weights)]),
            Term("loss_centerness", [.. levels.Select((level, i) => CenternessLoss(outputs[i], level, centernesses[i], samples))]),
        ];
    }

    private Tensor BoxLoss(HeadOutput output, LevelTargets level, int index, float[] weights) {
        if (level.Count == 0) return Nothing(output.Boxes);
        Device device = output.Boxes.Device;
        Tensor decoded = DecodeBoxes(Rows(output.Boxes, BoxCodes, level.Index(device)), level.AnchorTensor(device), index);
        return config.BoxLoss.Apply(decoded, level.BoxTensor(device), Tensor.From(weights, [level.Count], device), averageFactor: 1);
    }

    private Tensor CenternessLoss(HeadOutput output, LevelTargets level, float[] targets, int samples) {
        if (level.Count == 0) return Nothing(output.Quality!);
        Device device = output.Quality!.Device;
        Tensor logits = Op.Reshape(Rows(output.Quality, 1, level.Index(device)), level.Count);
        return config.CenternessLoss.Apply(logits, Tensor.From(targets, [level.Count], device), averageFactor: samples);
    }

    /// <inheritdoc/>
    protected override LevelPrediction Decode(HeadOutput output, int level) => Decode(output, level, Op.Sigmoid(output.Quality!));

    /// <inheritdoc/>
    private protected override bool CutsBoxes => config.BoxCoder.ClipBorder;

    /// <inheritdoc/>
    protected override Tensor DecodeBoxes(Tensor codes, Tensor anchors, int level) =>
        Edges?.Decode(codes, anchors, config.Strides[level]) ?? config.BoxCoder.Decode(anchors, codes);
}
