using System.Numerics;
using ILGPU;
using ILGPU.Runtime;

namespace DenseEngine.Ops;

public static partial class Op {
    /// <summary>Keys that a group sorts in shared memory, and its threads.</summary>
    private const int SortTile = 2048, SortThreads = 256;

    /// <summary>The key of a place beyond the last: it stays behind all others.</summary>
    private const ulong NoKey = ulong.MaxValue;

    /// <summary>How many keys are sorted for some: the next power of two, the rest filled with <see cref="NoKey"/>.</summary>
    private static int SortedCount(int count) => (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(count, 2));

    /// <summary>Memory for some keys, as a tensor of two words each.</summary>
    private static Tensor SortKeys(GpuDevice gpu, int count) => new(gpu, [SortedCount(count), 2], DType.Int32);

    /// <summary>Sorts keys in place, rising (bitonic: Batcher, 1968); each line of keys for itself. Equal keys may change places: let what
    /// tells them apart be their low bits.</summary>
    /// <param name="gpu">Where the keys are.</param>
    /// <param name="keys">Whole lines.</param>
    /// <param name="line">The length of a line, a power of two.</param>
    private static void SortGpu(GpuDevice gpu, ArrayView<ulong> keys, int line) {
        int count = keys.IntLength;
        var tiles = gpu.Kernel(SortTileKernel, a => a.LoadStreamKernel<ArrayView<ulong>, int, int, int>(SortTileKernel));
        var groups = new KernelConfig((count + SortTile - 1) / SortTile, SortThreads);
        tiles(groups, keys, line, 2, Math.Min(line, SortTile));
        for (long run = 2 * SortTile; run <= line; run *= 2) {
            for (int apart = (int)(run / 2); apart >= SortTile; apart /= 2)
                gpu.Kernel(SortStepKernel, a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<ulong>, int, int, int>(SortStepKernel))(
                    count / 2, keys, line, apart, (int)run);
            tiles(groups, keys, line, (int)run, (int)run);
        }
    }

    /// <summary>A group brings runs of the first to the last length in order, as far as that happens within its tile: neighbouring runs of
    /// a line in opposite orders.</summary>
    internal static void SortTileKernel(ArrayView<ulong> keys, int line, int firstRun, int lastRun) {
        ArrayView<ulong> tile = SharedMemory.Allocate<ulong>(SortTile);
        int start = Grid.IdxX * SortTile, size = Math.Min(SortTile, keys.IntLength - start);
        for (int i = Group.IdxX; i < size; i += Group.DimX) tile[i] = keys[start + i];
        SortShared(tile, start & (line - 1), size, line, firstRun, lastRun);
        for (int i = Group.IdxX; i < size; i += Group.DimX) keys[start + i] = tile[i];
    }

    /// <summary>The same in shared memory, by the whole group.</summary>
    /// <param name="tile">Whole lines, or a part of one.</param>
    /// <param name="start">Where in its line the tile starts.</param>
    /// <param name="size">The keys of the tile.</param>
    /// <param name="line">The length of a line.</param>
    /// <param name="firstRun">The length of the runs that are made first.</param>
    /// <param name="lastRun">The length of those made last.</param>
    private static void SortShared(ArrayView<ulong> tile, int start, int size, int line, int firstRun, int lastRun) {
        Group.Barrier();
        for (int run = firstRun; run <= lastRun; run *= 2) {
            for (int apart = Math.Min(run, SortTile) / 2; apart > 0; apart /= 2) {
                for (int pair = Group.IdxX; pair < size / 2; pair += Group.DimX) {
                    int low = 2 * pair - (pair & (apart - 1)), high = low + apart;
                    ulong a = tile[low], b = tile[high];
                    if (a > b == (((start + low) & (line - 1) & run) == 0)) {
                        tile[low] = b;
                        tile[high] = a;
                    }
                }
                Group.Barrier();
            }
        }
    }

    /// <summary>One pair a thread, further apart than a tile.</summary>
    internal static void SortStepKernel(Index1D pair, ArrayView<ulong> keys, int line, int apart, int run) {
        int low = 2 * pair - (pair & (apart - 1)), high = low + apart;
        ulong a = keys[low], b = keys[high];
        if (a > b != ((low & (line - 1) & run) == 0)) return;
        keys[low] = b;
        keys[high] = a;
    }

    /// <summary>A key that is smaller the higher the score is, of equal ones (both zeros are) the lower the number is.</summary>
    /// <param name="score">The score.</param>
    /// <param name="number">The number.</param>
    /// <param name="ofNaN">Where NaN stands: the largest integer for first, the smallest for last.</param>
    private static ulong FallingKey(float score, int number, int ofNaN) {
        int bits = BitConverter.SingleToInt32Bits(score);
        if (float.IsNaN(score)) bits = ofNaN;
        else if (score == 0) bits = 0;
        else if (bits < 0) bits ^= int.MaxValue;   // from here on as integers are ordered
        return (ulong)~((uint)bits ^ 0x80000000) << 32 | (uint)number;
    }
}
