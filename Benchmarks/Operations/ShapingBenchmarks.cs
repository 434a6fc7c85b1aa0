using DenseEngine.Ops;

namespace DenseEngine.Benchmarks;

/// <summary>Elements moved, chosen and put elsewhere.</summary>
public class ShapingBenchmarks : WorkloadBenchmarks {
    private static readonly Draw Map = Draws.Map(1, 100, 168, 256), Scores = Draws.Map(16800, 80);

    /// <inheritdoc/>
    protected override IEnumerable<Workload> Table => [
        .. Rows.Both("Permute 1x100x168x256 to channels first", t => Op.Permute(t[0], 0, 3, 1, 2), Map),
        .. Rows.Both("Permute 1x256x100x168 to channels last", t => Op.Permute(t[0], 0, 2, 3, 1), Draws.Map(1, 256, 100, 168)),
        .. Rows.Both("Permute 1x100x168x256, lines and columns", t => Op.Permute(t[0], 0, 2, 1, 3), Map),
        Rows.Uncounted("Reshape 1x100x168x256", t => Op.Reshape(t[0], 16800, 256), Map),
        .. Rows.Both("Concat 2 x 1x100x168x256 by channels", t => Op.Concat([t[0], t[1]], 3), Map, Map),
        .. Rows.Both("Concat 2 x 1x100x168x256 by lines", t => Op.Concat([t[0], t[1]], 1), Map, Map),
        .. Rows.Both("Slice 1x100x168x256, half the channels", t => Op.Slice(t[0], 3, 0, 128), Map),
        .. Rows.Both("Pad 1x100x168x256 by one pixel", t => Op.Pad(t[0], [0, 1, 1, 0], [0, 1, 1, 0]), Map),
        .. OfFirst("Gather 16800x80, one of a row", t => Op.Gather(t[0], t[1], 1), Scores, Draws.Index(80, 16800, 1)),
        .. OfFirst("Gather 16800x80, a row's", t => Op.Gather(t[0], t[1], 1), Scores, Draws.Index(80, 16800, 80)),
        .. OfFirst("IndexSelect 16800x256, 2000 rows", t => Op.IndexSelect(t[0], t[1], 0), Draws.Map(16800, 256), Draws.Index(16800, 2000)),
        .. OfFirst("ScatterAdd 2000x256 into 16800x256", t => Op.ScatterAdd(t[0], t[1], t[2], 0), Draws.Map(16800, 256),
            Draws.Index(16800, 2000, 256), Draws.Map(2000, 256)),
        .. OfFirst("TopK 1344000, 1000 best", t => Op.TopK(t[0], 1000).Values, Draws.Map(1_344_000)),
        .. OfFirst("TopK 9x22400, 9 least of a row", t => Op.TopK(t[0], 9, largest: false).Values, Draws.Map(9, 22400)),
    ];

    private static Workload[] OfFirst(string name, Func<Tensor[], Tensor> operation, params Draw[] inputs) =>
        [Rows.Forward(name, operation, inputs), Rows.Gradient(name, [0], operation, inputs)];
}
