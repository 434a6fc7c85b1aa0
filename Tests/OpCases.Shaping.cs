using DenseEngine.Ops;
using static DenseEngine.Tests.Draws;

namespace DenseEngine.Tests;

internal static partial class OpCases {
    private static OpRow[] Shaping => [
        new(nameof(Op.Permute)) {
            Fixture = "permute",
            Run = c => Op.Permute(c.Leaf("input"), c.Ints("dims")!),
            Samples = [
                new("to_channels_last", t => Op.Permute(t[0], 0, 2, 3, 1), Normal(2, 21, 5, 7)),
                new("to_channels_first", t => Op.Permute(t[0], 0, 3, 1, 2), Normal(2, 5, 7, 21)),
                new("large_transpose", t => Op.Permute(t[0], 1, 0), Normal(130, 257)),
                new("sizes_of_one", t => Op.Permute(t[0], 4, 1, 3, 0, 2), Normal(3, 1, 4, 1, 5)),
                new("empty", t => Op.Permute(t[0], 1, 0), Normal(0, 3)) { Differentiable = false },
            ],
            Errors = [(() => Op.Permute(Tensor.Zeros([2, 3]), 0, 0), "do not name each axis of shape [2, 3] once")],
        },
        new(nameof(Op.Reshape)) {
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
            Fixture = "concat",
            Run = c => Op.Concat([.. new[] { "a", "b", "c" }.Select(c.Optional).OfType<Tensor>()], c.Int("dim")),
            Samples = [
                new("last", t => Op.Concat(t, -1), Normal(3, 4, 5), Normal(3, 4, 1), Normal(3, 4, 7)),
                new("first", t => Op.Concat(t, 0), Normal(2, 5), Normal(0, 5), Normal(3, 5)),
            ],
            Errors = [
                (() => Op.Concat([], 0), "no input"),
                (() => Op.Concat([Tensor.Zeros([2, 3]), Tensor.Zeros([2, 4])], 0), "input 1 has shape [2, 4]; all but axis 0 must equal input 0, [2, 3]"),
            ],
        },
        new(nameof(Op.Slice)) {
            Fixture = "slice",
            Run = c => Op.Slice(c.Leaf("input"), c.Int("dim"), c.Given("start") ? c.Int("start") : 0, c.Given("end") ? c.Int("end") : int.MaxValue, c.Given("step") ? c.Int("step") : 1),
            Samples = [
                new("middle", t => Op.Slice(t[0], 1, 2, 5), Normal(3, 7, 4)),
                new("step", t => Op.Slice(t[0], -1, -6, int.MaxValue, 2), Normal(3, 7)),
                new("empty", t => Op.Slice(t[0], 0, 2, 1), Normal(3, 2)) { Differentiable = false },
            ],
            Errors = [
                (() => Op.Slice(Tensor.Zeros([2]), 0, 0, 1, 0), "the step is 0"),
                (() => Op.Slice(Tensor.Zeros([2]), 1, 0, 1), "Axis 1 does not exist"),
            ],
        },
    ];
}
