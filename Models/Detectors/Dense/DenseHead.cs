using DenseEngine.Ops;

namespace DenseEngine.Models;

/// <summary>A head that predicts at every cell of every level. Its file reads in this order: forward, targets, loss, decode.</summary>
public abstract class DenseHead(DenseConfig config) : Module {
    /// <summary>The name of the loss of the class branch; all others are the box branch's.</summary>
    private protected const string ClassTerm = "loss_cls";

    private readonly LevelCounts? counts = config.LevelBalance is { } balance ? new(balance.Separate) : null;

    /// <summary>The positives counted so far where the configuration balances levels: the class branch's by level, then, if counted apart,
    /// the box branch's; empty before the first step. A training that goes on must go on with them.</summary>
    public IReadOnlyList<long> LevelCounts {
        get => counts?.All ?? [];
        set => (counts ?? throw new GraphException("LevelCounts: this configuration balances no levels.")).All = [.. value];
    }

    /// <summary>Whether assignment reads predictions, for which a device must be waited for.</summary>
    internal virtual bool AssignsByPredictions => false;

    /// <summary>The predictions of each level, from the neck's maps.</summary>
    public IReadOnlyList<HeadOutput> Forward(IReadOnlyList<Tensor> levels) => [.. levels.Select((level, i) => {
        using var scope = new TensorScope();
        return Forward(level, i).KeptFrom(scope);
    })];

    /// <summary>Which object each prior of one picture is to find, for each of the head's tasks.</summary>
    /// <param name="outputs">What <see cref="Forward(IReadOnlyList{Tensor})"/> gave for the batch.</param>
    /// <param name="picture">The picture's number in the batch.</param>
    /// <param name="image">Its place in the batch.</param>
    /// <param name="truth">Its objects.</param>
    public abstract HeadAssignment Assign(IReadOnlyList<HeadOutput> outputs, int picture, ImageInfo image, GroundTruth truth);

    /// <summary>The terms of the loss.</summary>
    /// <param name="outputs">What <see cref="Forward(IReadOnlyList{Tensor})"/> gave.</param>
    /// <param name="images">The pictures' places in the batch.</param>
    /// <param name="truths">The pictures' objects.</param>
    public IReadOnlyList<LossTerm> Losses(IReadOnlyList<HeadOutput> outputs, IReadOnlyList<ImageInfo> images,
        IReadOnlyList<GroundTruth> truths) {
        Check.That(images.Count == truths.Count, $"Losses: {images.Count} pictures but {truths.Count} lists of objects were given.");
        using var scope = new TensorScope();
        IReadOnlyList<LossTerm> terms = LossesOf(outputs, AssignAll(outputs, images, truths), truths);
        foreach (LossTerm term in terms) scope.Keep(term.Value);
        return terms;
    }

    /// <summary>Which object each prior of each picture is to find.</summary>
    internal virtual HeadAssignment[] AssignAll(IReadOnlyList<HeadOutput> outputs, IReadOnlyList<ImageInfo> images,
        IReadOnlyList<GroundTruth> truths) => [.. images.Select((image, i) => Assign(outputs, i, image, truths[i]))];

    /// <summary>The terms of the loss, for objects that were assigned already.</summary>
    internal IReadOnlyList<LossTerm> LossesOf(IReadOnlyList<HeadOutput> outputs, HeadAssignment[] assigned,
        IReadOnlyList<GroundTruth> truths) {
        int cells = outputs.Sum(output => output.Size.Vertical * output.Size.Horizontal);
        counts?.Add(assigned, [.. outputs.Select(output =>
            output.Size.Vertical * output.Size.Horizontal * (assigned[0].ForClasses.Length / cells))]);
        return Losses(outputs, assigned, truths);
    }

    /// <summary>Probabilities of each level, and how to get the boxes.</summary>
    public IReadOnlyList<LevelPrediction> Decode(IReadOnlyList<HeadOutput> outputs) =>
        [.. outputs.Select(Decode)];

    /// <summary>What gives class logits.</summary>
    protected abstract Conv2d ClassLayer { get; }

    /// <summary>One level's predictions, from its map [N,h,w,C].</summary>
    protected abstract HeadOutput Forward(Tensor level, int index);

    /// <summary>The terms of the loss, for objects that were assigned.</summary>
    protected abstract IReadOnlyList<LossTerm> Losses(IReadOnlyList<HeadOutput> outputs, HeadAssignment[] assigned,
        IReadOnlyList<GroundTruth> truths);

    /// <summary>One level's probabilities, and how to get the boxes.</summary>
    protected abstract LevelPrediction Decode(HeadOutput output, int level);

    /// <summary>A term from the levels' scalars, each times its level's factor.</summary>
    protected internal LossTerm Term(string name, IReadOnlyList<Tensor> levels) {
        float[]? factors = FactorsOf(name, levels.Count);
        return LossTerm.OfLevels(name, levels.Select((level, i) => factors is null ? level : level * factors[i]));
    }

    /// <summary>The levels' factors of a term, fixed ones and those by counts; null if all are 1.</summary>
    private protected float[]? FactorsOf(string term, int levels) {
        if (counts is null && config.LevelWeights is null) return null;
        float[]? counted = term == ClassTerm ? counts?.Factors.Classes : counts?.Factors.Boxes;
        return [.. Enumerable.Range(0, levels).Select(i => (counted?[i] ?? 1) * (config.LevelWeights?.At(i, levels) ?? 1))];
    }

    /// <summary>A map [N,h,w,A·K] as rows [N·h·w·A,K].</summary>
    protected internal static Tensor Rows(Tensor map, int width) => Op.Reshape(map, map.Count / width, width);

    /// <summary>Chosen rows [P,K] of a map [N,h,w,A·K].</summary>
    protected internal static Tensor Rows(Tensor map, int width, Tensor index) => Op.IndexSelect(Rows(map, width), index, 0);

    /// <summary>A scalar 0 whose gradient for the map is 0: levels without positives keep their parameters in the graph.</summary>
    protected internal static Tensor Nothing(Tensor map) => Op.Sum(map) * 0f;

    /// <summary>A map [N,h,w,A·K] as rows of each picture [N,h·w·A,K].</summary>
    protected internal static Tensor ByPicture(Tensor map, int width) =>
        Op.Reshape(map, map.Shape[0], map.Count / map.Shape[0] / width, width);

    /// <summary>Normal weights of deviation 0.01, but for deformable convolutions with a mask or with given offsets, which have mmcv's own;
    /// class biases so that all probabilities are 0.01.</summary>
    public override void Initialize(Philox random) {
        base.Initialize(random);
        foreach (Convolution convolution in Modules<Convolution>())
            if (convolution is Conv2d or DeformConv2dPack { Modulated: false })
                Initializers.Normal(convolution, random, 0.01f, convolution == ClassLayer ? Initializers.BiasFor(0.01f) : 0);
    }
}

/// <summary>Which object each prior of a picture is to find, level after level: 0 for none, k + 1 for object k, -1 outside or
/// ignored.</summary>
/// <param name="ForClasses">For the class branch.</param>
/// <param name="ForBoxes">For the box branch; mostly the same.</param>
public sealed record HeadAssignment(int[] ForClasses, int[] ForBoxes);
