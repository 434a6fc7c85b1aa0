using DenseEngine.Ops;

namespace DenseEngine.Benchmarks;

/// <summary>Norms on maps of GFL-R50 and of the demonstration's network.</summary>
public class NormBenchmarks : WorkloadBenchmarks {
    /// <inheritdoc/>
    protected override IEnumerable<Workload> Table => [
        .. Of(32, 1, 100, 168, 256), .. Of(32, 1, 13, 21, 256), .. Of(16, 8, 80, 80, 16), .. Of(16, 8, 20, 20, 48), .. Of(16, 8, 5, 5, 48),
        .. Rows.Both("LayerNorm 4096x768", t => Op.LayerNorm(t[0], 1, t[1], t[2]), Draws.Map(4096, 768), Draws.Map(768), Draws.Map(768)),
    ];

    private static Workload[] Of(int groups, params int[] sizes) {
        string on = " " + string.Join('x', sizes);
        Draw x = Draws.Map(sizes), channels = Draws.Map(sizes[^1]), variance = Draws.Between(0.5f, 1, sizes[^1]);
        Draw[] withStatistics = [x, channels, channels, channels, variance];
        Tensor Batch(Tensor[] t, bool training) => Op.BatchNorm(t[0], t[1], t[2], t[3], t[4], training);
        return [
            .. Rows.Both("GroupNorm" + on, t => Op.GroupNorm(t[0], groups, t[1], t[2]), x, channels, channels),
            .. Rows.Both("GroupNorm, ReLU" + on, t => Op.GroupNorm(t[0], groups, t[1], t[2], relu: true), x, channels, channels),
            Rows.Forward("GroupNorm, ReLU, in place" + on, t => Op.GroupNorm(t[0], groups, t[1], t[2], relu: true, inPlace: true),
                x, channels, channels),
            Rows.Forward("BatchNorm" + on, t => Batch(t, true), withStatistics),
            Rows.Gradient("BatchNorm" + on, [0, 1, 2], t => Batch(t, true), withStatistics),
            Rows.Gradient("BatchNorm, ReLU" + on, [0, 1, 2], t => Op.BatchNorm(t[0], t[1], t[2], t[3], t[4], training: true, relu: true),
                withStatistics),
            Rows.Forward("BatchNorm, frozen" + on, t => Batch(t, false), withStatistics),
            .. Rows.Both("LayerNorm" + on, t => Op.LayerNorm(t[0], 1, t[1], t[2]), x, channels, channels),
        ];
    }
}
