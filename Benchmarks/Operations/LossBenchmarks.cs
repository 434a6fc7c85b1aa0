using DenseEngine.Ops;

namespace DenseEngine.Benchmarks;

/// <summary>Losses of GFL-R50 in one picture (22400 anchors, 80 classes, 2000 positives) and of the demonstration's batch.</summary>
public class LossBenchmarks : WorkloadBenchmarks {
    private static readonly Draw Anchors = Draws.Map(22400, 80), Unit = Draws.Between(0, 1, 22400);

    /// <inheritdoc/>
    protected override IEnumerable<Workload> Table => [
        .. Of("QualityFocalLoss 22400x80", t => Op.QualityFocalLoss(t[0], t[1], t[2]), Anchors, Background(80, 22400), Unit),
        .. Of("QualityFocalLoss 4256x3", t => Op.QualityFocalLoss(t[0], t[1], t[2]), Draws.Map(4256, 3), Background(3, 4256),
            Draws.Between(0, 1, 4256)),
        .. Of("QualityFocalLossOfProbabilities 22400x81", t => Op.QualityFocalLossOfProbabilities(t[0], t[1], t[2]),
            Draws.Between(0.01f, 0.99f, 22400, 81), Background(81, 22400), Unit),
        .. Of("SigmoidFocalLoss 22400x80", t => Op.SigmoidFocalLoss(t[0], t[1]), Anchors, Background(80, 22400)),
        .. Of("VarifocalLoss 22400x80", t => Op.VarifocalLoss(t[0], t[1], t[2]), Anchors, Background(80, 22400), Unit),
        .. Of("SoftmaxKl 89600x17", t => Op.SoftmaxKl(t[0], t[1], 10), Draws.Map(89600, 17), Draws.Map(89600, 17)),
        .. Of("DistributionFocalLoss 8000x17", t => Op.DistributionFocalLoss(t[0], t[1]), Draws.Map(8000, 17),
            Draws.Between(0, 15.9f, 8000)),
        .. Of("BinaryCrossEntropyWithLogits 22400x80", t => Op.BinaryCrossEntropyWithLogits(t[0], t[1]), Anchors,
            Draws.Between(0, 1, 22400, 80)),
        .. Of("GaussianFocalLoss 1x128x128x80", t => Op.GaussianFocalLoss(t[0], t[1]), Draws.Between(0.001f, 0.999f, 1, 128, 128, 80),
            Draws.Between(0, 1, 1, 128, 128, 80)),
        .. Of("CrossEntropy 22400x81", t => Op.CrossEntropy(t[0], t[1]), Draws.Map(22400, 81), Draws.Index(81, 22400)),
        .. Of("CrossEntropy 8000x17", t => Op.CrossEntropy(t[0], t[1]), Draws.Map(8000, 17), Draws.Index(17, 8000)),
        .. ((IouKind[])[IouKind.Iou, IouKind.Giou, IouKind.Ciou]).SelectMany(kind =>
            Of($"AlignedIou 22400 {kind}", t => Op.AlignedIou(t[0], t[1], kind), Draws.Boxes(22400), Draws.Boxes(22400))),
    ];

    /// <summary>Forward, and the gradient of the first input.</summary>
    private static Workload[] Of(string name, Func<Tensor[], Tensor> loss, params Draw[] inputs) =>
        [Rows.Forward(name, loss, inputs), Rows.Gradient(name, [0], loss, inputs)];

    /// <summary>Labels of which one in ten is a class, the others background.</summary>
    private static Draw Background(int classes, int count) => seed => {
        using Tensor drawn = Draws.Index(10 * classes, count)(seed);
        return Tensor.From([.. drawn.IntSpan.ToArray().Select(label => Math.Min(label, classes))], [count]);
    };
}
