using DenseEngine.Ops;
using static DenseEngine.Cases.Draws;

namespace DenseEngine.Cases;

internal static partial class OpCases {
    private static OpRow[] Shaping => [
        new(nameof(Op.Permute)) {
            Timed = new("timed", t => Op.Permute(t[0], 0, 3, 1, 2), Normal(1, 100, 168, 256)),
            Fixture = "permute",
            Run = c => Op.Permute(c.Leaf("input"), c.Ints("dims")!),
            Samples = [
                new("to_channels_last", t => Op.Permute(t[0], 0, 2, 3, 1), Normal(2, 21, 5, 7)),
                new("to_channels_first", t => Op.Permute(t[0], 0, 3, 1, 2), Normal(2, 5, 7, 21)),
                new("large_transpose", t => Op.Permute(t[0], 1, 0), Normal(130, 257)),
                new("planes", t => Op.Permute(t[0], 2, 0, 3, 1), Normal(3, 35, 2, 40)),
                new("kept_last", t => Op.Permute(t[0], 1, 0, 2), Normal(5, 6, 8)),
                new("all_axes", t => Op.Permute(t[0], 5, 3, 1, 4, 2, 0), Normal(2, 3, 2, 3, 2, 3)),
                new("sizes_of_one", t => Op.Permute(t[0], 4, 1, 3, 0, 2), Normal(3, 1, 4, 1, 5)),
                new("empty", t => Op.Permute(t[0], 1, 0), Normal(0, 3)) { Differentiable = false },
            ],
            Errors = [(() => Op.Permute(Tensor.Zeros([2, 3]), 0, 0), "do not name each axis of shape [2, 3] once")],
        },
        new(nameof(Op.Reshape)) {
            Timed = new("timed", t => Op.Reshape(t[0], 16_800, -1), Normal(1, 100, 168, 256)),
            Samples = [
                new("open", t => Op.Reshape(t[0], 5, -1), Normal(3, 5, 4)),
                new("scalar", t => Op.Reshape(t[0]), Normal(1, 1)),
                new("empty", t => Op.Reshape(t[0], 3, 0), Normal(0, 5)) { Differentiable = false },
            ],
            Errors = [
                (() => Op.Reshape(Tensor.Zeros([2, 3]), 4), "shape [4] has 4 elements"),
                (() => Op.Reshape(Tensor.Zeros([2, 3]), 4, -1), "does not divide"),
            ],
        },
        new(nameof(Op.Concat)) {
            Timed = new("timed", t => Op.Concat(t, 3), Normal(1, 100, 168, 128), Normal(1, 100, 168, 128)),
            Fixture = "concat",
            Run = c => Op.Concat([.. new[] { "a", "b", "c" }.Select(c.Optional).OfType<Tensor>()], c.Int("dim")),
            Samples = [
                new("last", t => Op.Concat(t, -1), Normal(3, 4, 5), Normal(3, 4, 1), Normal(3, 4, 7)),
                new("fours", t => Op.Concat(t, 1), Normal(2, 3, 8), Normal(2, 1, 8), Normal(2, 5, 8)),
                new("first", t => Op.Concat(t, 0), Normal(2, 5), Normal(0, 5), Normal(3, 5)),
            ],
            Errors = [
                (() => Op.Concat([], 0), "no input"),
                (() => Op.Concat([Tensor.Zeros([2, 3]), Tensor.Zeros([2, 4])], 0),
                    "input 1 has shape [2, 4]; all but axis 0 must equal input 0, [2, 3]"),
            ],
        },
        new(nameof(Op.Slice)) {
            Timed = new("timed", t => Op.Slice(t[0], -1, 0, 128), Normal(1, 100, 168, 256)),
            Fixture = "slice",
            Run = c => Op.Slice(c.Leaf("input"), c.Int("dim"), c.Given("start") ? c.Int("start") : 0,
                c.Given("end") ? c.Int("end") : int.MaxValue, c.Given("step") ? c.Int("step") : 1),
            Samples = [
                new("middle", t => Op.Slice(t[0], 1, 2, 5), Normal(3, 7, 4)),
                new("fours", t => Op.Slice(t[0], -1, 4, 12), Normal(3, 2, 16)),
                new("step", t => Op.Slice(t[0], -1, -6, int.MaxValue, 2), Normal(3, 7)),
                new("empty", t => Op.Slice(t[0], 0, 2, 1), Normal(3, 2)) { Differentiable = false },
            ],
            Errors = [
                (() => Op.Slice(Tensor.Zeros([2]), 0, 0, 1, 0), "the step is 0"),
                (() => Op.Slice(Tensor.Zeros([2]), 1, 0, 1), "Axis 1 does not exist"),
            ],
        },
        new(nameof(Op.Pad)) {
            Timed = new("timed", t => Op.Pad(t[0], [0, 0, 0, 0], [0, 4, 8, 0]), Normal(1, 96, 160, 256)),
            Samples = [
                new("picture", t => Op.Pad(t[0], [0, 1, 2, 0], [0, 2, 0, 0], 1.5f), Normal(2, 5, 3, 7)),
                new("fours", t => Op.Pad(t[0], [1, 0, 4], [0, 3, 8], -2), Normal(2, 3, 12)),
                new("channels", t => Op.Pad(t[0], [0, 2], [1, 3]), Normal(4, 19)),
                new("nothing", t => Op.Pad(t[0], [0, 0], [0, 0]), Normal(3, 4)),
                new("scalar", t => Op.Pad(t[0], [], []), Normal()),
                new("empty", t => Op.Pad(t[0], [1, 0], [0, 2]), Normal(0, 3)) { Differentiable = false },
            ],
            Errors = [
                (() => Op.Pad(Tensor.Zeros([2, 3]), [1], [0, 0]), "1 numbers before and 2 after"),
                (() => Op.Pad(Tensor.Zeros([2, 3]), [0, -1], [0, 0]), "axis 1 would get -1 elements before"),
            ],
        },
        new(nameof(Op.Gather)) {
            Timed = new("timed", t => Op.Gather(t[0], t[1], -1), Normal(22_400, 80), Index(80, 22_400, 1)),
            Fixture = "gather",
            Run = c => Op.Gather(c.Leaf("input"), c.Leaf("index"), c.Int("dim")),
            Samples = [
                new("first", t => Op.Gather(t[0], t[1], 0), Normal(9, 21), Index(9, 30, 20)),
                new("last", t => Op.Gather(t[0], t[1], -1), Normal(40, 80), Index(80, 40, 1)),
                new("middle", t => Op.Gather(t[0], t[1], 2), Normal(2, 3, 7, 2, 3, 33), Index(7, 2, 2, 40, 2, 3, 32)),
                new("wide", t => Op.Gather(t[0], t[1], 0), Normal(5, 4000), Index(5, 11, 4000)),
                new("empty", t => Op.Gather(t[0], t[1], 1), Normal(3, 0), Index(1, 3, 0)) { Differentiable = false },
            ],
            Errors = [
                (() => Op.Gather(Tensor.Zeros([2, 3]), Tensor.From([0, 3], [2, 1]), 1),
                    "Gather: index 1 is 3; axis 1 of shape [2, 3] has size 3"),
                (() => Op.Gather(Tensor.Zeros([2, 3]), Tensor.From([-1, 0], [2, 1]), 1), "Gather: index 0 is -1"),
                (() => Op.Gather(Tensor.Zeros([2, 3]), Tensor.Zeros([3, 1], DType.Int32), 1),
                    "index has shape [3, 1]; it needs the rank of x, [2, 3]"),
                (() => Op.Gather(Tensor.Zeros([2, 3]), Tensor.Zeros([2, 1]), 1), "index needs elements of type Int32"),
            ],
        },
        new(nameof(Op.IndexSelect)) {
            Timed = new("timed", t => Op.IndexSelect(t[0], t[1], 0), Normal(22_400, 68), Index(22_400, 1000)),
            Fixture = "index_select",
            Run = c => Op.IndexSelect(c.Leaf("input"), c.Leaf("index"), c.Int("dim")),
            Samples = [
                new("rows", t => Op.IndexSelect(t[0], t[1], 0), Normal(50, 19), Index(50, 90)),
                new("elements", t => Op.IndexSelect(t[0], t[1], -1), Normal(3, 17), Index(17, 40)),
                new("four_wide", t => Op.IndexSelect(t[0], t[1], 0), Normal(20, 8), Index(20, 30)),
                new("middle", t => Op.IndexSelect(t[0], t[1], 1), Normal(2, 7, 3, 5), Index(7, 4)),
                new("fours", t => Op.IndexSelect(t[0], t[1], 1), Normal(2, 9, 12), Index(9, 20)),
                new("many", t => Op.IndexSelect(t[0], t[1], 0), Normal(30, 2), Index(30, 5000)),   // a sort of several tiles
                new("none", t => Op.IndexSelect(t[0], t[1], 0), Normal(4, 3), Index(1, 0)) { Differentiable = false },
            ],
            Errors = [
                (() => Op.IndexSelect(Tensor.Zeros([2, 3]), Tensor.From([1, 1, 2], [3]), 0),
                    "IndexSelect: index 2 is 2; axis 0 of shape [2, 3] has size 2"),
                (() => Op.IndexSelect(Tensor.Zeros([0, 3]), Tensor.From([0], [1]), 0),
                    "IndexSelect: index 0 is 0; axis 0 of shape [0, 3] has size 0"),
                (() => Op.IndexSelect(Tensor.Zeros([2, 3]), Tensor.Zeros([1, 1], DType.Int32), 0), "index needs rank 1"),
            ],
        },
        new(nameof(Op.ScatterAdd)) {
            Timed = new("timed", t => Op.ScatterAdd(t[0], t[1], t[2], 0), Normal(22_400, 68), Index(22_400, 1000, 68), Normal(1000, 68)),
            Fixture = "scatter_add",
            Run = c => Op.ScatterAdd(c.Leaf("input"), c.Leaf("index"), c.Leaf("src"), c.Int("dim")),
            Samples = [
                new("first", t => Op.ScatterAdd(t[0], t[1], t[2], 0), Normal(9, 21), Index(9, 30, 20), Normal(31, 21)),
                new("last", t => Op.ScatterAdd(t[0], t[1], t[2], -1), Normal(40, 8), Index(8, 40, 50), Normal(40, 50)),
                new("wide", t => Op.ScatterAdd(t[0], t[1], t[2], 1), Normal(2, 5, 700), Index(5, 2, 11, 700), Normal(2, 11, 700)),
                new("empty", t => Op.ScatterAdd(t[0], t[1], t[2], 0), Normal(3, 4), Index(1, 0, 4),
                    Normal(0, 4)) { Differentiable = false },
            ],
            Errors = [
                (() => Op.ScatterAdd(Tensor.Zeros([2, 3]), Tensor.From([0, 3], [2, 1]), Tensor.Zeros([2, 1]), 1),
                    "ScatterAdd: index 1 is 3"),
                (() => Op.ScatterAdd(Tensor.Zeros([2, 3]), Tensor.From([0, 1], [2, 1]), Tensor.Zeros([1, 1]), 1),
                    "no size may be above the source's, [1, 1]"),
            ],
        },
        new(nameof(Op.TopK)) {
            Timed = new("timed", t => Op.TopK(t[0], 1000).Values, Normal(1_000_000)),
            Fixture = "topk",
            Run = c => Op.TopK(c.Leaf("input"), c.Int("k"), c.Int("dim"), c.Bool("largest")),
            Samples = [
                new("rows", t => Op.TopK(t[0], 5).Values, Distinct(7, 90)),
                new("smallest", t => Op.TopK(t[0], 3, 0, largest: false).Values, Distinct(60, 5)),
                new("all", t => Op.TopK(t[0], 33).Values, Distinct(4, 33)),
                new("long", t => Op.TopK(t[0], 100).Values, Distinct(70_001)) { Differentiable = false },   // too many values to keep apart
                new("half", t => Op.TopK(t[0], 1500, 0).Values, Distinct(2500, 2)) { Differentiable = false },
                new("places", t => Op.TopK(t[0], 30, largest: false).Indices, Normal(3, 2100)) { Differentiable = false },
                new("none", t => Op.TopK(t[0], 0).Values, Distinct(3, 4)) { Differentiable = false },
            ],
            Errors = [
                (() => Op.TopK(Tensor.Zeros([2, 3]), 4), "k is 4; axis 1 of shape [2, 3] has 3 elements"),
                (() => Op.TopK(Tensor.Zeros([2, 3]), -1), "k is -1"),
            ],
        },
    ];
}
