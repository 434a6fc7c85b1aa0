using ILGPU;
using ILGPU.Runtime;

namespace DenseEngine.Ops;

public static partial class Op {
    /// <summary>As on the host, an element becomes a key; here better ones have smaller keys. Tiles of a line are sorted in shared memory
    /// and their best k stay, until a line is one tile. Where k is too large for that to shorten lines, each is sorted whole.</summary>
    private static void TopKGpu(GpuDevice gpu, Tensor values, Tensor indices, Tensor x, AxisGeometry g, int k, bool largest) {
        using var scope = new TensorScope();
        bool whole = g.Size > SortTile && k > SortTile / 2;
        int pitch = whole ? SortedCount(g.Size) : g.Size;
        ArrayView<ulong> keys = Keys(gpu, (long)g.Lines * pitch);
        gpu.Kernel(TopKKeysKernel, a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<ulong>, ArrayView<float>, AxisGeometry, int, int>(
            TopKKeysKernel))(keys.IntLength, keys, gpu.Floats(x), g, pitch, largest ? 1 : 0);
        if (whole) SortGpu(gpu, keys, pitch);
        else do {
            int size = SortedCount(Math.Min(pitch, SortTile)), tiles = (pitch + size - 1) / size;
            ArrayView<ulong> best = Keys(gpu, (long)g.Lines * tiles * k);
            gpu.Kernel(BestOfTileKernel, a => a.LoadStreamKernel<ArrayView<ulong>, ArrayView<ulong>, int, int, int, int>(
                BestOfTileKernel))(new KernelConfig(g.Lines * tiles, SortThreads), best, keys, size, pitch, tiles, k);
            (keys, pitch) = (best, tiles * k);
        } while (pitch > k);
        gpu.Kernel(TopKFoundKernel, a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<float>, ArrayView<int>, ArrayView<ulong>,
            ArrayView<float>, AxisGeometry, int, int>(TopKFoundKernel))(values.Count, gpu.Floats(values), gpu.Integers(indices), keys,
            gpu.Floats(x), g, pitch, k);
    }

    private static ArrayView<ulong> Keys(GpuDevice gpu, long count) {
        Check.That(2 * count <= int.MaxValue, $"TopK: {count} elements are too many for {gpu.Name}.");
        return gpu.Integers(new Tensor(gpu, [(int)count, 2], DType.Int32)).Cast<ulong>();
    }

    /// <summary>One key a thread: the value, falling (or rising), then the index; NaN is the largest.</summary>
    internal static void TopKKeysKernel(Index1D i, ArrayView<ulong> keys, ArrayView<float> x, AxisGeometry g, int pitch, int largest) {
        int line = i / pitch, index = i - line * pitch;
        ulong key = NoKey;
        if (index < g.Size) {
            key = FallingKey(x[g.Start(line) + index * g.Inner], index, int.MaxValue);
            if (largest == 0) key ^= 0xffffffff_00000000;
        }
        keys[i] = key;
    }

    /// <summary>A group for each tile of each line: its best k, or as many as it has and <see cref="NoKey"/> behind them.</summary>
    internal static void BestOfTileKernel(ArrayView<ulong> best, ArrayView<ulong> keys, int size, int pitch, int tiles, int k) {
        ArrayView<ulong> tile = SharedMemory.Allocate<ulong>(SortTile);
        int line = Grid.IdxX / tiles, first = (Grid.IdxX - line * tiles) * size;
        for (int i = Group.IdxX; i < size; i += Group.DimX) {
            ulong key = NoKey;
            if (first + i < pitch) key = keys[line * pitch + first + i];
            tile[i] = key;
        }
        SortShared(tile, 0, size, size, 2, size);
        for (int i = Group.IdxX; i < k; i += Group.DimX) best[Grid.IdxX * k + i] = tile[i];
    }

    /// <summary>One of the results a thread.</summary>
    internal static void TopKFoundKernel(Index1D i, ArrayView<float> values, ArrayView<int> indices, ArrayView<ulong> keys,
        ArrayView<float> x,
        AxisGeometry g, int pitch, int k) {
        int line = i / k, rank = i - line * k, outer = line / g.Inner, at = (outer * k + rank) * g.Inner + line - outer * g.Inner;
        int index = (int)(uint)keys[line * pitch + rank];
        indices[at] = index;
        values[at] = x[g.Start(line) + index * g.Inner];
    }
}
