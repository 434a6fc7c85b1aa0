namespace DenseEngine.Models;

/// <summary>The head of RetinaNet (Lin et al., 2017): nine anchors a cell, focal loss, boxes as differences from anchors. As mmdetection
/// 2.25's <c>RetinaHead</c>.</summary>
public sealed class RetinaHead : AnchorHead {
    private readonly RetinaConfig config;
    private readonly HeadTowers towers;
    private readonly Conv2d classes, boxes;

    /// <summary>A head to be initialised or loaded.</summary>
    public RetinaHead(RetinaConfig config) : base(config) {
        this.config = config;
        towers = new HeadTowers(config);
        classes = new Conv2d(config.FeatChannels, Anchors.PerCell * config.Classes.Count, 3, padding: 1);
        boxes = new Conv2d(config.FeatChannels, Anchors.PerCell * BoxCodes, 3, padding: 1);
    }

    /// <inheritdoc/>
    protected override Conv2d ClassLayer => classes;

    /// <inheritdoc/>
    public override IEnumerable<(string Name, Module Module)> Children =>
        [.. towers.Children, ("retina_cls", classes), ("retina_reg", boxes), .. EdgeChildren];

    /// <summary>Class logits [N,h,w,A·C] and differences [N,h,w,A·4] (or edge logits [N,h,w,A·4·bins]).</summary>
    protected override HeadOutput Forward(Tensor level, int index) =>
        new(classes.Forward(towers.Class.Forward(level)), boxes.Forward(towers.Box.Forward(level)));

    /// <summary>loss_cls and loss_bbox, each by level, both divided by the number of positives; a picture without any counts as
    /// one.</summary>
    protected override IReadOnlyList<LossTerm> Losses(IReadOnlyList<HeadOutput> outputs, HeadAssignment[] assigned,
        IReadOnlyList<GroundTruth> truths) {
        (LevelTargets[] ofClasses, int classSamples) = Targets(outputs, [.. assigned.Select(each => each.ForClasses)], truths);
        (LevelTargets[] ofBoxes, int boxSamples) = Targets(outputs, [.. assigned.Select(each => each.ForBoxes)], truths);
        return [
            Term("loss_cls", [.. outputs.Select((output, i) => ClassLoss(config.ClassLoss, output, ofClasses[i], classSamples))]),
            Term("loss_bbox", [.. outputs.Select((output, i) => BoxLoss(output, ofBoxes[i], i, boxSamples))]),
        ];
    }

    private Tensor BoxLoss(HeadOutput output, LevelTargets level, int index, int samples) {
        if (level.Count == 0) return Nothing(output.Boxes);
        Device device = output.Boxes.Device;
        Tensor codes = Rows(output.Boxes, BoxCodes, level.Index(device)), anchors = level.AnchorTensor(device),
            target = level.BoxTensor(device);
        bool decoded = config.DecodedBoxes || config.BoxLoss.OfBoxes;
        return config.BoxLoss.Apply(decoded ? DecodeBoxes(codes, anchors, index) : codes,
            decoded ? target : config.Coder.Encode(anchors, target), averageFactor: samples);
    }

    /// <inheritdoc/>
    protected override LevelPrediction Decode(HeadOutput output, int level) => Decode(output, level, factors: null);

    /// <inheritdoc/>
    private protected override bool CutsBoxes => config.Coder.ClipBorder;

    /// <inheritdoc/>
    protected override Tensor DecodeBoxes(Tensor codes, Tensor anchors, int level) =>
        Edges?.Decode(codes, anchors, config.Strides[level]) ?? config.Coder.Decode(anchors, codes);
}
