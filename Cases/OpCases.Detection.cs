using DenseEngine.Ops;
using static DenseEngine.Cases.Draws;

namespace DenseEngine.Cases;

internal static partial class OpCases {
    /// <summary>What carries detection from maps to boxes, and from boxes to regions.</summary>
    private static OpRow[] Detection => [
        new(nameof(Op.Peaks)) {
            // Compared with the original in UnitTests.
            NoGradient = "it selects detections",
            Timed = new("timed", t => Op.Peaks(t[0], 100, offsets: t[1]).Rows, Uniform(0, 1, 1, 128, 128, 80), Normal(1, 128, 128, 2)),
            Samples = [
                new("rows", t => Op.Peaks(t[0], 7, offsets: t[1]).Rows, Distinct(2, 5, 6, 3), Normal(2, 5, 6, 2)) { Differentiable = false },
                new("scores", t => Op.Peaks(t[0], 7, 5).Scores, Distinct(2, 5, 6, 3)) { Differentiable = false },
                new("labels_of_ties", t => Op.Peaks(t[0], 40).Labels, Whole(3, 2, 8, 9, 4)) { Differentiable = false },
                new("cells", t => Op.Peaks(t[0], 9).Cells, Distinct(3, 5, 4, 2)) { Differentiable = false },
                new("all", t => Op.Peaks(t[0], 99).Rows, Distinct(2, 3, 4, 2)) { Differentiable = false },
                new("at", t => Op.Peaks(t[0], 6).At(t[1]), Distinct(2, 5, 6, 3), Normal(2, 5, 6, 4)) { Differentiable = false },
                new("none", t => Op.Peaks(t[0], 0).Rows, Distinct(2, 3, 4, 2)) { Differentiable = false },
            ],
            Errors = [
                (() => Op.Peaks(Tensor.Zeros([1, 0, 4, 2]), 3), "3 peaks of a map of shape [1, 0, 4, 2]"),
                (() => Op.Peaks(Tensor.Zeros([1, 3, 4, 2]), 3, offsets: Tensor.Zeros([1, 3, 4, 1])), "offsets needs shape [1, 3, 4, 2]"),
            ],
        },
        new(nameof(Op.CenterBoxes)) {
            NoGradient = "as in detection",
            Timed = new("timed", t => Op.CenterBoxes(t[0], t[1], new(4, 4)), Uniform(0, 128, 100, 6), Uniform(0, 9, 100, 2)),
            Samples = [
                new("scaled", t => Op.CenterBoxes(t[0], t[1], new(4, 3.9f, 5, 6, 1.3f, 0.7f)), Uniform(0, 30, 70, 6),
                    Uniform(0, 9, 70, 2)) { Differentiable = false },
                new("none", t => Op.CenterBoxes(t[0], t[1], new(4, 4)), Normal(0, 6), Normal(0, 2)) { Differentiable = false },
            ],
            Errors = [(() => Op.CenterBoxes(Tensor.Zeros([3, 6]), Tensor.Zeros([2, 2]), new(4, 4)), "sizes needs shape [3, 2]")],
        },
        new(nameof(Op.PairCorners)) {
            // Whole detectors are compared with the original in CornerNetTests.
            NoGradient = "it selects detections",
            Timed = new("timed", t => Op.PairCorners(t[0], t[1], t[2], t[3], new(new(4, 4, 511, 511), 0.5f, 0)).Scores, Corners(100),
                Uniform(0, 1, 100, 1), Corners(100), Uniform(0, 1, 100, 1)),
            Samples = [
                .. Pairing("", new(new(4, 3.9f, 5, 6), 0.5f, 0.2f)),
                .. Pairing("_mirrored", new(new(3.9f, 4, 5, 6), 0.8f, -1, Mirror: 61)),
                .. Pairing("_loose", new(new(4, 4, 40, 40), 0.8f, -1, Loose: 1)),
            ],
            Errors = [(() => Op.PairCorners(Tensor.Zeros([3, 6]), Tensor.Zeros([3, 1]), Tensor.Zeros([2, 6]), Tensor.Zeros([3, 1]),
                new(new(4, 4), 1, 0)), "secondEmbeddings needs shape [2, 1]")],
        },
        new(nameof(Op.Regions)) {
            NoGradient = "as in detection",
            Timed = new("timed", t => Op.Regions(t[0], 2), Found(2000)),
            Samples = [
                new("three_pictures", t => Op.Regions(t[0], 3), Found(60)) { Differentiable = false },
                new("none", t => Op.Regions(t[0], 3), Found(0)) { Differentiable = false },
            ],
            Errors = [
                (() => Op.Regions(Tensor.Zeros([5, 7]), 3), "5 rows are not as many for each of 3 pictures"),
                (() => Op.Regions(Tensor.Zeros([6, 6]), 3), "rows needs shape [6, 7]"),
            ],
        },
        new(nameof(Op.RegionLevels)) {
            // Compared with the original in UnitTests.
            NoGradient = "a choice",
            Timed = new("timed", t => Op.RegionLevels(t[0], 56, [112, 224, 448]), Uniform(0, 800, 2000, 5)),
            Samples = [
                new("four", t => Op.RegionLevels(Op.Regions(t[0], 2), 3, [2, 4, 8]), Found(300)) { Differentiable = false },
                new("one", t => Op.RegionLevels(Op.Regions(t[0], 2), 3, []), Found(30)) { Differentiable = false },
                new("none", t => Op.RegionLevels(t[0], 3, [2]), Normal(0, 5)) { Differentiable = false },
            ],
            Errors = [(() => Op.RegionLevels(Tensor.Zeros([2, 4]), 56, [2]), "regions needs shape [2, 5]")],
        },
        new(nameof(Op.PairsAbove)) {
            // Compared with the original in UnitTests.
            NoGradient = "indices",
            Timed = new("timed", t => Op.PairsAbove(t[0], 0.05f, 20_000).Scores, Uniform(0, 0.06f, 1000, 81)),
            Samples = [
                .. EachList("", t => Op.PairsAbove(t[0], 0.5f, 200, t[1]), StrangeScores(40, 5), Presence(40)),
                .. EachList("_cut", t => Op.PairsAbove(t[0], 0.5f, 30), Uniform(0, 1, 40, 5)),
                .. EachList("_many", t => Op.PairsAbove(t[0], 0.9f, 4000), Uniform(0, 1, 700, 9)),
                new("scores_of_none", t => Op.PairsAbove(t[0], 0.5f, 9).Scores, Normal(0, 3)) { Differentiable = false },
                new("labels_all_absent", t => Op.PairsAbove(t[0], -1, 9, t[1]).Labels, Uniform(0, 1, 3, 3),
                    (_, device) => Tensor.From([-1, -1, -1], [3], device)) { Differentiable = false },
            ],
            Errors = [
                (() => Op.PairsAbove(Tensor.Zeros([4, 1]), 0, 9), "9 pairs of scores of shape [4, 1]; it needs a class and a background"),
                (() => Op.PairsAbove(Tensor.Zeros([4, 3]), 0, 9, Tensor.Zeros([4])), "present needs elements of type Int32"),
            ],
        },
    ];

    /// <summary>Each list of the pairs of two picture's corners: few classes and near embeddings, so that many join.</summary>
    private static Sample[] Pairing(string name, CornerRule rule) {
        Draw[] inputs = [Corners(12), Uniform(0, 1, 12, 1), Corners(15), Uniform(0, 1, 15, 1)];
        return [
            new("boxes" + name, t => Op.PairCorners(t[0], t[1], t[2], t[3], rule).Boxes, inputs) { Differentiable = false },
            new("scores" + name, t => Op.PairCorners(t[0], t[1], t[2], t[3], rule).Scores, inputs) { Differentiable = false },
            new("labels" + name, t => Op.PairCorners(t[0], t[1], t[2], t[3], rule).Labels, inputs) { Differentiable = false },
        ];
    }

    /// <summary>Rows of peaks of three classes; coordinates in halves, so that some are equal.</summary>
    private static Draw Corners(int count) => (random, device) => Tensor.From([.. Enumerable.Range(0, count).SelectMany(_ =>
        (float[])[random.Next(40) * 0.5f, random.Next(40) * 0.5f, 0, 0, random.Next(100) * 0.01f, random.Next(3)])], [count, 6], device);

    /// <summary>Rows of detections; about a quarter hold none.</summary>
    private static Draw Found(int count) => (random, device) => Tensor.From([.. Enumerable.Range(0, count).SelectMany(i => {
        (float x, float y) = (random.Next(400) * 0.1f, random.Next(400) * 0.1f);
        return (float[])[x, y, x + random.Next(900) * 0.1f, y + random.Next(900) * 0.1f, 0.5f, random.Next(4) - 1, i];
    })], [count, 7], device);

    private static Draw Presence(int count) => (random, device) => Tensor.From([.. Enumerable.Range(0, count).Select(_ =>
        random.Next(4) - 1)], [count], device);

    private static Sample[] EachList(string name, Func<Tensor[], ClassPairs> call, params Draw[] inputs) => [
        new("places" + name, t => call(t).Places, inputs) { Differentiable = false },
        new("rows" + name, t => call(t).Rows, inputs) { Differentiable = false },
        new("labels" + name, t => call(t).Labels, inputs) { Differentiable = false },
        new("scores" + name, t => call(t).Scores, inputs) { Differentiable = false },
    ];
}
