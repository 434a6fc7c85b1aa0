using DenseEngine.Ops;

namespace DenseEngine.Models;

/// <summary>The head of FCOS (Tian et al., 2019): from each point the distances to an object's four edges, and how near the point is to its
/// middle. As mmdetection 2.25's <c>FCOSHead</c>.</summary>
public sealed class FcosHead : PointHead {
    private readonly FcosConfig config;
    private readonly HeadTowers towers;
    private readonly Conv2d classes, boxes, centerness;

    /// <summary>A head to be initialised or loaded.</summary>
    public FcosHead(FcosConfig config) : base(config) {
        this.config = config;
        towers = new HeadTowers(config, config.ConvBias, last: config.DcnOnLastConv ? new DcnConfig(Modulated: true) : null);
        classes = new Conv2d(config.FeatChannels, config.Classes.Count, 3, padding: 1);
        boxes = new Conv2d(config.FeatChannels, BoxCodes, 3, padding: 1);
        centerness = new Conv2d(config.FeatChannels, 1, 3, padding: 1);
    }

    /// <inheritdoc/>
    protected override Conv2d ClassLayer => classes;

    /// <inheritdoc/>
    public override IEnumerable<(string Name, Module Module)> Children => [.. towers.Children, ("conv_cls", classes),
        ("conv_reg", boxes), ("conv_centerness", centerness), ("scales", towers.Scales), .. EdgeChildren];

    /// <summary>Class logits [N,h,w,C], distances [N,h,w,4] and centre-ness logits [N,h,w,1]. Distances are in pixels; in strides while a
    /// network that predicts strides is trained. Where they are distributions: their logits [N,h,w,4·bins].</summary>
    protected override HeadOutput Forward(Tensor level, int index) {
        Tensor ofClass = towers.Class.Forward(level), ofBox = towers.Box.Forward(level);
        Tensor distances = towers.Scales[index].Forward(boxes.Forward(ofBox));
        if (Edges is null)
            distances = !config.NormOnBbox ? Op.Exp(distances)
                : InPixels(Op.Clamp(distances, 0, float.PositiveInfinity), index, !IsTraining);
        return new(classes.Forward(ofClass), distances, centerness.Forward(config.CenternessOnReg ? ofBox : ofClass));
    }

    /// <summary>loss_cls, loss_bbox and loss_centerness, each of all levels together. Boxes are weighted by their points' centre-ness and
    /// divided by its sum, the others by the number of positives.</summary>
    protected override IReadOnlyList<LossTerm> Losses(IReadOnlyList<HeadOutput> outputs, HeadAssignment[] assigned,
        IReadOnlyList<GroundTruth> truths) {
        (BatchTargets ofClasses, BatchTargets ofBoxes) = Together(outputs, assigned, truths);
        Tensor scores = AllRows(outputs, output => output.Scores), codes = AllRows(outputs, output => output.Boxes),
            middles = AllRows(outputs, output => output.Quality!);
        Device device = scores.Device;
        var classLoss = new LossTerm(ClassTerm, config.ClassLoss.Apply(scores, ofClasses.Rows.LabelTensor(device),
            ofClasses.OfRows(config.Border is null ? null : ofClasses.Rows.LabelWeights, device), Math.Max(1, ofClasses.Count)));
        if (ofBoxes.Count == 0) return [classLoss, new("loss_bbox", Nothing(codes)), new("loss_centerness", Nothing(middles))];
        float[] distances = ofBoxes.Distances(), near = new float[ofBoxes.Count];
        double sum = 0;
        for (int i = 0; i < near.Length; i++) {
            Span<float> edges = distances.AsSpan(4 * i, 4);
            if (config.NormOnBbox)
                foreach (ref float edge in edges) edge /= config.Strides[ofBoxes.Levels[i]];
            sum += near[i] = Centerness.Of(edges[0], edges[1], edges[2], edges[3]);
        }
        Tensor index = ofBoxes.Rows.Index(device), points = DistancePointBoxCoder.Centres(ofBoxes.Rows.AnchorTensor(device));
        Tensor predicted = DistancePointBoxCoder.Decode(points, Distances(Op.IndexSelect(codes, index, 0), ofBoxes.Levels)),
            wanted = DistancePointBoxCoder.Decode(points, Tensor.From(distances, [near.Length, 4], device));
        return [
            classLoss,
            new("loss_bbox", config.BoxLoss.Apply(predicted, wanted, ofBoxes.OfPositives(near, device), Math.Max((float)sum, 1e-6f))),
            new("loss_centerness", config.CenternessLoss.Apply(Op.Reshape(Op.IndexSelect(middles, index, 0), near.Length),
                Tensor.From(near, [near.Length], device), ofBoxes.OfPositives(null, device), ofBoxes.Count)),
        ];
    }

    /// <summary>The positives' distances [P,4] of their codes: in strides while a network that predicts strides is trained.</summary>
    private Tensor Distances(Tensor codes, int[] levels) {
        if (Edges is null) return codes;
        Tensor inStrides = Edges.Forward(Op.Reshape(codes, 4 * levels.Length, EdgeBins));
        return config.NormOnBbox ? inStrides
            : inStrides * Tensor.From([.. levels.Select(level => (float)config.Strides[level])], [levels.Length, 1], codes.Device);
    }

    /// <inheritdoc/>
    protected override LevelPrediction Decode(HeadOutput output, int level) =>
        Decode(output, level, Op.Sigmoid(output.Quality!));

    /// <inheritdoc/>
    protected override Tensor DecodeBoxes(Tensor codes, Tensor anchors, int level) => Edges?.Decode(codes, anchors, config.Strides[level])
        ?? DistancePointBoxCoder.Decode(DistancePointBoxCoder.Centres(anchors), InPixels(codes, level, config.NormOnBbox && IsTraining));

    private Tensor InPixels(Tensor distances, int level, bool areStrides) => areStrides ? distances * config.Strides[level] : distances;
}
