using DenseEngine.Ops;

namespace DenseEngine.Benchmarks;

/// <summary>Resampled maps: a neck's doubling, with and without the sum that follows, and other factors.</summary>
public class ResizeBenchmarks : WorkloadBenchmarks {
    private static readonly Draw Level = Draws.Map(1, 50, 84, 256), Finer = Draws.Map(1, 100, 168, 256), Small = Draws.Map(8, 10, 10, 48);

    /// <inheritdoc/>
    protected override IEnumerable<Workload> Table => [
        .. Rows.Both("InterpolateNearest 1x50x84x256 to 100x168", t => Op.InterpolateNearest(t[0], (100, 168)), Level),
        .. Rows.Both("InterpolateNearest 1x25x42x256 to 50x84", t => Op.InterpolateNearest(t[0], (50, 84)), Draws.Map(1, 25, 42, 256)),
        .. Rows.Both("InterpolateNearest 1x13x21x256 to 25x42", t => Op.InterpolateNearest(t[0], (25, 42)), Draws.Map(1, 13, 21, 256)),
        .. Rows.Both("InterpolateNearest 8x10x10x48 to 20x20", t => Op.InterpolateNearest(t[0], (20, 20)), Small),
        .. Rows.Both("AddNearest 1x50x84x256 to 100x168", t => Op.AddNearest(t[0], t[1]), Finer, Level),
        Rows.Forward("AddNearest, in place 1x50x84x256 to 100x168", t => Op.AddNearest(t[0], t[1], inPlace: true), Finer, Level),
        .. Rows.Both("InterpolateBilinear 1x50x84x256 to 100x168", t => Op.InterpolateBilinear(t[0], (100, 168)), Level),
        .. Rows.Both("InterpolateBilinear 1x100x168x256 to 50x84", t => Op.InterpolateBilinear(t[0], (50, 84)), Finer),
        .. Rows.Both("InterpolateBilinear 8x10x10x48 to 20x20", t => Op.InterpolateBilinear(t[0], (20, 20)), Small),
    ];
}
