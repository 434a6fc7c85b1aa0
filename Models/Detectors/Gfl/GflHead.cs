using System.Buffers;
using System.Runtime.InteropServices;
using DenseEngine.Ops;

namespace DenseEngine.Models;

/// <summary>The head of generalised focal loss (Li et al., 2020): class scores that mean the IoU of the box, and box edges as distributions
/// over whole distances, in units of the level's stride. As mmdetection 2.25's <c>GFLHead</c>.</summary>
public sealed class GflHead : DenseHead {
    private readonly GflConfig config;
    private readonly Sequential classTower, boxTower;
    private readonly Conv2d classes, boxes;
    private readonly ModuleList<Scale> scales;
    private readonly Integral integral;
    private readonly AnchorGenerator anchors;
    private readonly AnchorTargets targets;

    /// <summary>A head to be initialised or loaded.</summary>
    public GflHead(GflConfig config) {
        this.config = config;
        int width = config.FeatChannels;
        classTower = ConvTower.Create(config.Neck.OutChannels, width, config.StackedConvs, config.HeadNorm);
        boxTower = ConvTower.Create(config.Neck.OutChannels, width, config.StackedConvs, config.HeadNorm);
        classes = new Conv2d(width, config.Classes.Count, 3, padding: 1);
        boxes = new Conv2d(width, 4 * (config.RegMax + 1), 3, padding: 1);
        scales = new ModuleList<Scale>(config.Strides.Select(_ => new Scale()));
        integral = new Integral(config.RegMax);
        anchors = new AnchorGenerator([.. config.Strides.Select(stride => (Pair)stride)], [1], [config.OctaveBaseScale]);
        targets = new AnchorTargets(anchors, config.Assigner, config.Classes.Count, config.AllowedBorder);
    }

    /// <inheritdoc/>
    public override IEnumerable<(string Name, Module Module)> Children =>
        [("cls_convs", classTower), ("reg_convs", boxTower), ("gfl_cls", classes), ("gfl_reg", boxes), ("scales", scales),
            ("integral", integral)];

    /// <summary>Each level to class logits [N,h,w,C] and edge logits [N,h,w,4·(regMax + 1)], edge by edge.</summary>
    public override IReadOnlyList<HeadOutput> Forward(IReadOnlyList<Tensor> levels) => [.. levels.Select((level, i) => {
        using var scope = new TensorScope();
        Tensor scores = classes.Forward(classTower.Forward(level)), edges = scales[i].Forward(boxes.Forward(boxTower.Forward(level)));
        return new HeadOutput(scope.Keep(scores), scope.Keep(edges));
    })];

    /// <summary>What each level's anchors are to learn, and the number of positives by which the class loss is divided.</summary>
    public (LevelTargets[] Levels, int Samples) Targets(IReadOnlyList<HeadOutput> outputs, IReadOnlyList<ImageInfo> images,
        IReadOnlyList<GroundTruth> truths) =>
        targets.Create(Sizes(outputs), images, truths);

    /// <summary>The object of each anchor of one picture; see <see cref="AnchorTargets.Assign"/>.</summary>
    public int[] Assign(IReadOnlyList<HeadOutput> outputs, ImageInfo image, GroundTruth truth) =>
        targets.Assign(Sizes(outputs), image, truth);

    private static Pair[] Sizes(IReadOnlyList<HeadOutput> outputs) =>
        [.. outputs.Select(output => new Pair(output.Scores.Shape[1], output.Scores.Shape[2]))];

    /// <summary>loss_cls, loss_bbox and loss_dfl, each by level. The latter two weight a positive by its highest class probability, and are
    /// divided by the sum of these weights (at least 1).</summary>
    public override IReadOnlyList<LossTerm> Losses(IReadOnlyList<HeadOutput> outputs, IReadOnlyList<ImageInfo> images,
        IReadOnlyList<GroundTruth> truths) {
        using var scope = new TensorScope();
        (LevelTargets[] levels, int samples) = Targets(outputs, images, truths);
        LevelLoss[] losses = [.. levels.Select((level, i) => OfLevel(outputs[i], level, config.Strides[i], samples))];
        Tensor weights = Op.Clamp(losses.Select(loss => loss.Weights).Aggregate((a, b) => a + b), 1, float.PositiveInfinity);
        LossTerm[] terms = [
            LossTerm.OfLevels("loss_cls", [.. losses.Select(loss => loss.Class)]),
            LossTerm.OfLevels("loss_bbox", [.. losses.Select(loss => loss.Box / weights)]),
            LossTerm.OfLevels("loss_dfl", [.. losses.Select(loss => loss.Distribution / weights)]),
        ];
        foreach (LossTerm term in terms) scope.Keep(term.Value);
        return terms;
    }

    private LevelLoss OfLevel(HeadOutput output, LevelTargets level, int stride, int samples) {
        Device device = output.Scores.Device;
        int rows = level.Labels.Length, bins = config.RegMax + 1, positives = level.Positives.Length;
        Tensor scores = Op.Reshape(output.Scores, rows, config.Classes.Count), quality = Tensor.Zeros([rows], DType.Float32, device);
        Tensor box, distribution, weights;
        if (positives == 0) {
            box = distribution = Op.Sum(output.Boxes) * 0f;
            weights = Tensor.Zeros([], DType.Float32, device);
        } else {
            Tensor index = Tensor.From(level.Positives, [positives], device);
            Tensor edges = Op.Reshape(Op.IndexSelect(Op.Reshape(output.Boxes, rows, 4 * bins), index, 0), 4 * positives, bins);
            (Tensor centres, Tensor target, Tensor distances) = InStrides(level, stride, device);
            Tensor decoded = DistancePointBoxCoder.Decode(centres, integral.Forward(edges));
            Tensor weight = Op.Amax(Op.Sigmoid(Op.IndexSelect(scores.Detach(), index, 0)), [1]);
            quality = Op.ScatterAdd(quality, index, Op.AlignedIou(decoded.Detach(), target), 0);
            box = config.BoxLoss.Apply(decoded, target, weight, averageFactor: 1);
            Tensor ofEdges = Op.Reshape(Op.Reshape(weight, positives, 1) * Tensor.Full([1, 4], 1, device), 4 * positives);
            distribution = config.DistributionLoss.Apply(edges, distances, ofEdges, averageFactor: 4);
            weights = Op.Sum(weight);
        }
        Tensor labels = Tensor.From(level.Labels, [rows], device), labelWeights = Tensor.From(level.LabelWeights, [rows], device);
        return new(config.ClassLoss.Apply(scores, labels, quality, labelWeights, samples), box, distribution, weights);
    }

    /// <summary>Anchor centres [P,2], object boxes [P,4] and edge distances [4·P], in strides.</summary>
    private (Tensor Centres, Tensor Boxes, Tensor Distances) InStrides(LevelTargets level, int stride, Device device) {
        int count = level.Positives.Length;
        float[] centres = new float[2 * count], distances = new float[4 * count];
        Box[] scaled = new Box[count];
        for (int i = 0; i < count; i++) {
            Box anchor = level.Anchors[i], box = level.Boxes[i];
            float x = centres[2 * i] = (anchor.X1 + anchor.X2) / 2 / stride, y = centres[2 * i + 1] = (anchor.Y1 + anchor.Y2) / 2 / stride;
            scaled[i] = new Box(box.X1 / stride, box.Y1 / stride, box.X2 / stride, box.Y2 / stride);
            (distances[4 * i], distances[4 * i + 1], distances[4 * i + 2], distances[4 * i + 3]) =
                DistancePointBoxCoder.Encode(x, y, scaled[i], config.RegMax);
        }
        return (Tensor.From(centres, [count, 2], device), Tensor.From(MemoryMarshal.Cast<Box, float>(scaled), [count, 4], device),
            Tensor.From(distances, [4 * count], device));
    }

    /// <inheritdoc/>
    public override IReadOnlyList<LevelPrediction> Decode(IReadOnlyList<HeadOutput> outputs) => [.. outputs.Select((output, i) => {
        (int pictures, int height, int width) = (output.Scores.Shape[0], output.Scores.Shape[1], output.Scores.Shape[2]);
        Tensor logits = Op.Reshape(output.Scores, pictures, height * width, config.Classes.Count);
        Tensor centres = Centres(i, height, width, output.Boxes.Device);
        return new LevelPrediction(logits, pairs => DecodePairs(output.Boxes, pairs, centres, config.Strides[i]), Logits: true);
    })];

    private Tensor DecodePairs(Tensor edges, ScoredPairs pairs, Tensor centres, int stride) {
        int width = 4 * (config.RegMax + 1);
        return Op.DecodeDistributions(Op.Reshape(edges, edges.Count / width, width), integral.Values, pairs.Rows, centres, pairs.Anchors,
            stride);
    }

    private Tensor Centres(int level, int height, int width, Device device) {
        int count = height * width * anchors.PerCell;
        float[] centres = ArrayPool<float>.Shared.Rent(2 * count);
        anchors.Centres(level, height, width, centres);
        Tensor tensor = Tensor.From(centres.AsSpan(0, 2 * count), [count, 2], device);
        ArrayPool<float>.Shared.Return(centres);
        return tensor;
    }

    /// <summary>Normal weights of deviation 0.01; class biases so that all probabilities are 0.01.</summary>
    public override void Initialize(Philox random) {
        base.Initialize(random);
        foreach (Conv2d convolution in Modules<Conv2d>())
            Initializers.Normal(convolution, random, 0.01f, convolution == classes ? Initializers.BiasFor(0.01f) : 0);
    }

    private readonly record struct LevelLoss(Tensor Class, Tensor Box, Tensor Distribution, Tensor Weights);
}
