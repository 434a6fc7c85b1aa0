using DenseEngine.Ops;
using static DenseEngine.Cases.Draws;

namespace DenseEngine.Cases;

internal static partial class OpCases {
    private static OpRow[] MatMul => [
        new(nameof(Op.MatMul)) {
            Multiplies = true,
            Timed = new("timed", t => Op.MatMul(t[0], t[1]), Normal(1024, 1024), Normal(1024, 1024)),
            Fixture = "matmul",
            Run = c => Op.MatMul(c.Leaf("a"), c.Leaf("b"), c.Bool("transpose_a"), c.Bool("transpose_b")),
            Samples = [
                new("tiles_edges", t => Op.MatMul(t[0], t[1]), Normal(31, 37), Normal(37, 51)),
                new("many_rows", t => Op.MatMul(t[0], t[1], transposeB: true), Normal(400, 48), Normal(80, 48)),
                new("many_columns", t => Op.MatMul(t[0], t[1], transposeA: true), Normal(64, 5), Normal(64, 900)),
                new("both_transposed", t => Op.MatMul(t[0], t[1], true, true), Normal(2, 19, 35), Normal(2, 21, 19)),
                new("broadcast_batches", t => Op.MatMul(t[0], t[1]), Normal(3, 1, 6, 7), Normal(4, 7, 5)),
                new("one_side_without_batch", t => Op.MatMul(t[0], t[1], transposeA: true), Normal(7, 6), Normal(2, 2, 7, 5)),
                .. InEveryTile(new("tile", t => Op.MatMul(t[0], t[1]), Normal(130, 36), Normal(36, 132))),
                .. InEveryTile(new("transposed_tile", t => Op.MatMul(t[0], t[1], true, true), Normal(20, 68), Normal(131, 20))),
                .. OnTensorCores(new("cores", t => Op.MatMul(t[0], t[1]), SmallWhole(68, 36), SmallWhole(36, 72))),
                .. OnTensorCores(new("cores_transposed", t => Op.MatMul(t[0], t[1], true, true),
                    SmallWhole(20, 36), SmallWhole(40, 20))),
                new("cores_parts", t => Op.MatMul(t[0], t[1]), SmallWhole(4, 200), SmallWhole(200, 12)) {
                    Precision = Precision.TensorFloat32,
                    Asks = () => TileChoice<TensorTileKind>.Force(TensorTileKind.Of64x64, 3),
                },
                new("cores_odd", t => Op.MatMul(t[0], t[1]), SmallWhole(2, 13, 35), SmallWhole(2, 35, 7)) {
                    Precision = Precision.BFloat16,
                    Asks = () => TileChoice<TensorTileKind>.Force(TensorTileKind.Any, 2),
                },
                new("empty", t => Op.MatMul(t[0], t[1]), Normal(0, 4, 3), Normal(1, 3, 2)) { Differentiable = false },
            ],
            Errors = [
                (() => Op.MatMul(Tensor.Zeros([2, 3]), Tensor.Zeros([2, 3])), "the inner sizes 3 and 2 of [2, 3] and [2, 3] differ"),
                (() => Op.MatMul(Tensor.Zeros([2, 3]), Tensor.Zeros([3])), "both need at least two axes"),
                (() => Op.MatMul(Tensor.Zeros([2, 2, 3]), Tensor.Zeros([3, 3, 2])),
                    "the batches of [2, 2, 3] and [3, 3, 2] do not broadcast"),
            ],
        },
        new(nameof(Op.Linear)) {
            Multiplies = true,
            Timed = new("timed", t => Op.Linear(t[0], t[1], t[2]), Normal(1000, 1024), Normal(1024, 1024), Normal(1024)),
            Fixture = "linear",
            Run = c => Op.Linear(c.Leaf("input"), c.Leaf("weight"), c.Optional("bias")),
            Samples = [
                new("rows", t => Op.Linear(t[0], t[1], t[2]), Normal(5, 13, 33), Normal(21, 33), Normal(21)),
                new("many_rows", t => Op.Linear(t[0], t[1], t[2]), Normal(700, 40), Normal(48, 40), Normal(48)),
                new("vector", t => Op.Linear(t[0], t[1]), Normal(17), Normal(3, 17)),
            ],
            Errors = [
                (() => Op.Linear(Tensor.Zeros([2, 3]), Tensor.Zeros([5, 4])), "weight [5, 4] expects 4 inputs but input has shape [2, 3]"),
                (() => Op.Linear(Tensor.Zeros([2, 3]), Tensor.Zeros([5, 3]), Tensor.Zeros([4])), "bias needs shape [5] but has [4]"),
            ],
        },
    ];
    /// <summary>A sample of whole numbers once for each precision below single and each tile of tensor cores.</summary>
    private static IEnumerable<Sample> OnTensorCores(Sample sample) =>
        from precision in new[] { Precision.TensorFloat32, Precision.BFloat16 }
        from kind in Enum.GetValues<TensorTileKind>()
        select sample with {
            Name = $"{sample.Name}_{precision}_{kind}",
            Precision = precision,
            Asks = () => TileChoice<TensorTileKind>.Force(kind, 1),
            Step = 1,
        };

    /// <summary>A sample once for each tile of a device's products.</summary>
    private static IEnumerable<Sample> InEveryTile(Sample sample) => Enum.GetValues<TileKind>().Select(kind =>
        sample with { Name = $"{sample.Name}_{kind}", Asks = () => TileChoice<TileKind>.Force(kind, 1) });
}
