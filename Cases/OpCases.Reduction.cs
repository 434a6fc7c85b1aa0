using DenseEngine.Ops;
using static DenseEngine.Cases.Draws;

namespace DenseEngine.Cases;

internal static partial class OpCases {
    private delegate Tensor ReduceCall(Tensor x, int[]? axes = null, bool keepDims = false);

    private delegate (Tensor Values, Tensor Indices) ExtremeCall(Tensor x, int axis, bool keepDims = false);

    private static OpRow[] Reductions => [
        Reduce(nameof(Op.Sum), "sum", Op.Sum, Normal),
        Reduce(nameof(Op.Mean), "mean", Op.Mean, Normal),
        Reduce(nameof(Op.Amax), "amax", Op.Amax, Distinct)
            with { Errors = NothingToReduce("Amax", x => Op.Amax(x, [1])) },
        Reduce(nameof(Op.Amin), null, Op.Amin, Distinct)
            with { Errors = NothingToReduce("Amin", x => Op.Amin(x, [1])) },
        Extreme(nameof(Op.Max), "max", Op.Max),
        Extreme(nameof(Op.Min), "min", Op.Min),
        new(nameof(Op.ArgMax)) {
            Timed = new("timed", t => Op.ArgMax(t[0], -1), Normal(22_400, 80)),
            Fixture = "argmax",
            Run = c => Op.ArgMax(c.Leaf("input"), c.Given("dim") ? c.Int("dim") : null, c.Bool("keepdim")),
            NoGradient = "indices",
            Samples = [
                new("last", t => Op.ArgMax(t[0], -1), Normal(33, 80)) { Differentiable = false },
                new("middle", t => Op.ArgMax(t[0], 1), Normal(3, 50, 37)) { Differentiable = false },
                    new("fours", t => Op.ArgMax(t[0], 1), Normal(3, 50, 40)) { Differentiable = false },
                new("equal", t => Op.ArgMax(Op.Relu(t[0]), -1), Normal(7, 4000)) { Differentiable = false },
                new("all", t => Op.ArgMax(t[0]), Normal(40_003)) { Differentiable = false },
            ],
            Errors = NothingToReduce("ArgMax", x => Op.ArgMax(x, 1)),
        },
        Lines(nameof(Op.Softmax), "softmax", Op.Softmax),
        Lines(nameof(Op.LogSoftmax), "log_softmax", Op.LogSoftmax),
        new(nameof(Op.ExpectedValue)) {
            Timed = new("timed", t => Op.ExpectedValue(t[0], Bins(t[0], 17)), Normal(89_600, 17)),
            // Compared with mmdetection's Integral in UnitTests.
            Samples = [
                new("edges", t => Op.ExpectedValue(t[0], Bins(t[0], 17)), Normal(40, 17)),
                new("many", t => Op.ExpectedValue(t[0], Bins(t[0], 17)), Normal(700, 4, 17)),
                new("few", t => Op.ExpectedValue(t[0], Bins(t[0], 5)), Normal(2, 3, 5)),
                new("long", t => Op.ExpectedValue(t[0], Bins(t[0], 100)), Normal(21, 100)),
                new("line", t => Op.ExpectedValue(t[0], Bins(t[0], 9)), Normal(9)),
                new("empty", t => Op.ExpectedValue(t[0], Bins(t[0], 9)), Normal(0, 9)) { Differentiable = false },
            ],
            Errors = [
                (() => Op.ExpectedValue(Tensor.Zeros([2, 3]), Tensor.Zeros([4])), "values needs shape [3] but has [4]"),
                (() => Op.ExpectedValue(Tensor.Zeros([2, 0]), Tensor.Zeros([0])), "logits of shape [2, 0] have no bins"),
            ],
        },
    ];

    private static Tensor Bins(Tensor like, int count) =>
        Tensor.From([.. Enumerable.Range(0, count).Select(i => i * i * 0.1f - 1)], [count], like.Device);

    private static OpRow Reduce(string method, string? fixture, ReduceCall call, Func<int[], Draw> draw) => new(method) {
        Fixture = fixture,
        Timed = new("timed", t => call(t[0], [0]), draw([16_800, 256])),
        Run = fixture is null ? null : c => call(c.Leaf("input"), c.Ints("dim"), c.Bool("keepdim")),
        Samples = [
            new("all", t => call(t[0]), draw([3, 5, 7])),
            new("last", t => call(t[0], [-1], true), draw([30, 17])),
            new("first", t => call(t[0], [0]), draw([19, 70])),
            new("between", t => call(t[0], [1, 3]), draw([3, 4, 2, 5, 19])),
            new("outside", t => call(t[0], [0, 2]), draw([4, 3, 1, 6])),
            new("scalar", t => call(t[0]), draw([])),
            new("many_rows", t => call(t[0], [0]), Normal(2001, 40)) { Differentiable = false },
            new("long_row", t => call(t[0]), Normal(150_001)) { Differentiable = false },
            new("long_rows", t => call(t[0], [-1]), Normal(3, 9001)) { Differentiable = false },
            new("long_fours", t => call(t[0], [0, 2]), Normal(2, 3, 4100)) { Differentiable = false },
            new("whole_group", t => call(t[0], [1]), Normal(2, 1600)) { Differentiable = false },
            new("few_columns", t => call(t[0], [0]), Normal(40_001, 3)) { Differentiable = false },
            new("empty", t => call(t[0], [1]), draw([0, 3])) { Differentiable = false },
        ],
        Errors = [
            (() => call(Tensor.Zeros([2, 3]), [0, -2]), $"{method}: axis -2 is named twice"),
            (() => call(Tensor.Zeros([2, 3]), [2]), "Axis 2 does not exist in shape [2, 3]"),
            (() => call(Tensor.Zeros([2], DType.Int32)), $"{method}: x needs elements of type Float32"),
        ],
    };

    private static OpRow Extreme(string method, string fixture, ExtremeCall call) => new(method) {
        Fixture = fixture,
        Timed = new("timed", t => call(t[0], 1).Values, Normal(22_400, 80)),
        Run = c => call(c.Leaf("input"), c.Int("dim"), c.Bool("keepdim")),
        Samples = [
            new("last", t => call(t[0], -1).Values, Distinct(7, 80)),
            new("long", t => call(t[0], -1).Values, Distinct(2, 700)),
            new("short", t => call(t[0], 1, true).Values, Distinct(9, 5)),
            new("middle", t => call(t[0], 1).Values, Distinct(3, 6, 37)),
            new("fours", t => call(t[0], 1).Values, Distinct(3, 6, 8)),
            new("whole_group", t => call(t[0], -1).Values, Distinct(2, 1600)),
            new("longer", t => call(t[0], -1).Values, Distinct(2, 2500)),
            new("odd_longer", t => call(t[0], -1).Values, Distinct(2, 2501)),
            new("many", t => call(t[0], 1).Values, Normal(40, 50, 37)) { Differentiable = false },
            new("places", t => call(t[0], 1).Indices, Normal(40, 50, 37)) { Differentiable = false },
            new("first_of_equals", t => call(Op.Relu(t[0]), -1).Indices, Normal(9, 80)) { Differentiable = false },
            new("empty", t => call(t[0], 1).Values, Normal(0, 3)) { Differentiable = false },
        ],
        Errors =
            [.. NothingToReduce(method, x => call(x, 1)), (() => call(Tensor.Zeros([2, 3]), -3), "Axis -3 does not exist in shape [2, 3]")],
    };

    private static OpRow Lines(string method, string fixture, Func<Tensor, int, Tensor> call) => new(method) {
        Fixture = fixture,
        Timed = new("timed", t => call(t[0], -1), Normal(89_600, 17)),
        Run = c => call(c.Leaf("input"), c.Int("dim")),
        Samples = [
            new("bins", t => call(t[0], -1), Normal(37, 17)),
            new("classes", t => call(t[0], -1), Normal(9, 81)),
            new("middle", t => call(t[0], 1), Normal(3, 9, 37)),
            new("long", t => call(t[0], 1), Normal(3, 700)),
            new("whole_group", t => call(t[0], 1), Normal(2, 1600)) { Differentiable = false },
            new("longer", t => call(t[0], 1), Normal(2, 3000)) { Differentiable = false },
            new("odd_longer", t => call(t[0], 1), Normal(2, 3001)) { Differentiable = false },
            new("one_longer", t => call(t[0], 0), Normal(3001)) { Differentiable = false },
            new("fours", t => call(t[0], 1), Normal(3, 9, 8)),
            new("many", t => call(t[0], 1), Normal(4000, 17)) { Differentiable = false },
            new("empty", t => call(t[0], 0), Normal(0, 3)) { Differentiable = false },
        ],
        Errors = [
            (() => call(Tensor.Zeros([2, 3]), 2), "Axis 2 does not exist in shape [2, 3]"),
            (() => call(Tensor.Zeros([2, 3], DType.Int32), 1), $"{method}: x needs elements of type Float32"),
        ],
    };

    private static (Action, string)[] NothingToReduce(string method, Func<Tensor, object> call) => [
        (() => call(Tensor.Zeros([2, 0])), $"{method}: x, of shape [2, 0], has no elements along the reduced axes"),
        (() => call(Tensor.Zeros([2, 3], DType.Int32)), $"{method}: x needs elements of type Float32"),
    ];
}
