using DenseEngine.Ops;
using static DenseEngine.Cases.Draws;

namespace DenseEngine.Cases;

internal static partial class OpCases {
    private static OpRow[] Losses => [
        new(nameof(Op.CrossEntropy)) {
            Timed = new("timed", t => Op.CrossEntropy(t[0], t[1]), Normal(22_400, 81), Index(81, 22_400)),
            Fixture = "cross_entropy",
            Run = c =>
                Op.CrossEntropy(c.Leaf("input").Shape.Rank == 4 ? c.Nhwc("input") : c.Leaf("input"), c.Leaf("target"), c.Optional("weight"),
                c.Int("ignore_index"), ReductionOf(c)),
            Samples = [
                new("mean", t => Op.CrossEntropy(t[0], t[1]), Normal(20, 9), Index(9, 20)),
                new("sum", t => Op.CrossEntropy(t[0], t[1], reduction: Reduction.Sum), Normal(5, 81), Index(81, 5)),
                new("ignored", t => Op.CrossEntropy(t[0], t[1], ignoreIndex: 1, reduction: Reduction.None), Normal(2, 9, 3),
                    Index(3, 2, 9)),
                new("weights", t => Op.CrossEntropy(t[0], t[1], t[2].Detach(), reduction: Reduction.None), Normal(7, 9), Index(9, 7),
                    Uniform(0.5f, 2, 9)),
                new("whole_group", t => Op.CrossEntropy(t[0], t[1]), Normal(3, 1600), Index(1600, 3)) { Differentiable = false },
                new("long", t => Op.CrossEntropy(t[0], t[1]), Normal(3, 2501), Index(2501, 3)) { Differentiable = false },
                new("many", t => Op.CrossEntropy(t[0], t[1]), Normal(3000, 17), Index(17, 3000)) { Differentiable = false },
                new("empty", t => Op.CrossEntropy(t[0], t[1], reduction: Reduction.None), Normal(0, 3),
                    Index(3, 0)) { Differentiable = false },
            ],
            Errors = [
                (() => Op.CrossEntropy(Tensor.Zeros([2, 3]), Tensor.Zeros([3], DType.Int32)),
                    "CrossEntropy: target needs shape [2] but has [3]"),
                (() => Op.CrossEntropy(Tensor.Zeros([2, 3]), Tensor.Zeros([2])), "CrossEntropy: target needs elements of type Int32"),
                (() => Op.CrossEntropy(Tensor.Zeros([2, 3]), Tensor.Zeros([2], DType.Int32), Tensor.Zeros([2])),
                    "classWeight needs shape [3] but has [2]"),
            ],
        },
        new(nameof(Op.BinaryCrossEntropyWithLogits)) {
            Timed = new("timed", t => Op.BinaryCrossEntropyWithLogits(t[0], t[1]), Normal(22_400, 80), Uniform(0, 1, 22_400, 80)),
            Fixture = "binary_cross_entropy_with_logits",
            Run = c => Op.BinaryCrossEntropyWithLogits(c.Leaf("input"), c.Leaf("target"), c.Optional("weight"), c.Optional("pos_weight"),
                ReductionOf(c)),
            Samples = [
                new("mean", t => Op.BinaryCrossEntropyWithLogits(t[0], t[1]), Normal(9, 21), Uniform(0, 1, 9, 21)),
                new("weights", t => Op.BinaryCrossEntropyWithLogits(t[0], t[1], t[2].Detach(), t[3], Reduction.Sum),
                    Normal(6, 19), Uniform(0, 1, 6, 19), Uniform(0, 2, 6, 1), Uniform(0.5f, 2, 19)),
                new("none", t => Op.BinaryCrossEntropyWithLogits(t[0], t[1], reduction: Reduction.None), Normal(5), Uniform(0, 1, 5)),
                new("left_out", t => Op.BinaryCrossEntropyWithLogits(t[0], t[1], reduction: Reduction.Sum, skipNegative: true),
                    Normal(37), Uniform(-0.5f, 1, 37)),
                new("many", t => Op.BinaryCrossEntropyWithLogits(t[0], t[1]), Normal(40_003),
                    Uniform(0, 1, 40_003)) { Differentiable = false },
                new("empty", t => Op.BinaryCrossEntropyWithLogits(t[0], t[1], reduction: Reduction.Sum), Normal(0, 3),
                    Normal(0, 3)) { Differentiable = false },
            ],
            Errors = [
                (() => Op.BinaryCrossEntropyWithLogits(Tensor.Zeros([2, 3]), Tensor.Zeros([3])), "target needs shape [2, 3] but has [3]"),
                (() => Op.BinaryCrossEntropyWithLogits(Tensor.Zeros([2, 3]), Tensor.Zeros([2, 3]), posWeight: Tensor.Zeros([2])),
                    "posWeight needs x's last axes or a single value; it has shape [2] and x [2, 3]"),
                (() => Op.BinaryCrossEntropyWithLogits(Tensor.Zeros([1, 3]), Tensor.Zeros([1, 3]), Tensor.Zeros([2, 3])),
                    "needs shape [1, 3] but has [2, 3]"),
            ],
        },
        new(nameof(Op.QualityFocalLoss)) {
            Timed = new("timed", t => Op.QualityFocalLoss(t[0], t[1], t[2]), Normal(22_400, 80), Index(81, 22_400), Uniform(0, 1, 22_400)),
            Samples = [
                new("classes", t => Op.QualityFocalLoss(t[0], t[1], t[2]), Normal(13, 20), Index(21, 13), Uniform(0, 1, 13)),
                new("few", t => Op.QualityFocalLoss(t[0], t[1], t[2], 1.5f), Normal(13, 3), Index(4, 13), Uniform(0, 0.2f, 13)),
                new("whole_group", t => Op.QualityFocalLoss(t[0], t[1], t[2]), Normal(3, 1600), Index(1600, 3),
                    Uniform(0, 1, 3)) { Differentiable = false },
                new("long", t => Op.QualityFocalLoss(t[0], t[1], t[2]), Normal(3, 2500), Index(2500, 3),
                    Uniform(0, 1, 3)) { Differentiable = false },
                new("odd_long", t => Op.QualityFocalLoss(t[0], t[1], t[2], 1.5f), Normal(3, 2501), Index(2501, 3),
                    Uniform(0, 1, 3)) { Differentiable = false },
                new("many", t => Op.QualityFocalLoss(t[0], t[1], t[2]), Normal(700, 80), Index(160, 700),
                    Uniform(0, 1, 700)) { Differentiable = false },
                new("empty", t => Op.QualityFocalLoss(t[0], t[1], t[2]), Normal(0, 3), Index(3, 0), Normal(0)) { Differentiable = false },
            ],
            Errors = [
                (() => Op.QualityFocalLoss(Tensor.Zeros([2, 3]), Tensor.Zeros([3], DType.Int32), Tensor.Zeros([2])),
                    "QualityFocalLoss: label needs shape [2] but has [3]"),
                (() => Op.QualityFocalLoss(Tensor.Zeros([2]), Tensor.Zeros([2], DType.Int32), Tensor.Zeros([2])),
                    "QualityFocalLoss: pred needs rank 2"),
                (() => Op.QualityFocalLoss(Tensor.Zeros([2, 3]), Tensor.Zeros([2], DType.Int32), Tensor.Zeros([2]), 0.5f), "beta is 0.5"),
            ],
        },
        new(nameof(Op.QualityFocalLossOfProbabilities)) {
            Timed = new("timed", t => Op.QualityFocalLossOfProbabilities(t[0], t[1], t[2]), Uniform(0.05f, 0.95f, 22_400, 80),
                Index(81, 22_400), Uniform(0, 1, 22_400)),
            Samples = [
                new("classes", t => Op.QualityFocalLossOfProbabilities(t[0], t[1], t[2]), Uniform(0.05f, 0.95f, 13, 20), Index(21, 13),
                    Uniform(0, 1, 13)),
                new("few", t => Op.QualityFocalLossOfProbabilities(t[0], t[1], t[2], 1.5f), Uniform(0.4f, 0.9f, 13, 3), Index(4, 13),
                    Uniform(0, 0.2f, 13)),
                new("whole_group", t => Op.QualityFocalLossOfProbabilities(t[0], t[1], t[2]), Uniform(0, 1, 3, 1600), Index(1600, 3),
                    Uniform(0, 1, 3)) { Differentiable = false },
                new("odd_long", t => Op.QualityFocalLossOfProbabilities(t[0], t[1], t[2]), Uniform(0, 1, 3, 2501), Index(2501, 3),
                    Uniform(0, 1, 3)) { Differentiable = false },
            ],
            Errors = [
                (() => Op.QualityFocalLossOfProbabilities(Tensor.Zeros([2, 3]), Tensor.Zeros([2], DType.Int32), Tensor.Zeros([2]), 0.5f),
                    "QualityFocalLossOfProbabilities: beta is 0.5"),
            ],
        },
        new(nameof(Op.GaussianFocalLoss)) {
            Timed = new("timed", t => Op.GaussianFocalLoss(t[0], t[1]), Uniform(0.1f, 0.9f, 1_310_720), Peaks(1_310_720)),
            Samples = [
                new("peaks", t => Op.GaussianFocalLoss(t[0], t[1]), Uniform(0.3f, 0.7f, 3, 37), Peaks(3, 37)),
                new("exponents", t => Op.GaussianFocalLoss(t[0], t[1], 1.5f, 3), Uniform(0.3f, 0.7f, 5, 19), Peaks(5, 19)),
                new("cross_entropy", t => Op.GaussianFocalLoss(t[0], t[1], 0, 0), Uniform(0.3f, 0.7f, 41), Peaks(41)),
                new("first_powers", t => Op.GaussianFocalLoss(t[0], t[1], 1, 1), Uniform(0.3f, 0.7f, 41), Peaks(41)),
                new("sure", t => Op.GaussianFocalLoss(t[0], t[1]), Whole(2, 37), Peaks(37)) { Differentiable = false },
                new("many", t => Op.GaussianFocalLoss(t[0], t[1]), Uniform(0, 1, 40_003), Peaks(40_003)) { Differentiable = false },
                new("empty", t => Op.GaussianFocalLoss(t[0], t[1]), Normal(0, 3), Normal(0, 3)) { Differentiable = false },
            ],
            Errors = [
                (() => Op.GaussianFocalLoss(Tensor.Zeros([2, 3]), Tensor.Zeros([3])), "target needs shape [2, 3] but has [3]"),
                (() => Op.GaussianFocalLoss(Tensor.Zeros([3]), Tensor.Zeros([3]), -1), "alpha is -1"),
                (() => Op.GaussianFocalLoss(Tensor.Zeros([3]), Tensor.Zeros([3]), gamma: -1), "gamma is -1"),
            ],
        },
        new(nameof(Op.SigmoidFocalLoss)) {
            Timed = new("timed", t => Op.SigmoidFocalLoss(t[0], t[1]), Normal(22_400, 80), Index(81, 22_400)),
            Samples = [
                new("classes", t => Op.SigmoidFocalLoss(t[0], t[1]), Normal(13, 20), Index(21, 13)),
                new("few", t => Op.SigmoidFocalLoss(t[0], t[1], 1.5f, 0.4f), Normal(13, 3), Index(4, 13)),
                new("entries", t => Op.SigmoidFocalLoss(t[0], t[1], 0, 0.5f, entries: true), Normal(7, 5), Index(6, 7)),
                new("left_out", t => Op.SigmoidFocalLoss(t[0], Tensor.From([1, -1, 20], [3], t[0].Device)), Normal(3, 20)),
                new("left_out_entries", t => Op.SigmoidFocalLoss(t[0], Tensor.From([1, -1, 3], [3], t[0].Device), entries: true),
                    Normal(3, 3)),
                new("whole_group", t => Op.SigmoidFocalLoss(t[0], t[1]), Normal(3, 1600), Index(1600, 3)) { Differentiable = false },
                new("long", t => Op.SigmoidFocalLoss(t[0], t[1]), Normal(3, 2500), Index(2500, 3)) { Differentiable = false },
                new("odd_long", t => Op.SigmoidFocalLoss(t[0], Tensor.From([1, -1, 2501], [3], t[0].Device)),
                    Normal(3, 2501)) { Differentiable = false },
                new("empty", t => Op.SigmoidFocalLoss(t[0], t[1]), Normal(0, 3), Index(3, 0)) { Differentiable = false },
            ],
            Errors = [
                (() => Op.SigmoidFocalLoss(Tensor.Zeros([2, 3]), Tensor.Zeros([3], DType.Int32)),
                    "SigmoidFocalLoss: label needs shape [2] but has [3]"),
                (() => Op.SigmoidFocalLoss(Tensor.Zeros([2, 3]), Tensor.Zeros([2], DType.Int32), -1), "gamma is -1"),
            ],
        },
        new(nameof(Op.VarifocalLoss)) {
            Timed = new("timed", t => Op.VarifocalLoss(t[0], t[1], t[2]), Normal(22_400, 80), Index(81, 22_400), Uniform(0, 1, 22_400)),
            Samples = [
                new("classes", t => Op.VarifocalLoss(t[0], t[1], t[2]), Normal(13, 20), Index(21, 13), Uniform(0, 1, 13)),
                new("few", t => Op.VarifocalLoss(t[0], t[1], t[2], 0.5f, 1.5f, false), Normal(13, 3), Index(4, 13), Uniform(0, 1, 13)),
                new("no_quality", t => Op.VarifocalLoss(t[0], t[1], t[2] * 0f), Normal(5, 20), Index(20, 5), Uniform(0, 1, 5)),
                new("entries", t => Op.VarifocalLoss(t[0], t[1], t[2], entries: true), Normal(7, 5), Index(6, 7), Uniform(0, 1, 7)),
                new("whole_group", t => Op.VarifocalLoss(t[0], t[1], t[2]), Normal(3, 1600), Index(1600, 3),
                    Uniform(0, 1, 3)) { Differentiable = false },
                new("long", t => Op.VarifocalLoss(t[0], t[1], t[2]), Normal(3, 2500), Index(2500, 3),
                    Uniform(0, 1, 3)) { Differentiable = false },
            ],
            Errors = [
                (() => Op.VarifocalLoss(Tensor.Zeros([2, 3]), Tensor.Zeros([2], DType.Int32), Tensor.Zeros([3])),
                    "VarifocalLoss: score needs shape [2] but has [3]"),
                (() => Op.VarifocalLoss(Tensor.Zeros([2, 3]), Tensor.Zeros([2], DType.Int32), Tensor.Zeros([2]), gamma: -1),
                    "gamma is -1"),
            ],
        },
        new(nameof(Op.SoftmaxKl)) {
            Timed = new("timed", t => Op.SoftmaxKl(t[0], t[1].Detach(), 10), Normal(89_600, 17), Normal(89_600, 17)),
            Fixture = "softmax_kl",
            Run = c => Op.SoftmaxKl(c.Leaf("pred"), c.Leaf("soft"), c.Float("temperature")),
            Samples = [
                new("bins", t => Op.SoftmaxKl(t[0], t[1].Detach(), 3), Normal(37, 17), Normal(37, 17)),
                new("sum", t => Op.SoftmaxKl(t[0], t[1].Detach(), 0.5f, sum: true), Normal(5, 9), Normal(5, 9)),
                new("one", t => Op.SoftmaxKl(t[0] * 2f, t[1].Detach()), Normal(4, 33), Normal(4, 33)),
                new("whole_group", t => Op.SoftmaxKl(t[0], t[1].Detach(), 2), Normal(3, 1600), Normal(3, 1600)) { Differentiable = false },
                new("long", t => Op.SoftmaxKl(t[0], t[1].Detach(), 2), Normal(3, 2500), Normal(3, 2500)) { Differentiable = false },
                new("odd_long", t => Op.SoftmaxKl(t[0], t[1].Detach(), 2), Normal(3, 2501), Normal(3, 2501)) { Differentiable = false },
                new("many", t => Op.SoftmaxKl(t[0], t[1].Detach(), 10), Normal(3000, 17), Normal(3000, 17)) { Differentiable = false },
            ],
            Errors = [
                (() => Op.SoftmaxKl(Tensor.Zeros([2, 3]), Tensor.Zeros([3, 3])), "SoftmaxKl: soft needs shape [2, 3] but has [3, 3]"),
                (() => Op.SoftmaxKl(Tensor.Zeros([2, 0]), Tensor.Zeros([2, 0])), "has no bins"),
                (() => Op.SoftmaxKl(Tensor.Zeros([2, 3]), Tensor.Zeros([2, 3]), 0), "the temperature is 0"),
            ],
        },
        new(nameof(Op.DistributionFocalLoss)) {
            Timed = new("timed", t => Op.DistributionFocalLoss(t[0], t[1]), Normal(89_600, 17), Uniform(0, 15.9f, 89_600)),
            Samples = [
                new("bins", t => Op.DistributionFocalLoss(t[0], t[1]), Normal(13, 17), Uniform(0, 15.9f, 13)),
                new("many", t => Op.DistributionFocalLoss(t[0], t[1]), Normal(3000, 17),
                    Uniform(0, 15.9f, 3000)) { Differentiable = false },
                new("empty", t => Op.DistributionFocalLoss(t[0], t[1]), Normal(0, 17), Normal(0)) { Differentiable = false },
            ],
            Errors = [
                (() => Op.DistributionFocalLoss(Tensor.Zeros([2, 3]), Tensor.Zeros([3])),
                    "DistributionFocalLoss: label needs shape [2] but has [3]"),
                (() => Op.DistributionFocalLoss(Tensor.Zeros([2, 3]), Tensor.Full([2], 2)),
                    "label 2 of row 0 must be at least 0 and below 2"),
            ],
        },
    ];

    private static Reduction ReductionOf(FixtureCase c) => Enum.Parse<Reduction>(c.Text("reduction"), ignoreCase: true);
}
