using System.Buffers;
using DenseEngine.Ops;

namespace DenseEngine.Models;

/// <summary>The head of generalised focal loss (Li et al., 2020): class scores that mean the IoU of the box, and box edges as distributions
/// over whole distances, in units of the level's stride. As mmdetection 2.25's <c>GFLHead</c>.</summary>
public sealed class GflHead : AnchorHead {
    private readonly GflConfig config;
    private readonly HeadTowers towers;
    private readonly Conv2d classes, boxes;
    private readonly QualityPredictor? predictor;

    /// <summary>A head to be initialised or loaded.</summary>
    public GflHead(GflConfig config) : base(config) {
        this.config = config;
        towers = new HeadTowers(config);
        classes = new Conv2d(config.FeatChannels, config.ClassOutputs, 3, padding: 1);
        boxes = new Conv2d(config.FeatChannels, BoxCodes, 3, padding: 1);
        if (config.Quality is { } quality) predictor = new QualityPredictor(quality, config.RegMax);
    }

    /// <inheritdoc/>
    protected override Conv2d ClassLayer => classes;

    /// <inheritdoc/>
    public override IEnumerable<(string Name, Module Module)> Children {
        get {
            foreach ((string Name, Module Module) child in towers.Children) yield return child;
            yield return ("gfl_cls", classes);
            yield return ("gfl_reg", boxes);
            yield return ("scales", towers.Scales);
            if (predictor is not null) yield return ("reg_conf", predictor);
            yield return ("integral", Edges!);
        }
    }

    /// <summary>Class logits [N,h,w,C] (with the quality predictor: probabilities) and edge logits [N,h,w,4·(regMax + 1)], edge by
    /// edge.</summary>
    protected override HeadOutput Forward(Tensor level, int index) {
        Tensor scores = classes.Forward(towers.Class.Forward(level)),
            edges = towers.Scales[index].Forward(boxes.Forward(towers.Box.Forward(level)));
        return new HeadOutput(predictor is null ? scores : Op.Sigmoid(scores) * predictor.Forward(edges), edges);
    }

    /// <summary>loss_cls, loss_bbox and loss_dfl, each by level. The latter two weight a positive by its highest class probability, and are
    /// divided by the sum of these weights (see <see cref="GflConfig.WeightSum"/>).</summary>
    protected override IReadOnlyList<LossTerm> Losses(IReadOnlyList<HeadOutput> outputs, HeadAssignment[] assigned,
        IReadOnlyList<GroundTruth> truths) {
        (LevelTargets[] levels, int samples) = Targets(outputs, [.. assigned.Select(each => each.ForClasses)], truths);
        LevelLoss[] losses = [.. levels.Select((level, i) => OfLevel(outputs[i], level, config.Strides[i], samples))];
        Tensor weights = Divisor(losses.Select(loss => loss.Weights).Aggregate((a, b) => a + b), levels.Sum(level => level.Count));
        return [
            Term("loss_cls", [.. losses.Select(loss => loss.Class)]),
            Term("loss_bbox", [.. losses.Select(loss => loss.Box / weights)]),
            Term("loss_dfl", [.. losses.Select(loss => loss.Distribution / weights)]),
        ];
    }

    private Tensor Divisor(Tensor sum, int positives) => config.WeightSum switch {
        WeightSum.AtLeastOne => Op.Clamp(sum, 1, float.PositiveInfinity),
        WeightSum.PlusEpsilon => sum + 1e-6f,
        _ => positives > 0 ? sum : sum + 1f,   // Differs from the official code: there 0/0, which no training survives.
    };

    private LevelLoss OfLevel(HeadOutput output, LevelTargets level, int stride, int samples) {
        Device device = output.Scores.Device;
        int rows = level.Labels.Length, bins = EdgeBins, positives = level.Count;
        Tensor scores = Rows(output.Scores, config.ClassOutputs), quality = Tensor.Zeros([rows], DType.Float32, device);
        Tensor box, distribution, weights;
        if (positives == 0) {
            box = distribution = Nothing(output.Boxes);
            weights = Tensor.Zeros([], DType.Float32, device);
        } else {
            Tensor index = level.Index(device), edges = Op.Reshape(Rows(output.Boxes, 4 * bins, index), 4 * positives, bins);
            (Tensor centres, Tensor target, Tensor distances) = InStrides(level, stride, device);
            Tensor decoded = DistancePointBoxCoder.Decode(centres, Edges!.Forward(edges));
            Tensor weight = Op.Amax(Probabilities(Op.IndexSelect(scores.Detach(), index, 0)), [1]);
            quality = Op.ScatterAdd(quality, index, Op.AlignedIou(decoded.Detach(), target), 0);
            box = config.BoxLoss.Apply(decoded, target, weight, averageFactor: 1);
            Tensor ofEdges = Op.Reshape(Op.Reshape(weight, positives, 1) * Tensor.Full([1, 4], 1, device), 4 * positives);
            distribution = config.DistributionLoss.Apply(edges, distances, ofEdges, averageFactor: 4);
            weights = Op.Sum(weight);
        }
        return new(config.ClassLoss.Apply(scores, level.LabelTensor(device), quality, level.WeightTensor(device), samples), box,
            distribution, weights);
    }

    /// <summary>Anchor centres [P,2], object boxes [P,4] and edge distances [4·P], in strides.</summary>
    private (Tensor Centres, Tensor Boxes, Tensor Distances) InStrides(LevelTargets level, int stride, Device device) {
        int count = level.Count;
        float[] centres = new float[2 * count], distances = new float[4 * count];
        Box[] scaled = new Box[count];
        for (int i = 0; i < count; i++) {
            Box anchor = level.Anchors[i], box = level.Boxes[i];
            float x = centres[2 * i] = (anchor.X1 + anchor.X2) / 2 / stride, y = centres[2 * i + 1] = (anchor.Y1 + anchor.Y2) / 2 / stride;
            scaled[i] = new Box(box.X1 / stride, box.Y1 / stride, box.X2 / stride, box.Y2 / stride);
            (distances[4 * i], distances[4 * i + 1], distances[4 * i + 2], distances[4 * i + 3]) =
                DistancePointBoxCoder.Encode(x, y, scaled[i], config.RegMax);
        }
        return (Tensor.From(centres, [count, 2], device), LevelTargets.OfBoxes(scaled, device),
            Tensor.From(distances, [4 * count], device));
    }

    internal override bool GivesProbabilities => config.ClassLoss.Activated;

    /// <inheritdoc/>
    protected override LevelPrediction Decode(HeadOutput output, int level) {
        Tensor edges = Rows(output.Boxes, BoxCodes), centres = Centres(output, level);
        return new LevelPrediction(ByPicture(output.Scores, config.ClassOutputs),
            pairs => Op.DecodeDistributions(edges, Edges!.Values, pairs.Rows, centres, pairs.Anchors, config.Strides[level]),
            Logits: predictor is null) { AnchorsFirst = predictor is not null };
    }

    /// <inheritdoc/>
    protected override Tensor DecodeBoxes(Tensor codes, Tensor anchors, int level) => Edges!.Decode(codes, anchors, config.Strides[level]);

    private Tensor Centres(HeadOutput output, int level) {
        (int height, int width) = output.Size;
        int count = height * width * Anchors.PerCell;
        float[] centres = ArrayPool<float>.Shared.Rent(2 * count);
        Anchors.Centres(level, height, width, centres);
        Tensor tensor = Tensor.From(centres.AsSpan(0, 2 * count), [count, 2], output.Boxes.Device);
        ArrayPool<float>.Shared.Return(centres);
        return tensor;
    }

    private readonly record struct LevelLoss(Tensor Class, Tensor Box, Tensor Distribution, Tensor Weights);
}
