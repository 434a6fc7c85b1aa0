using DenseEngine.Ops;

namespace DenseEngine.Benchmarks;

/// <summary>Reductions of a map of GFL-R50 along each side, and along the classes and distributions of all its boxes.</summary>
public class ReductionBenchmarks : WorkloadBenchmarks {
    private static readonly Draw Map = Draws.Map(1, 100, 168, 256), Classes = Draws.Map(22400, 80), Bins = Draws.Map(22400, 4, 17),
        Small = Draws.Map(8, 20, 20, 48);

    /// <inheritdoc/>
    protected override IEnumerable<Workload> Table => [
        .. Rows.Both("Sum 1x100x168x256 of all", t => Op.Sum(t[0]), Map),
        .. Rows.Both("Sum 1x100x168x256 over pixels", t => Op.Sum(t[0], [0, 1, 2]), Map),
        .. Rows.Both("Sum 1x100x168x256 over channels", t => Op.Sum(t[0], [3]), Map),
        .. Rows.Both("Mean 1x100x168x256 over pixels", t => Op.Mean(t[0], [1, 2]), Map),
        .. Rows.Both("Mean 8x20x20x48 over pixels", t => Op.Mean(t[0], [1, 2]), Small),
        .. Rows.Both("Amax 1x100x168x256 over pixels", t => Op.Amax(t[0], [1, 2]), Map),
        .. Rows.Both("Amin 1x100x168x256 of all", t => Op.Amin(t[0]), Map),
        .. Rows.Both("Max 22400x80 of classes", t => Op.Max(t[0], -1).Values, Classes),
        .. Rows.Both("Min 1x100x168x256 of columns", t => Op.Min(t[0], 2).Values, Map),
        Rows.Forward("ArgMax 22400x80 of classes", t => Op.ArgMax(t[0], -1), Classes),
        .. Rows.Both("Softmax 22400x4x17", t => Op.Softmax(t[0]), Bins),
        .. Rows.Both("Softmax 22400x80", t => Op.Softmax(t[0]), Classes),
        .. Rows.Both("Softmax 1x100x168x256 of columns", t => Op.Softmax(t[0], 2), Map),
        Rows.Forward("ExpectedValue 22400x4x17", t => Op.ExpectedValue(t[0], t[1]), Bins, Draws.Map(17)),
        Rows.Gradient("ExpectedValue 22400x4x17", [0], t => Op.ExpectedValue(t[0], t[1]), Bins, Draws.Map(17)),
        .. Rows.Both("LogSoftmax 22400x4x17", t => Op.LogSoftmax(t[0]), Bins),
        .. Rows.Both("LogSoftmax 22400x80", t => Op.LogSoftmax(t[0]), Classes),
    ];
}
