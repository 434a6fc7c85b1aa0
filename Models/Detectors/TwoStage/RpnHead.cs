using DenseEngine.Ops;

namespace DenseEngine.Models;

/// <summary>A region proposal network: at every cell of every level, for each anchor whether it holds an object, and the object's box. As
/// mmdetection 2.25's <c>RPNHead</c>.</summary>
public sealed class RpnHead : Module {
    private readonly RpnConfig config;
    private readonly AnchorGenerator anchors;
    private readonly AnchorTargets targets;
    private readonly Conv2d convolution, scores, boxes;
    private readonly BoxRegression regression;

    /// <summary>A network to be initialised or loaded.</summary>
    /// <param name="config">What it is.</param>
    /// <param name="channels">Channels of the levels.</param>
    /// <param name="classes">How many classes the objects have; it does not tell them apart.</param>
    public RpnHead(RpnConfig config, int channels, int classes) {
        this.config = config;
        anchors = config.Anchors();
        targets = new AnchorTargets(anchors, classes, config.AllowedBorder);
        regression = new BoxRegression(config.Coder, config.BoxLoss, config.DecodedBoxes);
        convolution = new Conv2d(channels, config.FeatChannels, 3, padding: 1);
        scores = new Conv2d(config.FeatChannels, anchors.PerCell, 1);
        boxes = new Conv2d(config.FeatChannels, 4 * anchors.PerCell, 1);
    }

    /// <summary>What the sampler keeps.</summary>
    internal SamplerMemory Memory { get; } = new();

    /// <inheritdoc/>
    public override IEnumerable<(string Name, Module Module)> Children =>
        [("rpn_conv", convolution), ("rpn_cls", scores), ("rpn_reg", boxes)];

    /// <summary>Logits [N,h,w,A] and differences [N,h,w,A·4] of each level [N,h,w,C].</summary>
    public IReadOnlyList<HeadOutput> Forward(IReadOnlyList<Tensor> levels) => [.. levels.Select(level => {
        using var scope = new TensorScope();
        Tensor x = Op.Relu(convolution.Forward(level));
        return new HeadOutput(scores.Forward(x), boxes.Forward(x)).KeptFrom(scope);
    })];

    /// <summary>The anchors of one picture that count, and which object each of them is to find.</summary>
    internal (AnchorsInside Inside, Assignment Found) Assign(IReadOnlyList<HeadOutput> outputs, ImageInfo image, GroundTruth truth) =>
        targets.AssignInside(config.Assigner, [.. outputs.Select(output => output.Size)], image, truth);

    /// <summary>The anchors of one picture that count, and those of them that take part in the losses.</summary>
    internal (AnchorsInside Inside, Sampling Drawn) Sample(IReadOnlyList<HeadOutput> outputs, ImageInfo image, GroundTruth truth,
        RandomChoice choice) {
        (AnchorsInside inside, Assignment found) = Assign(outputs, image, truth);
        return (inside, config.Sampler.Sample(inside.Boxes, found, truth, choice, Memory));
    }

    /// <summary>loss_rpn_cls and loss_rpn_bbox, each by level, both divided by the number of anchors that take part; a picture without
    /// positives, or without negatives, counts one there.</summary>
    internal IReadOnlyList<LossTerm> Losses(IReadOnlyList<HeadOutput> outputs, (AnchorsInside Inside, Sampling Drawn)[] samples,
        IReadOnlyList<GroundTruth> truths) {
        float divisor = samples.Sum(each => Math.Max(1, each.Drawn.Positives.Length) + Math.Max(1, each.Drawn.Negatives.Length));
        SampledAnchors[] levels = SampledAnchors.ByLevel(samples, truths,
            [.. outputs.Select(output => output.Scores.Count / output.Scores.Shape[0])]);
        return [
            LossTerm.OfLevels("loss_rpn_cls", outputs.Select((output, i) => ClassLoss(output.Scores, levels[i], divisor))),
            LossTerm.OfLevels("loss_rpn_bbox", outputs.Select((output, i) => BoxLoss(output.Boxes, levels[i], divisor))),
        ];
    }

    private Tensor ClassLoss(Tensor scores, SampledAnchors level, float divisor) {
        if (level.Rows.Length == 0) return DenseHead.Nothing(scores);
        int[] labels = new int[level.Rows.Length];   // 0 for an object, 1 for none
        labels.AsSpan(level.Positives).Fill(1);
        Device device = scores.Device;
        Tensor? weights = config.PositiveWeight == 1 ? null
            : Tensor.From([.. labels.Select(label => label == 0 ? config.PositiveWeight : 1)], [labels.Length], device);
        return config.ClassLoss.Apply(DenseHead.Rows(scores, 1, Index(level.Rows, device)), Index(labels, device), weights, divisor);
    }

    private Tensor BoxLoss(Tensor boxes, SampledAnchors level, float divisor) {
        if (level.Positives == 0) return DenseHead.Nothing(boxes);
        Device device = boxes.Device;
        return regression.Apply(DenseHead.Rows(boxes, 4, Index(level.Rows[..level.Positives], device)),
            LevelTargets.OfBoxes(level.Anchors, device), LevelTargets.OfBoxes(level.Boxes, device), divisor);
    }

    /// <summary>The proposals of each picture, best first, as rows [N·M,7] of <see cref="Op.SelectDetections"/> with the level as label; a
    /// row that holds none has level -1. No gradient, and nothing waits for the device.</summary>
    /// <param name="outputs">What <see cref="Forward"/> gave.</param>
    /// <param name="images">The pictures' places in the batch.</param>
    /// <param name="training">Whether they are selected for the losses, else for detection.</param>
    public Tensor Propose(IReadOnlyList<HeadOutput> outputs, IReadOnlyList<ImageInfo> images, bool training) {
        using var scope = new TensorScope();
        using var noGrad = new NoGrad();
        LevelPrediction[] levels = [.. outputs.Select(Decode)];
        return scope.Keep(NmsPostprocess.Rows(levels, images, training ? config.TrainProposals : config.TestProposals, rescale: false,
            byLevel: true));
    }

    private LevelPrediction Decode(HeadOutput output, int level) {
        Tensor all = anchors.AnchorTensor(level, output.Size, output.Scores.Device);
        return new LevelPrediction(DenseHead.ByPicture(output.Scores.Detach(), 1), pairs => config.Coder.Decode(
            Op.IndexSelect(all, pairs.Anchors, 0), DenseHead.Rows(output.Boxes.Detach(), 4, pairs.Rows)), Logits: true) {
            Uncut = !config.Coder.ClipBorder,
        };
    }

    /// <summary>Normal weights of deviation 0.01; biases 0.</summary>
    public override void Initialize(Philox random) {
        foreach (Conv2d layer in Modules<Conv2d>()) Initializers.Normal(layer, random, 0.01f);
    }

    private static Tensor Index(int[] numbers, Device device) => Tensor.From(numbers, [numbers.Length], device);
}
