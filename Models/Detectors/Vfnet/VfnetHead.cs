using DenseEngine.Ops;

namespace DenseEngine.Models;

/// <summary>The head of VarifocalNet (H. Zhang et al., 2020): from a first box, features at nine places of its outline, by which the box is
/// refined and scored; scores mean the IoU of the refined box. As mmdetection 2.25's <c>VFNetHead</c>.</summary>
public sealed class VfnetHead : PointHead {
    private const float LeastOverlap = 1e-6f;

    private readonly VfnetConfig config;
    private readonly HeadTowers towers;
    private readonly ConvModule boxFeatures;
    private readonly Conv2d boxes, refined, classes;
    private readonly DeformConv2d boxStar, classStar;
    private readonly ModuleList<Scale> refinedScales;

    /// <summary>A head to be initialised or loaded.</summary>
    public VfnetHead(VfnetConfig config) : base(config) {
        this.config = config;
        int width = config.FeatChannels;
        towers = new HeadTowers(config, config.ConvBias, last: config.DcnOnLastConv ? new DcnConfig(Modulated: true) : null);
        boxFeatures = new ConvModule(width, width, 3, padding: 1, norm: config.HeadNorm, bias: config.ConvBias);
        boxes = new Conv2d(width, 4, 3, padding: 1);
        boxStar = new DeformConv2d(width, width, 3, padding: 1);
        refined = new Conv2d(width, 4, 3, padding: 1);
        refinedScales = new ModuleList<Scale>(config.Strides.Select(_ => new Scale()));
        classStar = new DeformConv2d(width, width, 3, padding: 1);
        classes = new Conv2d(width, config.Classes.Count, 3, padding: 1);
    }

    /// <inheritdoc/>
    protected override Conv2d ClassLayer => classes;

    /// <inheritdoc/>
    public override IEnumerable<(string Name, Module Module)> Children =>
        [.. towers.Children, ("vfnet_reg_conv", boxFeatures), ("vfnet_reg", boxes), ("scales", towers.Scales),
            ("vfnet_reg_refine_dconv", boxStar), ("vfnet_reg_refine", refined), ("scales_refine", refinedScales),
            ("vfnet_cls_dconv", classStar), ("vfnet_cls", classes)];

    /// <summary>Class logits [N,h,w,C], and first and refined distances to the box's edges [N,h,w,4], in pixels.</summary>
    protected override HeadOutput Forward(Tensor level, int index) {
        Tensor ofClasses = towers.Class.Forward(level), ofBoxes = towers.Box.Forward(level);
        Tensor first = Op.Exp(towers.Scales[index].Forward(boxes.Forward(boxFeatures.Forward(ofBoxes)))) * config.UnitOf(index);
        Tensor star = Star.Offsets(first, config.GradientMul, config.Strides[index]);
        Tensor factors = Op.Exp(refinedScales[index].Forward(refined.Forward(boxStar.Forward(ofBoxes, star, relu: true))));
        Tensor scores = classes.Forward(classStar.Forward(ofClasses, star, relu: true));
        return new HeadOutput(scores, first, Refined: factors * first.Detach());
    }

    /// <summary>loss_cls, loss_bbox and loss_bbox_rf, each over all levels. Boxes are weighted by their IoU, whose sum (at least 1) divides
    /// their losses.</summary>
    protected override IReadOnlyList<LossTerm> Losses(IReadOnlyList<HeadOutput> outputs, HeadAssignment[] assigned,
        IReadOnlyList<GroundTruth> truths) {
        (BatchTargets targets, BatchTargets ofBoxes) = Together(outputs, assigned, truths);
        Device device = outputs[0].Scores.Device;
        (Tensor first, _) = OfBoxes(config.BoxLoss, AllRows(outputs, output => output.Boxes), ofBoxes);
        (Tensor second, Tensor? overlaps) = OfBoxes(config.RefinedBoxLoss, AllRows(outputs, output => output.Refined!), ofBoxes);

        Tensor scores = AllRows(outputs, output => output.Scores), labels = targets.Rows.LabelTensor(device);
        float positives = config.SyncNumPos ? Math.Max(1, targets.Count) : targets.Count;
        Tensor ofClasses;
        if (config.ClassLoss is { } varifocal) {
            Tensor qualities = Tensor.Zeros([labels.Count], DType.Float32, device);
            if (overlaps is not null) qualities = Op.ScatterAdd(qualities, targets.Rows.Index(device), overlaps, 0);
            ofClasses = varifocal.Apply(scores, labels, qualities, targets.OfRows(null, device), positives);
        } else {
            ofClasses = config.FocalLoss.Apply(scores, labels,
                targets.OfRows(config.UseAtss ? targets.Rows.LabelWeights : null, device), positives);
        }
        return [new("loss_cls", ofClasses), new("loss_bbox", first), new("loss_bbox_rf", second)];
    }

    /// <inheritdoc/>
    protected override LevelPrediction Decode(HeadOutput output, int level) =>
        Decode(output with { Boxes = output.Refined! }, level, factors: null);

    /// <inheritdoc/>
    protected override Tensor DecodeBoxes(Tensor codes, Tensor anchors, int level) =>
        DistancePointBoxCoder.Decode(DistancePointBoxCoder.Centres(anchors), codes);

    /// <summary>The loss of some boxes' distances [R,4], and the positives' IoU [P], or null without any.</summary>
    private (Tensor Loss, Tensor? Overlaps) OfBoxes(BoxLoss loss, Tensor distances, BatchTargets targets) {
        if (targets.Count == 0) return (Nothing(distances), null);
        Device device = distances.Device;
        Tensor decoded = DecodeBoxes(Op.IndexSelect(distances, targets.Rows.Index(device), 0), targets.Rows.AnchorTensor(device), level: 0),
            target = targets.Rows.BoxTensor(device);
        Tensor overlaps = AtLeast(Op.AlignedIou(decoded.Detach(), target), LeastOverlap);
        Tensor weights = targets.OfPositives(null, device) is { } factors ? overlaps * factors : overlaps;
        return (loss.Apply(decoded, target, weights, averageFactor: 1) / AtLeast(Op.Sum(overlaps), 1), overlaps);
    }

    private static Tensor AtLeast(Tensor x, float least) => Op.Clamp(x, least, float.PositiveInfinity);
}
