using DenseEngine.Ops;

namespace DenseEngine.Benchmarks;

/// <summary>Elementwise operations on a feature map of GFL-R50; the demonstration's small maps show what a call costs.</summary>
public class ElementwiseBenchmarks : WorkloadBenchmarks {
    private static readonly Draw Large = Draws.Between(0.25f, 1.25f, 1, 100, 168, 256), Small = Draws.Map(8, 20, 20, 48);

    /// <inheritdoc/>
    protected override IEnumerable<Workload> Table => [
        .. Unary(nameof(Op.Abs), Op.Abs), .. Unary(nameof(Op.Affine), x => Op.Affine(x, 2, 1)),
        .. Unary(nameof(Op.Clamp), x => Op.Clamp(x, 0.5f, 1)), .. Unary(nameof(Op.Exp), Op.Exp),
        .. Unary(nameof(Op.LeakyRelu), x => Op.LeakyRelu(x)), .. Unary(nameof(Op.Log), Op.Log),
        .. Unary(nameof(Op.LogSigmoid), Op.LogSigmoid), .. Unary(nameof(Op.Neg), Op.Neg), .. Unary(nameof(Op.Pow), x => Op.Pow(x, 1.5f)),
        .. Unary(nameof(Op.Relu), Op.Relu), .. Unary(nameof(Op.Sigmoid), Op.Sigmoid), .. Unary(nameof(Op.Softplus), x => Op.Softplus(x)),
        .. Unary(nameof(Op.Sqrt), Op.Sqrt), .. Unary(nameof(Op.Tanh), Op.Tanh),
        .. Rows.Both("Relu 8x20x20x48", t => Op.Relu(t[0]), Small), .. Rows.Both("Sigmoid 8x20x20x48", t => Op.Sigmoid(t[0]), Small),
    ];

    private static Workload[] Unary(string name, Func<Tensor, Tensor> operation) =>
        Rows.Both(name + " 1x100x168x256", t => operation(t[0]), Large);
}
