using DenseEngine.Ops;
using static DenseEngine.Cases.Draws;

namespace DenseEngine.Cases;

internal static partial class OpCases {
    private static OpRow[] Boxes => [
        new(nameof(Op.BoxIou)) {
            Timed = new("timed", t => Op.BoxIou(t[0], t[1]), RandomBoxes(22_400, span: 800), RandomBoxes(40, 0.1f, 800)),
            Fixture = "box_iou",
            MoreFixtures = ["giou", "diou", "ciou"],
            Run = c => Op.BoxIou(c.Leaf("a"), c.Leaf("b"),
                c.Subject == "box_iou" ? IouKind.Iou : Enum.Parse<IouKind>(c.Subject, ignoreCase: true)),
            Samples = [
                new("iou", t => Op.BoxIou(t[0], t[1]), RandomBoxes(7), RandomBoxes(5, 0.1f)) { Step = 1e-3 },
                new("giou", t => Op.BoxIou(t[0], t[1], IouKind.Giou), RandomBoxes(6), RandomBoxes(9, 0.1f)) { Step = 1e-3 },
                new("diou", t => Op.BoxIou(t[0], t[1], IouKind.Diou), RandomBoxes(1), RandomBoxes(8, 0.1f)) { Step = 1e-3 },
                new("many_iou", t => Op.BoxIou(t[0], t[1]), RandomBoxes(600), RandomBoxes(41)) { Differentiable = false },
                new("many_giou", t => Op.BoxIou(t[0], t[1], IouKind.Giou), RandomBoxes(9), RandomBoxes(41)) { Differentiable = false },
                new("many_diou", t => Op.BoxIou(t[0], t[1], IouKind.Diou), RandomBoxes(9), RandomBoxes(41)) { Differentiable = false },
                new("many_rows", t => Op.BoxIou(t[0], t[1], IouKind.Ciou), RandomBoxes(300), RandomBoxes(41)) { Differentiable = false },
                new("no_columns", t => Op.BoxIou(t[0], t[1]), RandomBoxes(3), RandomBoxes(0)) { Differentiable = false },
                new("no_rows", t => Op.BoxIou(t[0], t[1]), RandomBoxes(0), RandomBoxes(3)) { Differentiable = false },
            ],
            Errors =
                [(() => Op.BoxIou(Tensor.Zeros([2, 5]), Tensor.Zeros([2, 4])), "a needs shape [N, 4] (x1, y1, x2, y2) but has [2, 5]")],
        },
        new(nameof(Op.AlignedIou)) {
            Timed = new("timed", t => Op.AlignedIou(t[0], t[1], IouKind.Giou), RandomBoxes(22_400), RandomBoxes(22_400, 0.1f)),
            // Its values and gradients come from the unit fixtures of the box losses: UnitTests.
            Samples = [
                new("iou", t => OfFixed(t[0], IouKind.Iou), RandomBoxes(40)) { Step = 1e-3 },
                new("giou", t => OfFixed(t[0], IouKind.Giou), RandomBoxes(40)) { Step = 1e-3 },
                new("diou", t => OfFixed(t[0], IouKind.Diou), RandomBoxes(40)) { Step = 1e-3 },
                new("many_rows", t => Op.AlignedIou(t[0], t[1], IouKind.Ciou), RandomBoxes(9000),
                    RandomBoxes(9000)) { Differentiable = false },
                new("empty", t => Op.AlignedIou(t[0], t[1]), RandomBoxes(0), RandomBoxes(0)) { Differentiable = false },
            ],
            Errors = [(() => Op.AlignedIou(Tensor.Zeros([2, 4]), Tensor.Zeros([3, 4])), "target needs shape [2, 4] but has [3, 4]")],
        },
        new(nameof(Op.DecodeDistributions)) {
            Timed = new("timed", t => Op.DecodeDistributions(t[0], Bins(t[0], 17), t[1], t[2], t[3], 8), Normal(22_400, 68),
                Index(22_400, 1000), Normal(22_400, 2), Index(22_400, 1000)),
            NoGradient = "boxes",
            Samples = [
                new("many", t => Op.DecodeDistributions(t[0], Bins(t[0], 17), t[1], t[2], t[3], 8), Normal(30, 68), Index(30, 1001),
                    Normal(50, 2), Index(50, 1001)) { Differentiable = false },
                new("few", t => Op.DecodeDistributions(t[0], Bins(t[0], 5), t[1], t[2], t[3], 0.5f), Normal(3, 20), Index(3, 6),
                    Normal(4, 2), Index(4, 6)) { Differentiable = false },
                new("none", t => Op.DecodeDistributions(t[0], Bins(t[0], 5), t[1], t[2], t[3], 1), Normal(3, 20), Index(3, 0),
                    Normal(4, 2), Index(4, 0)) { Differentiable = false },
            ],
            Errors = [
                (() => Op.DecodeDistributions(Tensor.Zeros([2, 12]), Tensor.Zeros([4]), Tensor.From([0], [1]), Tensor.Zeros([2, 2]),
                    Tensor.From([0], [1]), 1), "edges of shape [2, 12] do not have four times 4 bins"),
                (() => Op.DecodeDistributions(Tensor.Zeros([2, 12]), Tensor.Zeros([3]), Tensor.From([2], [1]), Tensor.Zeros([2, 2]),
                    Tensor.From([0], [1]), 1), "DecodeDistributions: index 0 is 2; axis 0 of shape [2, 12] has size 2"),
                (() => Op.DecodeDistributions(Tensor.Zeros([2, 12]), Tensor.Zeros([3]), Tensor.From([1], [1]), Tensor.Zeros([2, 2]),
                    Tensor.From([-1], [1]), 1), "index 0 is -1; axis 0 of shape [2, 2] has size 2"),
            ],
        },
        new(nameof(Op.DecodeDeltas)) {
            Timed = new("timed", t => Op.DecodeDeltas(t[0], t[1], Deltas), RandomBoxes(100_000), Normal(100_000, 4)),
            // Its values and gradients are compared with mmdetection's in UnitTests.
            Samples = [
                new("free", t => OfFixed(t[0], Deltas), Normal(40, 4)) { Step = 1e-3 },
                new("classes", t => OfFixed(t[0], Deltas with { LargestMove = 1e3f }), Normal(5, 12)) { Step = 1e-3 },
                new("cut", t => Op.DecodeDeltas(t[0], t[1], Deltas with { From = 2, Right = 12, Bottom = 11, LargestMove = 2 }),
                    RandomBoxes(500), Normal(500, 12)) { Differentiable = false },
                new("many", t => Op.DecodeDeltas(t[0], t[1], Deltas), RandomBoxes(9000), Normal(9000, 4)) { Differentiable = false },
                new("none", t => Op.DecodeDeltas(t[0], t[1], Deltas), RandomBoxes(0), Normal(0, 4)) { Differentiable = false },
            ],
            Errors = [(() => Op.DecodeDeltas(Tensor.Zeros([2, 4]), Tensor.Zeros([2, 6]), Deltas),
                "deltas of shape [2, 6] are not four for each of 2 boxes")],
        },
        new(nameof(Op.EncodeDeltas)) {
            Timed = new("timed", t => Op.EncodeDeltas(t[0], t[1], Deltas), RandomBoxes(100_000), RandomBoxes(100_000, 0.1f)),
            NoGradient = "targets",
            Samples = [
                new("many", t => Op.EncodeDeltas(t[0], t[1], Deltas), RandomBoxes(5000),
                    RandomBoxes(5000, 0.1f)) { Differentiable = false },
                new("none", t => Op.EncodeDeltas(t[0], t[1], Deltas), RandomBoxes(0), RandomBoxes(0)) { Differentiable = false },
            ],
            Errors = [(() => Op.EncodeDeltas(Tensor.Zeros([2, 4]), Tensor.Zeros([3, 4]), Deltas),
                "targets needs shape [2, 4] but has [3, 4]")],
        },
        new(nameof(Op.Nms)) {
            Timed = new("timed", t => Op.Nms(t[0], t[1], 0.6f), RandomBoxes(5000, span: 200), Normal(5000)),
            Fixture = "nms",
            Run = c => Op.Nms(c.Leaf("boxes"), c.Leaf("scores"), c.Float("iou_threshold")),
            NoGradient = "indices",
            Samples = [
                new("many", t => Op.Nms(t[0], t[1], 0.4f), RandomBoxes(500), Normal(500)) { Differentiable = false },
                new("sparse", t => Op.Nms(t[0], t[1], 0.3f), RandomBoxes(4200, span: 240), Normal(4200)) { Differentiable = false },
                new("word", t => Op.Nms(t[0], t[1], 0.3f), RandomBoxes(32, span: 30), StrangeScores(32)) { Differentiable = false },
                new("offset", t => Op.Nms(t[0], t[1], 0.3f, 1), RandomBoxes(130, span: 60), StrangeScores(130)) { Differentiable = false },
                new("strips", t => Op.Nms(t[0], t[1], 0.5f), RandomBoxes(500, span: 30), StrangeScores(500)) {
                    Differentiable = false,
                    Asks = () => new MaskStrip(96),
                },
                new("long_strips", t => Op.Nms(t[0], t[1], 0.2f), RandomBoxes(9000, span: 3), Normal(9000)) {
                    Differentiable = false,
                    Asks = () => new MaskStrip(1024),
                },
                new("one", t => Op.Nms(t[0], t[1], 0.3f), RandomBoxes(1), Normal(1)) { Differentiable = false },
                new("none", t => Op.Nms(t[0], t[1], 0.3f), RandomBoxes(0), Normal(0)) { Differentiable = false },
            ],
            Errors = [(() => Op.Nms(Tensor.Zeros([2, 4]), Tensor.Zeros([3]), 0.5f), "scores needs shape [2] but has [3]")],
        },
        new(nameof(Op.BatchedNms)) {
            Timed = new("timed", t => Op.BatchedNms(t[0], t[1], t[2], 0.6f), RandomBoxes(5000, span: 200), Normal(5000), Index(80, 5000)),
            // Compared with mmcv in UnitTests.
            NoGradient = "indices",
            Samples = [
                new("many", t => Op.BatchedNms(t[0], t[1], t[2], 0.4f), RandomBoxes(500), Normal(500),
                    Index(7, 500)) { Differentiable = false },
                new("split", t => Op.BatchedNms(t[0], t[1], t[2], 0.4f, splitThreshold: 99), RandomBoxes(99, span: 20),
                    StrangeScores(99), Index(5, 99)) { Differentiable = false },
                new("agnostic", t => Op.BatchedNms(t[0], t[1], t[2], 0.4f, true), RandomBoxes(70, span: 20), StrangeScores(70),
                    Index(5, 70)) { Differentiable = false },
                new("agnostic_split", t => Op.BatchedNms(t[0], t[1], t[2], 0.4f, true, 10), RandomBoxes(70, span: 20), Normal(70),
                    Index(5, 70)) { Differentiable = false },
                new("none", t => Op.BatchedNms(t[0], t[1], t[2], 0.4f), RandomBoxes(0), Normal(0), Index(5, 0)) { Differentiable = false },
            ],
            Errors = [(() => Op.BatchedNms(Tensor.Zeros([2, 4]), Tensor.Zeros([2]), Tensor.Zeros([2]), 0.5f),
                "classes needs elements of type Int32")],
        },
        new(nameof(Op.SoftNms)) {
            Timed = new("timed", t => Op.SoftNms(t[0], t[1], 0.4f, new(SoftNmsMethod.Gaussian)).Scores, RandomBoxes(1000, span: 100),
                Normal(1000)),
            // Compared with mmcv in UnitTests, as is the next.
            NoGradient = "indices",
            Samples = [
                new("many", t => Op.SoftNms(t[0], t[1], 0.4f, new(SoftNmsMethod.Gaussian)).Scores, RandomBoxes(500),
                    Normal(500)) { Differentiable = false },
                new("many_kept", t => Op.SoftNms(t[0], t[1], 0.4f, new(SoftNmsMethod.Gaussian)).Kept, RandomBoxes(500, span: 60),
                    Uniform(0, 1, 500)) { Differentiable = false },
                new("linear", t => Op.SoftNms(t[0], t[1], 0.3f, new(), 1).Scores, RandomBoxes(140, span: 20),
                    StrangeScores(140)) { Differentiable = false },
                new("linear_kept", t => Op.SoftNms(t[0], t[1], 0.3f, new(), 1).Kept, RandomBoxes(140, span: 20),
                    StrangeScores(140)) { Differentiable = false },
                new("naive_kept", t => Op.SoftNms(t[0], t[1], 0.3f, new(SoftNmsMethod.Naive)).Kept, RandomBoxes(140, span: 20),
                    StrangeScores(140)) { Differentiable = false },
                new("one", t => Op.SoftNms(t[0], t[1], 0.3f, new()).Scores, RandomBoxes(1), Normal(1)) { Differentiable = false },
                new("none", t => Op.SoftNms(t[0], t[1], 0.3f, new()).Scores, RandomBoxes(0), Normal(0)) { Differentiable = false },
            ],
            Errors = [(() => _ = Op.SoftNms(Tensor.Zeros([2, 4]), Tensor.Zeros([3]), 0.5f, new()), "scores needs shape [2] but has [3]")],
        },
        new(nameof(Op.BatchedSoftNms)) {
            Timed = new("timed", t => Op.BatchedSoftNms(t[0], t[1], t[2], 0.4f, new()).Scores, RandomBoxes(1000, span: 100), Normal(1000),
                Index(80, 1000)),
            NoGradient = "indices",
            Samples = [
                new("many", t => Op.BatchedSoftNms(t[0], t[1], t[2], 0.4f, new()).Scores, RandomBoxes(500), Normal(500),
                    Index(7, 500)) { Differentiable = false },
                new("split", t => Op.BatchedSoftNms(t[0], t[1], t[2], 0.4f, new(), splitThreshold: 99).Scores, RandomBoxes(99, span: 20),
                    StrangeScores(99), Index(5, 99)) { Differentiable = false },
                new("split_kept", t => Op.BatchedSoftNms(t[0], t[1], t[2], 0.4f, new(), true, 99).Kept, RandomBoxes(99, span: 20),
                    StrangeScores(99), Index(5, 99)) { Differentiable = false },
            ],
            Errors = [(() => _ = Op.BatchedSoftNms(Tensor.Zeros([2, 4]), Tensor.Zeros([2]), Tensor.Zeros([2]), 0.5f, new()),
                "classes needs elements of type Int32")],
        },
        new(nameof(Op.BestPairs)) {
            Timed = new("timed", t => Op.BestPairs(t[0], 0, 0.05f, 1000).Scores, Uniform(0, 0.06f, 1, 22_400, 80)),
            NoGradient = "indices",
            Samples = [
                .. EachOf("", t => Op.BestPairs(t[0], 1, 0.5f, 40), StrangeScores(2, 30, 4)),
                .. EachOf("_few", t => Op.BestPairs(t[0], 2, 1, 50), Distinct(3, 4, 5)),
                .. EachOf("_many", t => Op.BestPairs(t[0], 0, 0, 1000), Normal(1, 700, 5)),
                .. EachOf("_more", t => Op.BestPairs(t[0], 0, -1, 1000), Normal(1, 700, 5)),
                .. EachOf("_passes", t => Op.BestPairs(t[0], 0, -1, 1000), Normal(1, 3000, 5)),
                .. EachOf("_whole", t => Op.BestPairs(t[0], 0, 0, 1500), Normal(1, 700, 5)),
                .. EachOf("_logits", t => Op.BestPairs(t[0], 1, 0.9f, 40, logits: true), Normal(2, 300, 4)),
                .. EachOf("_many_logits", t => Op.BestPairs(t[0], 1, 0.3f, 40, logits: true), Normal(2, 300, 4)),
                new("none", t => Op.BestPairs(t[0], 0, 0, 9).Scores, Normal(1, 0, 5)) { Differentiable = false },
            ],
            Errors = [
                (() => Op.BestPairs(Tensor.Zeros([2, 3, 4]), 2, 0, 9), "the picture is 2; scores of shape [2, 3, 4] have 2"),
                (() => Op.BestPairs(Tensor.Zeros([2, 3, 4]), 0, 0, -1), "-1 pairs are wanted"),
            ],
        },
        new(nameof(Op.FitBoxes)) {
            Timed = new("timed", t => Op.FitBoxes(t[0], t[1], t[2], new(1344, 800)).Boxes, RandomBoxes(22_400, span: 800), Normal(22_400),
                Index(80, 22_400)),
            NoGradient = "as in detection",
            Samples = [
                new("boxes", t => Op.FitBoxes(t[0], t[1], t[2], new(30, 20, 0.7f, 0.6f)).Boxes, RandomBoxes(60, -5, 30), StrangeScores(60),
                    Index(5, 60)) { Differentiable = false },
                new("labels", t => Op.FitBoxes(t[0], t[1], t[2], new(30, 20, LeastSize: 8)).Labels, RandomBoxes(60, -5, 30),
                    StrangeScores(60), Index(5, 60)) { Differentiable = false },
                new("none", t => Op.FitBoxes(t[0], t[1], t[2], new(30, 20)).Labels, RandomBoxes(0), Normal(0),
                    Index(5, 0)) { Differentiable = false },
            ],
            Errors = [(() => _ = Op.FitBoxes(Tensor.Zeros([2, 4]), Tensor.Zeros([2]), Tensor.Zeros([2]), new(9, 9)),
                "labels needs elements of type Int32")],
        },
        new(nameof(Op.SelectDetections)) {
            Timed = new("timed", t => Op.SelectDetections(t[0], t[1], t[2], 0.6f, 100), RandomBoxes(4000, span: 200), Normal(4000),
                Index(80, 4000)),
            NoGradient = "a choice",
            Samples = [
                Selecting("dropping", 300, 0.4f, 40, null),
                Selecting("agnostic", 90, 0.4f, 120, null, agnostic: true),
                Selecting("split", 90, 0.4f, 120, null, splitFrom: 30),
                Selecting("not_split", 90, 0.4f, 120, null, splitFrom: 85),
                Selecting("strips", 300, 0.6f, 120, null) with { Asks = () => new MaskStrip(32) },
                Selecting("soft", 90, 0.4f, 120, new()),
                Selecting("soft_split", 90, 0.4f, 120, new(SoftNmsMethod.Naive), splitFrom: 30),
                Selecting("soft_not_split", 90, 0.4f, 120, new(), splitFrom: 85),
                Selecting("no_candidate", 0, 0.4f, 7, null),
                new("all_absent", t => Op.SelectDetections(t[0], t[1], t[2], 0.5f, 5), RandomBoxes(3), Normal(3),
                    (_, device) => Tensor.From([-1, -1, -1], [3], device)) { Differentiable = false },
                new("all_absent_soft", t => Op.SelectDetections(t[0], t[1], t[2], 0.5f, 5, new(), splitThreshold: 2), RandomBoxes(3),
                    Normal(3), (_, device) => Tensor.From([-1, -1, -1], [3], device)) { Differentiable = false },
            ],
            Errors = [(() => Op.SelectDetections(Tensor.Zeros([2, 4]), Tensor.Zeros([2]), Tensor.Zeros([2]), 0.5f, 9),
                "labels needs elements of type Int32")],
        },
    ];

    /// <summary>Boxes about 10 wide near each other: with the least span, most pairs overlap. Coordinates are quarters plus an offset, so
    /// that the edges of two lists with different offsets never meet within a check's step.</summary>
    private static Draw RandomBoxes(int count, float offset = 0, int span = 8) => (random, device) => {
        float[] values = new float[4 * count];
        for (int i = 0; i < values.Length; i += 4) {
            (values[i], values[i + 1]) = (random.Next(4 * span) * 0.25f + offset, random.Next(4 * span) * 0.25f + offset);
            (values[i + 2], values[i + 3]) = (values[i] + 4 + random.Next(32) * 0.25f, values[i + 1] + 4 + random.Next(32) * 0.25f);
        }
        return Tensor.From(values, [count, 4], device);
    };

    /// <summary>A sample of each of the four lists that <see cref="Op.BestPairs"/> gives.</summary>
    private static Sample[] EachOf(string name, Func<Tensor[], ScoredPairs> call, params Draw[] inputs) => [
        new("rows" + name, t => call(t).Rows, inputs) { Differentiable = false },
        new("anchors" + name, t => call(t).Anchors, inputs) { Differentiable = false },
        new("labels" + name, t => call(t).Labels, inputs) { Differentiable = false },
        new("scores" + name, t => call(t).Scores, inputs) { Differentiable = false },
    ];

    /// <summary>Of some candidates, about a sixth are absent.</summary>
    private static Sample Selecting(string name, int count, float threshold, int most, SoftNms? soft, bool agnostic = false,
        int splitFrom = 10_000) =>
        new(name, t => Op.SelectDetections(t[0], t[1], t[2], threshold, most, soft, agnostic, splitFrom), RandomBoxes(count, span: 20),
            Uniform(0, 1, count), (random, device) => Tensor.From([.. Enumerable.Range(0, count).Select(_ => random.Next(6) - 1)], [count],
                device)) { Differentiable = false };

    /// <summary>Many equal scores, both zeros, both infinities and NaN among them.</summary>
    private static Draw StrangeScores(params int[] shape) => (random, device) => Tensor.From(
        [.. Enumerable.Range(0, new Shape(shape).Count).Select(_ => random.Next(16) switch {
            0 => float.NaN,
            1 => float.PositiveInfinity,
            2 => float.NegativeInfinity,
            3 => -0f,
            var level => (level - 4) * 0.25f,
        })], new Shape(shape), device);

    /// <summary>The overlap with boxes that never move: the operation has no gradient for its targets.</summary>
    private static Tensor OfFixed(Tensor pred, IouKind kind) =>
        Op.AlignedIou(pred, RandomBoxes(pred.Shape[0], 0.1f)(new Philox(99), pred.Device), kind);

    private static DeltaRule Deltas => DeltaRule.Of(new(0.1f, -0.1f, 0.05f, 0), new(0.1f, 0.2f, 0.3f, 0.4f));

    private static Tensor OfFixed(Tensor deltas, DeltaRule rule) =>
        Op.DecodeDeltas(RandomBoxes(deltas.Shape[0])(new Philox(99), deltas.Device), deltas, rule);
}
