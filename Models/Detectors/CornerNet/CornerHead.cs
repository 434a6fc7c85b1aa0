using DenseEngine.Ops;

namespace DenseEngine.Models;

/// <summary>The head of CornerNet (Law and Deng, 2018): heat maps, embeddings and offsets of upper left and lower right corners, from each
/// stack's map. As mmdetection 2.25's <c>CornerHead</c>.</summary>
public sealed class CornerHead : Module {
    private readonly CornerNetConfig config;
    private readonly CornerBranches topLeft, bottomRight;

    /// <summary>A head to be initialised or loaded.</summary>
    public CornerHead(CornerNetConfig config) {
        this.config = config;
        topLeft = new CornerBranches(config, CornerSide.Top, CornerSide.Left);
        bottomRight = new CornerBranches(config, CornerSide.Bottom, CornerSide.Right);
    }

    /// <inheritdoc/>
    public override IEnumerable<(string Name, Module Module)> Children => [
        ("tl_pool", topLeft.Pools), ("br_pool", bottomRight.Pools), ("tl_heat", topLeft.Heat), ("br_heat", bottomRight.Heat),
        ("tl_off", topLeft.Offsets), ("br_off", bottomRight.Offsets), ("tl_emb", topLeft.Embeddings), ("br_emb", bottomRight.Embeddings),
    ];

    /// <inheritdoc/>
    public override void Initialize(Philox random) {
        topLeft.Initialize(random);
        bottomRight.Initialize(random);
    }

    /// <summary>What each stack's map says.</summary>
    /// <param name="maps">[N,h,w,channels], in the stacks' order.</param>
    public IReadOnlyList<CornerOutput> Forward(IReadOnlyList<Tensor> maps) =>
        [.. maps.Select((map, stack) => new CornerOutput(topLeft.Forward(map, stack), bottomRight.Forward(map, stack)))];

    /// <summary>det_loss, off_loss, pull_loss and push_loss, each by stack; all stacks learn the same.</summary>
    /// <param name="outputs">The stacks' outputs.</param>
    /// <param name="inputs">The padded size of the batch's first picture: all are taken to have it, as in mmdetection.</param>
    /// <param name="truths">The pictures' objects.</param>
    public IReadOnlyList<LossTerm> Losses(IReadOnlyList<CornerOutput> outputs, Pair inputs, IReadOnlyList<GroundTruth> truths) {
        using var scope = new TensorScope();
        Shape shape = outputs[^1].TopLeft.Heat.Shape;
        CornerTargets targets = CornerTargets.Of(config, truths, inputs, new Pair(shape[1], shape[2]), outputs[^1].TopLeft.Heat.Device);
        (Tensor Pull, Tensor Push)[] embeddings = [.. outputs.Select(output =>
            config.EmbeddingLoss.Apply(output.TopLeft.Embeddings, output.BottomRight.Embeddings, targets.Objects))];
        float share = config.EmbeddingLoss.Norm == EmbeddingNorm.Padded ? 1f / outputs.Count : 1;
        return [
            Term("det_loss", Means(HeatLoss)),
            Term("off_loss", Means(OffsetLoss)),
            Term("pull_loss", embeddings.Select(terms => terms.Pull * share)),
            Term("push_loss", embeddings.Select(terms => terms.Push * share)),
        ];

        IEnumerable<Tensor> Means(Func<CornerMaps, CornerTarget, Tensor> loss) => outputs.Select(output =>
            (loss(output.TopLeft, targets.TopLeft) + loss(output.BottomRight, targets.BottomRight)) / 2);
        LossTerm Term(string name, IEnumerable<Tensor> values) =>
            new(name, scope.Keep(Op.Concat([.. values.Select(value => Op.Reshape(value, 1))], 0)));
    }

    private Tensor HeatLoss(CornerMaps maps, CornerTarget target) =>
        config.HeatLoss.Apply(Op.Sigmoid(maps.Heat), target.Heat, averageFactor: Math.Max(1, target.Peaks));

    private Tensor OffsetLoss(CornerMaps maps, CornerTarget target) =>
        config.OffsetLoss.Apply(maps.Offsets, target.Offsets, target.Mask, Math.Max(1, target.Cells));
}
