using DenseEngine.Ops;
using static DenseEngine.Cases.Draws;

namespace DenseEngine.Cases;

internal static partial class OpCases {
    private static OpRow[] Norm => [
        new(nameof(Op.BatchNorm)) {
            Timed = new("timed", t => Op.BatchNorm(t[0], t[1], t[2], Zeros(t[0], 256), Ones(t[0], 256), true), Normal(1, 100, 168, 256),
                Normal(256), Normal(256)),
            Fixture = "batch_norm",
            Run = c => {
                bool picture = c.Leaf("input").Shape.Rank == 4;
                Tensor mean = c.Leaf("running_mean"), variance = c.Leaf("running_var");
                Tensor y =
                    Op.BatchNorm(picture ? c.Nhwc("input") : c.Leaf("input"), c.Optional("weight"), c.Optional("bias"), mean, variance,
                    c.Bool("training"), c.Float("momentum"), c.Float("eps"));
                return new Outputs(("output", picture ? FixtureCase.Nchw(y) : y), ("running_mean", mean), ("running_var", variance));
            },
            Samples = [
                new("training", t => Op.BatchNorm(t[0], t[1], t[2], Zeros(t[0], 21), Ones(t[0], 21), true), Normal(3, 5, 4, 21), Normal(21),
                    Normal(21)),
                new("frozen", t => Op.BatchNorm(t[0], t[1], t[2], Zeros(t[0], 16), Ones(t[0], 16), false), Normal(2, 7, 16), Normal(16),
                    Normal(16)),
                new("frozen_parameters", t =>
                    Op.BatchNorm(t[0], Ones(t[0], 21), Zeros(t[0], 21), Ones(t[0], 21), Tensor.Full([21], 4, t[0].Device), false),
                    Normal(3, 5, 21)),
                new("frozen_plain", t => Op.BatchNorm(t[0], null, null, Ones(t[0], 16), Tensor.Full([16], 4, t[0].Device), false),
                    Normal(9, 16)),
                new("many_rows", t => Op.BatchNorm(t[0], t[1], t[2], Zeros(t[0], 16), Ones(t[0], 16), true), Normal(8, 40, 20, 16),
                    Normal(16), Normal(16)),
                new("far_from_zero", t => Op.BatchNorm(Op.Affine(t[0], 1, 30), t[1], t[2], Zeros(t[0], 12), Ones(t[0], 12), true),
                    Normal(3, 30, 12), Normal(12), Normal(12)),
                new("relu", t => Op.BatchNorm(t[0], Op.Affine(t[1], 0.03f, 0), t[2], Zeros(t[0], 21), Ones(t[0], 21), true, relu: true),
                    Normal(3, 5, 4, 21), Normal(21), OffZero(21)),
                new("relu_running", t => Op.BatchNorm(t[0], t[1], null, Zeros(t[0], 48), Ones(t[0], 48), false, relu: true),
                    OffZero(2, 9, 48), OffZero(48)),
                new("residual", t => Op.BatchNorm(t[0], Op.Affine(t[1], 0.3f, 0), null, Zeros(t[0], 21), Ones(t[0], 21), true, relu: true,
                    residual: Op.Affine(t[2], 20, 0)), Normal(3, 5, 4, 21), Normal(21), OffZero(3, 5, 4, 21)),
                new("residual_vectors", t => Op.BatchNorm(t[0], Op.Affine(t[1], 0.3f, 0), null, Zeros(t[0], 16), Ones(t[0], 16), true,
                    relu: true, residual: Op.Affine(t[2], 20, 0)), Normal(3, 50, 4, 16), Normal(16), OffZero(3, 50, 4, 16)),
                new("residual_running", t => Op.BatchNorm(t[0], Op.Affine(t[1], 0.3f, 0), t[3], Zeros(t[0], 16), Ones(t[0], 16), false,
                    relu: true, residual: Op.Affine(t[2], 20, 0)), Normal(2, 9, 5, 16), Normal(16), OffZero(2, 9, 5, 16), Normal(16)),
                new("residual_without_relu", t => Op.BatchNorm(t[0], t[1], null, Zeros(t[0], 21), Ones(t[0], 21), true, residual: t[2]),
                    Normal(3, 5, 4, 21), Normal(21), Normal(3, 5, 4, 21)),
                new("relu_frozen", t => Op.BatchNorm(t[0], null, null, Zeros(t[0], 16), Ones(t[0], 16), false, relu: true),
                    OffZero(2, 9, 16)),
                new("plain", t => Op.BatchNorm(t[0], null, null, Zeros(t[0], 5), Ones(t[0], 5), true), Normal(11, 5)),
                new("empty", t => Op.BatchNorm(t[0], null, null, Zeros(t[0], 5), Ones(t[0], 5), false),
                    Normal(0, 4, 4, 5)) { Differentiable = false },
            ],
            Errors = [
                (() => Op.BatchNorm(Tensor.Zeros([2, 3]), null, null, Tensor.Zeros([3]), Tensor.Zeros([3]), true,
                    residual: Tensor.Zeros([3])),
                    "residual needs shape [2, 3] but has [3]"),
                (() => Op.BatchNorm(Tensor.Zeros([2, 3]), Tensor.Zeros([4]), null, Tensor.Zeros([3]), Tensor.Zeros([3]), true),
                    "weight needs shape [3] but has [4]"),
                (() => Op.BatchNorm(Tensor.Zeros([1, 3]), null, null, Tensor.Zeros([3]), Tensor.Zeros([3]), true), "more than one value"),
            ],
        },
        new(nameof(Op.GroupNorm)) {
            Timed = new("timed", t => Op.GroupNorm(t[0], 32, t[1], t[2]), Normal(1, 100, 168, 256), Normal(256), Normal(256)),
            Fixture = "group_norm",
            Run = c => FixtureCase.Nchw(Op.GroupNorm(c.Nhwc("input"), c.Int("num_groups"), c.Optional("weight"), c.Optional("bias"),
                c.Float("eps"))),
            Samples = [
                new("groups", t => Op.GroupNorm(t[0], 4, t[1], t[2]), Normal(2, 5, 3, 20), Normal(20), Normal(20)),
                new("many_rows", t => Op.GroupNorm(t[0], 16, t[1], t[2]), Normal(3, 40, 20, 48), Normal(48), Normal(48)),
                new("vectors", t => Op.GroupNorm(t[0], 4, t[1], t[2]), Normal(2, 15, 7, 48), Normal(48), Normal(48)),
                new("parts", t => Op.GroupNorm(t[0], 2, t[1], t[2]), Normal(2, 50, 44, 8), Normal(8), Normal(8)),
                new("odd_parts", t => Op.GroupNorm(t[0], 2, t[1], t[2]), Normal(2, 50, 44, 6), Normal(6), Normal(6)),
                new("plain", t => Op.GroupNorm(t[0], 1, null, null), Normal(3, 7)),
                // Small weights keep channels off the kink; NormTests has the others.
                new("relu", t => Op.GroupNorm(t[0], 4, Op.Affine(t[1], 0.03f, 0), t[2], relu: true), Normal(2, 5, 3, 20), Normal(20),
                    OffZero(20)),
                new("relu_vectors", t => Op.GroupNorm(t[0], 20, Op.Affine(t[1], 0.03f, 0), t[2], relu: true), Normal(3, 15, 7, 80),
                    Normal(80), OffZero(80)),
                new("relu_plain", t => Op.GroupNorm(t[0], 1, null, null, relu: true), Normal(3, 7)) { Differentiable = false },
                new("empty", t => Op.GroupNorm(t[0], 2, null, null), Normal(0, 4, 4, 6)) { Differentiable = false },
            ],
            Errors = [
                (() => Op.GroupNorm(Tensor.Zeros([2, 3]), 2, null, null), "2 groups do not divide the 3 channels"),
                (() => Op.GroupNorm(Tensor.Zeros([2, 4]), 2, null, Tensor.Zeros([3])), "bias needs shape [4] but has [3]"),
            ],
        },
        new(nameof(Op.LayerNorm)) {
            Timed = new("timed", t => Op.LayerNorm(t[0], 1, t[1], t[2]), Normal(16_800, 256), Normal(256), Normal(256)),
            Fixture = "layer_norm",
            Run = c =>
                Op.LayerNorm(c.Leaf("input"), c.Ints("normalized_shape")!.Length, c.Optional("weight"), c.Optional("bias"), c.Float("eps")),
            Samples = [
                new("last", t => Op.LayerNorm(t[0], 1, t[1], t[2]), Normal(6, 19), Normal(19), Normal(19)),
                new("vectors", t => Op.LayerNorm(t[0], 1, t[1], t[2]), Normal(3, 30, 24), Normal(24), Normal(24)),
                new("long", t => Op.LayerNorm(t[0], 1, t[1], t[2]), Normal(2, 600), Normal(600), Normal(600)),
                new("two", t => Op.LayerNorm(t[0], 2, t[1], t[2]), Normal(3, 4, 9), Normal(4, 9), Normal(4, 9)),
            ],
            Errors = [
                (() => Op.LayerNorm(Tensor.Zeros([2, 3]), 3, null, null), "3 axes cannot be normalised in shape [2, 3]"),
                (() => Op.LayerNorm(Tensor.Zeros([2, 3]), 1, Tensor.Zeros([2]), null), "weight needs shape [3] but has [2]"),
            ],
        },
    ];

    private static Tensor Zeros(Tensor like, int count) => Tensor.Zeros([count], DType.Float32, like.Device);

    private static Tensor Ones(Tensor like, int count) => Tensor.Full([count], 1, like.Device);
}
