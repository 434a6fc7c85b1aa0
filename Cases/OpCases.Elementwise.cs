using DenseEngine.Ops;
using static DenseEngine.Cases.Draws;

namespace DenseEngine.Cases;

internal static partial class OpCases {
    private static OpRow[] Elementwise => [
        Unary(nameof(Op.Neg), null, Op.Neg, Normal),
        Unary(nameof(Op.Abs), "abs", Op.Abs, OffZero),
        Unary(nameof(Op.Exp), "exp", Op.Exp, Normal),
        Unary(nameof(Op.Log), "log", Op.Log, Positive),
        Unary(nameof(Op.Sqrt), "sqrt", Op.Sqrt, Positive),
        Unary(nameof(Op.Relu), "relu", Op.Relu, OffZero),
        Unary(nameof(Op.Sigmoid), "sigmoid", Op.Sigmoid, Normal),
        Unary(nameof(Op.LogSigmoid), "log_sigmoid", Op.LogSigmoid, Normal),
        Unary(nameof(Op.Tanh), "tanh", Op.Tanh, Normal),
        Unary(nameof(Op.LeakyRelu), "leaky_relu", x => Op.LeakyRelu(x, 0.2f), OffZero)
            with { Run = c => Op.LeakyRelu(c.Leaf("input"), c.Float("negative_slope")) },
        Unary(nameof(Op.Softplus), "softplus", x => Op.Softplus(x, 1.5f), Normal)
            with { Run = c => Op.Softplus(c.Leaf("input"), c.Float("beta"), c.Float("threshold")) },
        Unary(nameof(Op.Pow), "pow", x => Op.Pow(x, 2.5f), Positive) with { Run = c => Op.Pow(c.Leaf("input"), c.Float("exponent")) },
        Unary(nameof(Op.Clamp), "clamp", x => Op.Clamp(x, -0.1f, 0.1f), OffZero) with {
            Run = c => Op.Clamp(c.Leaf("input"), c.Given("min") ? c.Float("min") : float.NegativeInfinity,
                c.Given("max") ? c.Float("max") : float.PositiveInfinity),
            Samples = [
                new("open_below", t => Op.Clamp(t[0], float.NegativeInfinity, 0.1f), OffZero(5, 33)),
                new("empty", t => Op.Clamp(t[0], -1, 1), Normal(0, 3)) { Differentiable = false },
            ],
        },
        Unary(nameof(Op.Affine), null, x => Op.Affine(x, -1.5f, 0.25f), Normal),
        Binary(nameof(Op.Add), "add", Op.Add, Normal),
        Binary(nameof(Op.Sub), "sub", Op.Sub, Normal),
        Binary(nameof(Op.Mul), "mul", Op.Mul, Normal),
        Binary(nameof(Op.Div), "div", Op.Div, Positive),
        Binary(nameof(Op.Maximum), "maximum", Op.Maximum, Normal) with { Samples = Extremes(Op.Maximum) },
        Binary(nameof(Op.Minimum), "minimum", Op.Minimum, Normal) with { Samples = Extremes(Op.Minimum) },
        new(nameof(Op.Where)) {
            Timed = new("timed", t => Op.Where(t[0], t[1], t[2]), Index(2, 1, 100, 168, 256), Normal(1, 100, 168, 256), Normal(1, 100,
                168, 256)),
            Fixture = "where",
            Run = c => Op.Where(c.Leaf("condition"), c.Leaf("a"), c.Leaf("b")),
            Samples = [
                new("same", t => Op.Where(t[0], t[1], t[2]), Index(2, 3, 17), Normal(3, 17), Normal(3, 17)),
                new("channels", t => Op.Where(t[0], t[1], t[2]), Index(2, 5, 1), Normal(5, 8), Normal(8)),
                new("broadcast", t => Op.Where(t[0], t[1], t[2]), Index(2, 4, 1, 5), Normal(3, 1), Normal(5)),
                // two gradients of one tensor are added up
                new("twice", t => Op.Where(t[0], t[1], t[1]), Index(2, 5, 7), Normal(5, 7)),
                new("empty", t => Op.Where(t[0], t[1], t[2]), Index(2, 0, 3), Normal(0, 3), Normal(3)) { Differentiable = false },
            ],
            Errors = [
                (() => Op.Where(Tensor.Zeros([2]), Tensor.Zeros([2]), Tensor.Zeros([2])), "condition needs elements of type Int32"),
                (() => Op.Where(Tensor.Zeros([2], DType.Int32), Tensor.Zeros([3]), Tensor.Zeros([2])),
                    "shapes [3] and [2] do not broadcast"),
            ],
        },
    ];

    private static Draw Positive(params int[] shape) => Uniform(0.3f, 3, shape);

    private static OpRow Unary(string method, string? fixture, Func<Tensor, Tensor> call, Func<int[], Draw> draw) => new(method) {
        Fixture = fixture,
        Timed = new("timed", t => call(t[0]), draw([1, 100, 168, 256])),
        Run = fixture is null ? null : c => call(c.Leaf("input")),
        Samples = [
            new("rows", t => call(t[0]), draw([3, 5, 37])),
            new("scalar", t => call(t[0]), draw([])),
            new("many", t => call(t[0]), draw([40_003])),
            new("empty", t => call(t[0]), draw([0, 3])) { Differentiable = false },
        ],
        Errors = [(() => call(Tensor.Zeros([2], DType.Int32)), $"{method}: x needs elements of type Float32")],
    };

    private static OpRow Binary(string method, string fixture, Func<Tensor, Tensor, Tensor> call, Func<int[], Draw> draw) => new(method) {
        Fixture = fixture,
        Timed = new("timed", t => call(t[0], t[1]), draw([1, 100, 168, 256]), draw([1, 100, 168, 256])),
        Run = c => call(c.Leaf("a"), c.Leaf("b")),
        Samples = [
            new("same", t => call(t[0], t[1]), draw([3, 5, 37]), draw([3, 5, 37])),
            new("channels", t => call(t[0], t[1]), draw([2, 9, 9, 24]), draw([24])),
            new("rows", t => call(t[0], t[1]), draw([6, 1]), draw([6, 21])),
            new("outer", t => call(t[0], t[1]), draw([3, 1, 5]), draw([7, 1])),
            new("middle", t => call(t[0], t[1]), draw([4, 1, 2, 1, 18]), draw([1, 3, 2, 5, 1])),
            new("scalar", t => call(t[0], t[1]), draw([19]), draw([])),
            new("boxes", t => call(t[0], t[1]), draw([1, 9, 4]), draw([5, 1, 4])),
            new("rows_of_fours", t => call(t[0], t[1]), draw([6, 20]), draw([6, 1])),
            new("many", t => call(t[0], t[1]), draw([33, 1009]), draw([33, 1009])),
            new("empty", t => call(t[0], t[1]), draw([0, 3]), draw([3])) { Differentiable = false },
        ],
        Errors = [
            (() => call(Tensor.Zeros([2, 3]), Tensor.Zeros([2])), $"{method}: shapes [2, 3] and [2] do not broadcast"),
            (() => call(Tensor.Zeros([2]), Tensor.Zeros([2], DType.Int32)), $"{method}: b needs elements of type Float32"),
        ],
    };

    /// <summary>Operands that never come within a step of each other.</summary>
    private static Sample[] Extremes(Func<Tensor, Tensor, Tensor> call) {
        static Draw Off(params int[] shape) => (random, device) => Op.Affine(Distinct(shape)(random, device), 1, 0.05f).Detach();
        return [
            new("same", t => call(t[0], t[1]), Distinct(3, 5, 7), Off(3, 5, 7)),
            new("channels", t => call(t[0], t[1]), Distinct(9, 24), Off(24)),
            new("odd_channels", t => call(t[0], t[1]), Distinct(9, 7), Off(7)),
            new("empty", t => call(t[0], t[1]), Distinct(0, 3), Off(3)) { Differentiable = false },
        ];
    }
}
