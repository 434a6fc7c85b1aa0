using DenseEngine.Ops;

namespace DenseEngine.Models;

/// <summary>Looks into regions: pools them, says their classes and their objects' boxes. As mmdetection 2.25's
/// <c>StandardRoIHead</c>.</summary>
public sealed class RoiHead : Module {
    private readonly RoiConfig config;
    private readonly RoiExtractor extractor;
    private readonly BoxHead head;
    private readonly BoxRegression regression;
    private readonly int classes;

    /// <summary>A head to be initialised or loaded.</summary>
    /// <param name="config">What it is.</param>
    /// <param name="channels">Channels of the levels.</param>
    /// <param name="classes">How many classes the objects have.</param>
    public RoiHead(RoiConfig config, int channels, int classes) {
        (this.config, this.classes) = (config, classes);
        extractor = new RoiExtractor(config);
        head = new BoxHead(config, channels, classes);
        regression = new BoxRegression(config.Coder, config.BoxLoss, config.DecodedBoxes);
    }

    /// <summary>What pools regions.</summary>
    internal RoiExtractor Extractor => extractor;

    /// <summary>What the sampler keeps.</summary>
    internal SamplerMemory Memory { get; } = new();

    /// <inheritdoc/>
    public override IEnumerable<(string Name, Module Module)> Children => [("bbox_head", head)];

    /// <summary>Class logits [R,C+1] and differences [R,4·C] or [R,4] of each picture's regions, picture after picture.</summary>
    /// <param name="maps">The neck's levels.</param>
    /// <param name="boxes">Each picture's regions.</param>
    /// <param name="firstPicture">The number of the first of these pictures in the batch.</param>
    public (Tensor Scores, Tensor Codes) Forward(IReadOnlyList<Tensor> maps, IReadOnlyList<Box[]> boxes, int firstPicture = 0) {
        using var scope = new TensorScope();
        (Tensor scores, Tensor codes) = head.Forward(extractor.Extract(maps, boxes, firstPicture));
        return (scope.Keep(scores), scope.Keep(codes));
    }

    /// <summary>Which object each proposal of one picture is to find.</summary>
    internal Assignment Assign(Proposals proposals, GroundTruth truth) =>
        config.Assigner.Assign(proposals.Boxes, [proposals.Boxes.Length], truth);

    /// <summary>The regions of one picture that take part in the losses.</summary>
    /// <param name="maps">The neck's levels.</param>
    /// <param name="picture">The picture's number in the batch.</param>
    /// <param name="proposals">Its proposals.</param>
    /// <param name="truth">Its objects.</param>
    /// <param name="choice">Draws.</param>
    internal Sampling Sample(IReadOnlyList<Tensor> maps, int picture, Proposals proposals, GroundTruth truth, RandomChoice choice) {
        truth.Validate(classes);
        return config.Sampler.Sample(proposals.Boxes, Assign(proposals, truth), truth, choice, Memory,
            config.Sampler.NeedsLosses ? (_, boxes, truths) => ClassLosses(maps, picture, boxes, truths, truth) : null);
    }

    /// <summary>loss_cls, divided by the number of regions that weigh anything; acc, the share of right classes in percent, which is only
    /// told; and loss_bbox of the positive regions, divided by the number of all.</summary>
    internal IReadOnlyList<LossTerm> Losses(IReadOnlyList<Tensor> maps, Sampling[] samples, IReadOnlyList<GroundTruth> truths) {
        (Tensor scores, Tensor codes) = Forward(maps, [.. samples.Select(drawn => drawn.Boxes)]);
        int regions = scores.Shape[0];
        if (regions == 0) return [new("loss_cls", DenseHead.Nothing(scores)), new("loss_bbox", DenseHead.Nothing(codes))];
        RegionTargets targets = Targets(samples, truths);
        int[] labels = targets.Labels;
        Tensor of = Tensor.From(labels, [regions], scores.Device);
        Tensor? weights = config.PositiveWeight == 1 ? null
            : Tensor.From([.. labels.Select(label => label < classes ? config.PositiveWeight : 1)], [regions], scores.Device);
        return [
            new("loss_cls", config.ClassLoss.Apply(scores, of, weights, regions)),
            new("acc", Accuracy(scores, of)),
            new("loss_bbox", BoxLoss(codes, targets)),
        ];
    }

    /// <summary>What the regions are to learn.</summary>
    internal RegionTargets Targets(Sampling[] samples, IReadOnlyList<GroundTruth> truths) => new(
        [.. samples.SelectMany((drawn, i) =>
            drawn.Truths.Select(k => truths[i].Labels[k]).Concat(Enumerable.Repeat(classes, drawn.Negatives.Length)))],
        [.. samples.SelectMany(drawn => drawn.Boxes[..drawn.Positives.Length])],
        [.. samples.SelectMany((drawn, i) => drawn.Truths.Select(k => truths[i].Boxes[k]))]);

    private Tensor BoxLoss(Tensor codes, RegionTargets targets) {
        if (targets.Boxes.Length == 0) return DenseHead.Nothing(codes);
        int each = config.ClassAgnostic ? 1 : classes;
        int[] rows = [.. targets.Labels.Index().Where(row => row.Item < classes)
            .Select(row => row.Index * each + (config.ClassAgnostic ? 0 : row.Item))];
        Device device = codes.Device;
        return regression.Apply(DenseHead.Rows(codes, 4, Tensor.From(rows, [rows.Length], device)),
            LevelTargets.OfBoxes(targets.Priors, device), LevelTargets.OfBoxes(targets.Boxes, device), targets.Labels.Length);
    }

    /// <summary>In percent: a region is right if no class has a higher score than its own.</summary>
    private static Tensor Accuracy(Tensor scores, Tensor labels) {
        using var noGrad = new NoGrad();
        Tensor missing = Op.Amax(scores, [1], keepDims: true) - Op.Gather(scores, Op.Reshape(labels, labels.Count, 1), 1);
        return 100f - Op.Mean(Indicator.Positive(missing)) * 100f;
    }

    /// <summary>What each region costs as the network is, for a sampler that asks; no gradient.</summary>
    private float[] ClassLosses(IReadOnlyList<Tensor> maps, int picture, Box[] boxes, int[] found, GroundTruth truth) {
        using var scope = new TensorScope();
        using var noGrad = new NoGrad();
        Tensor scores = Forward(maps, [boxes], picture).Scores;
        int[] labels = [.. found.Select(k => k > 0 ? truth.Labels[k - 1] : classes)];
        return config.ClassLoss.Apply(scores, Tensor.From(labels, [labels.Length], scores.Device), reduction: Reduction.None).ToArray();
    }

    /// <summary>The objects in each picture, best first, as rows of <see cref="Op.SelectDetections"/>, picture after picture, as many of
    /// each. Nothing waits for the device.</summary>
    /// <param name="maps">The neck's levels.</param>
    /// <param name="proposals">Each picture's, as <see cref="RpnHead.Propose"/> gives them.</param>
    /// <param name="images">The pictures' places in the batch.</param>
    /// <param name="test">How regions become detections.</param>
    /// <param name="rescale">Whether boxes are in pixels of the original pictures, else in the batch's.</param>
    internal Tensor Detect(IReadOnlyList<Tensor> maps, Tensor proposals, IReadOnlyList<ImageInfo> images, TestConfig test, bool rescale) {
        using var scope = new TensorScope();
        using var noGrad = new NoGrad();
        proposals = Filled(proposals, images.Count);
        int each = proposals.Shape[0] / images.Count;
        Tensor regions = Op.Regions(proposals, images.Count), boxes = Op.Slice(proposals, 1, 0, 4);
        (Tensor pooled, Tensor levels) = extractor.Extract(maps, regions);
        (Tensor scores, Tensor codes) = head.Forward(pooled);
        Tensor probabilities = Op.Softmax(scores);
        return scope.Keep(Op.Concat([.. images.Select((image, i) => {
            Tensor Of(Tensor all) => Op.Slice(all, 0, i * each, (i + 1) * each);
            return MulticlassNms.Rows(Decode(Of(codes), Of(boxes), image, rescale), Of(probabilities), test, Of(levels));
        })], 0));
    }

    /// <summary>Without the rows that no picture's proposals fill, where that can be seen without waiting for a device.</summary>
    private static Tensor Filled(Tensor proposals, int pictures) {
        if (proposals.Device is not HostDevice) return proposals;
        int each = proposals.Shape[0] / pictures, most = 1;
        for (int row = 0; row < proposals.Shape[0]; row++)
            if (proposals.Span[row * Op.DetectionFields + 5] >= 0) most = Math.Max(most, row % each + 1);
        Tensor kept = Op.Slice(Op.Reshape(proposals, pictures, each, Op.DetectionFields), 1, 0, most);
        return Op.Reshape(kept, pictures * most, Op.DetectionFields);
    }

    private Tensor Decode(Tensor codes, Tensor regions, ImageInfo image, bool rescale) {
        Tensor boxes = config.Coder.Decode(regions, codes, (image.Height, image.Width));
        if (!rescale) return boxes;
        (float x, float y) = (image.ScaleX, image.ScaleY);
        return Op.Reshape(Op.Div(Op.Reshape(boxes, boxes.Count / 4, 4), Tensor.From([x, y, x, y], [1, 4], boxes.Device)),
            boxes.Shape.ToArray());
    }
}
