using DenseEngine.Ops;

namespace DenseEngine.Benchmarks;

/// <summary>Operations on two maps of GFL-R50's, and on one and something smaller that is repeated along it.</summary>
public class BinaryBenchmarks : WorkloadBenchmarks {
    private static readonly Draw Large = Draws.Between(0.25f, 1.25f, 1, 100, 168, 256), Small = Draws.Map(8, 20, 20, 48);

    /// <inheritdoc/>
    protected override IEnumerable<Workload> Table => [
        .. Same(nameof(Op.Add), Op.Add), .. Same(nameof(Op.Sub), Op.Sub), .. Same(nameof(Op.Mul), Op.Mul), .. Same(nameof(Op.Div), Op.Div),
        .. Same(nameof(Op.Maximum), Op.Maximum), .. Same(nameof(Op.Minimum), Op.Minimum),
        Rows.Forward("Where 1x100x168x256", t => Op.Where(t[0], t[1], t[2]), Draws.Index(2, 1, 100, 168, 256), Large, Large),
        Rows.Gradient("Where 1x100x168x256", [1, 2], t => Op.Where(t[0], t[1], t[2]), Draws.Index(2, 1, 100, 168, 256), Large, Large),
        .. Repeated("channels", 256), .. Repeated("pixels", 1, 100, 168, 1), .. Repeated("a number", 1),
        .. Rows.Both("Add 8x20x20x48", t => Op.Add(t[0], t[1]), Small, Small),
        .. Rows.Both("Mul 8x20x20x48 and channels", t => Op.Mul(t[0], t[1]), Small, Draws.Map(48)),
    ];

    private static Workload[] Same(string name, Func<Tensor, Tensor, Tensor> operation) =>
        Rows.Both(name + " 1x100x168x256", t => operation(t[0], t[1]), Large, Large);

    private static Workload[] Repeated(string what, params int[] sizes) =>
        Rows.Both("Mul 1x100x168x256 and " + what, t => Op.Mul(t[0], t[1]), Large, Draws.Map(sizes));
}
