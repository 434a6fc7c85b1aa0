using DenseEngine.Ops;

namespace DenseEngine.Models;

/// <summary>The head of DDOD (Chen et al., 2021): that of ATSS whose branches learn with objects of their own, sample where they like, and
/// weigh the levels; scores are multiplied by the expected IoU. As mmdetection 2.25's <c>DDODHead</c>.</summary>
public sealed class DdodHead : AnchorHead {
    private readonly DdodConfig config;
    private readonly AtssLayers layers;

    /// <summary>A head to be initialised or loaded.</summary>
    public DdodHead(DdodConfig config) : base(config) =>
        (this.config, layers) = (config, new AtssLayers(config, Anchors.PerCell, BoxCodes, 3));

    /// <inheritdoc/>
    protected override Conv2d ClassLayer => layers.Classes;

    /// <inheritdoc/>
    public override IEnumerable<(string Name, Module Module)> Children => layers.Children("atss_iou");

    /// <inheritdoc/>
    protected override HeadOutput Forward(Tensor level, int index) => layers.Forward(level, index);

    /// <summary>loss_cls, loss_bbox and loss_iou, each by level, the first divided by the positives of the classes, the others by those of
    /// the boxes; a picture without any counts as one.</summary>
    protected override IReadOnlyList<LossTerm> Losses(IReadOnlyList<HeadOutput> outputs, HeadAssignment[] assigned,
        IReadOnlyList<GroundTruth> truths) {
        (LevelTargets[] ofClasses, int classSamples) = Targets(outputs, [.. assigned.Select(each => each.ForClasses)], truths);
        (LevelTargets[] ofBoxes, int boxSamples) = Targets(outputs, [.. assigned.Select(each => each.ForBoxes)], truths);
        (Tensor Box, Tensor Iou)[] pairs = [.. ofBoxes.Select((level, i) => BoxLosses(outputs[i], level, i, boxSamples))];
        return [
            Term("loss_cls", [.. ofClasses.Select((level, i) => ClassLoss(config.ClassLoss, outputs[i], level, classSamples))]),
            Term("loss_bbox", [.. pairs.Select(pair => pair.Box)]),
            Term("loss_iou", [.. pairs.Select(pair => pair.Iou)]),
        ];
    }

    /// <summary>A level's losses on boxes and on the IoU that they have. The objects are encoded and decoded again, rounding
    /// included.</summary>
    private (Tensor Box, Tensor Iou) BoxLosses(HeadOutput output, LevelTargets level, int index, int samples) {
        if (level.Count == 0) return (Nothing(output.Boxes), Nothing(output.Quality!));
        Tensor rows = level.Index(output.Boxes.Device), anchors = level.AnchorTensor(rows.Device);
        Tensor predicted = DecodeBoxes(Rows(output.Boxes, 4, rows), anchors, index),
            objects = DecodeBoxes(config.BoxCoder.Encode(anchors, level.BoxTensor(rows.Device)), anchors, index);
        Tensor ious = Op.AlignedIou(predicted.Detach(), objects), logits = Op.Reshape(Rows(output.Quality!, 1, rows), level.Count);
        return (config.BoxLoss.Apply(predicted, objects, averageFactor: samples),
            config.IouLoss.Apply(logits, ious, averageFactor: samples));
    }

    /// <inheritdoc/>
    protected override LevelPrediction Decode(HeadOutput output, int level) => Decode(output, level, Op.Sigmoid(output.Quality!));

    /// <inheritdoc/>
    private protected override bool CutsBoxes => config.BoxCoder.ClipBorder;

    /// <inheritdoc/>
    protected override Tensor DecodeBoxes(Tensor codes, Tensor anchors, int level) => config.BoxCoder.Decode(anchors, codes);
}
