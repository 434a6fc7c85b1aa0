using DenseEngine.Ops;

namespace DenseEngine.Benchmarks;

/// <summary>The inner loops of products, for each vector width, with both sides in the first-level cache: what one thread can reach at
/// most.</summary>
public class GemmTileBenchmarks : WorkloadBenchmarks {
    private const int Inner = 256, Part = 1 << 14;

    /// <inheritdoc/>
    protected override IEnumerable<Workload> Table => GemmKernel.Supported.Select(Tile);

    private static unsafe Workload Tile(GemmKernel kernel) {
        int width = 2 * kernel.Lanes;
        double all = 2.0 * kernel.Rows * width * Inner;
        return new($"{kernel.Name} {kernel.Rows}x{width}, one thread", work => {
            Tensor memory = Draws.Map(3, Part)(1);
            return () => {
                float* start = memory.Pointer;
                kernel.Tile(width, start, start + Part, start + 2 * Part, start + 2 * Part, Inner, 32, 32);
            };
        }) { Operations = all, NeededOperations = all * HostDevice.Default.Workers.Count };
    }
}
