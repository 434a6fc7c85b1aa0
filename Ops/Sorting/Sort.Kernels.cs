using System.Numerics;
using ILGPU;
using ILGPU.Runtime;

namespace DenseEngine.Ops;

public static partial class Op {
    /// <summary>Keys that a group sorts in shared memory, and its threads.</summary>
    private const int SortTile = 1024, SortThreads = 256;

    /// <summary>The key of a place beyond the last: it stays behind all others.</summary>
    private const ulong NoKey = ulong.MaxValue;

    /// <summary>How many keys are sorted for some: the next power of two, the rest filled with <see cref="NoKey"/>.</summary>
    private static int SortedCount(int count) => (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(count, 2));

    /// <summary>Memory for some keys, as a tensor of two words each.</summary>
    private static Tensor SortKeys(GpuDevice gpu, int count) => new(gpu, [SortedCount(count), 2], DType.Int32);

    /// <summary>Sorts keys in place, rising (bitonic: Batcher, 1968). Equal keys may change places: let what tells them apart be their low
    /// bits. Their number is a power of two.</summary>
    private static void SortGpu(GpuDevice gpu, ArrayView<ulong> keys) {
        int count = keys.IntLength, tile = Math.Min(count, SortTile);
        var tiles = gpu.Kernel(SortTileKernel, a => a.LoadStreamKernel<ArrayView<ulong>, int, int, int>(SortTileKernel));
        var groups = new KernelConfig(count / tile, SortThreads);
        tiles(groups, keys, tile, 2, tile);
        for (int run = 2 * tile; run > 0 && run <= count; run *= 2) {
            for (int apart = run / 2; apart >= tile; apart /= 2)
                gpu.Kernel(SortStepKernel, a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<ulong>, int, int>(SortStepKernel))(
                    count / 2, keys, apart, run);
            tiles(groups, keys, tile, run, run);
        }
    }

    /// <summary>A group brings runs of the first to the last length in order, as far as that happens within its tile: neighbouring runs in
    /// opposite orders.</summary>
    internal static void SortTileKernel(ArrayView<ulong> keys, int size, int firstRun, int lastRun) {
        ArrayView<ulong> tile = SharedMemory.Allocate<ulong>(SortTile);
        int start = Grid.IdxX * size;
        for (int i = Group.IdxX; i < size; i += Group.DimX) tile[i] = keys[start + i];
        SortShared(tile, start, size, firstRun, lastRun);
        for (int i = Group.IdxX; i < size; i += Group.DimX) keys[start + i] = tile[i];
    }

    /// <summary>The same in shared memory, by the whole group; <paramref name="start"/> is the tile's place among all keys.</summary>
    private static void SortShared(ArrayView<ulong> tile, int start, int size, int firstRun, int lastRun) {
        Group.Barrier();
        for (int run = firstRun; run <= lastRun; run *= 2) {
            for (int apart = Math.Min(run, size) / 2; apart > 0; apart /= 2) {
                for (int pair = Group.IdxX; pair < size / 2; pair += Group.DimX) {
                    int low = 2 * pair - (pair & (apart - 1)), high = low + apart;
                    ulong a = tile[low], b = tile[high];
                    if (a > b == (((start + low) & run) == 0)) {
                        tile[low] = b;
                        tile[high] = a;
                    }
                }
                Group.Barrier();
            }
        }
    }

    /// <summary>One pair a thread, further apart than a tile.</summary>
    internal static void SortStepKernel(Index1D pair, ArrayView<ulong> keys, int apart, int run) {
        int low = 2 * pair - (pair & (apart - 1)), high = low + apart;
        ulong a = keys[low], b = keys[high];
        if (a > b != ((low & run) == 0)) return;
        keys[low] = b;
        keys[high] = a;
    }
}
