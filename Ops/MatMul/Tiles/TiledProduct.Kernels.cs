using ILGPU;
using ILGPU.Runtime;

namespace DenseEngine.Ops;

public static partial class Op {
    /// <summary>Rows, and columns, of a tile; inner places that a step takes; threads, of 4 by 4 results each.</summary>
    internal const int Tile = 64, TileStep = 16, TileThreads = 256;

    /// <summary>Vectors between the lines of a tile in shared memory: one more than a line holds, so that a warp's stores spread over the
    /// banks.</summary>
    private const int TilePitch = Tile / 4 + 1;

    /// <summary>Tiles that keep a device busy: products of fewer are cut along the inner places; the least of a part, and the most
    /// parts.</summary>
    private const int ManyTiles = 256, LeastPart = 256, MostParts = 32;

    /// <summary>y = left · rightᵀ and what follows, batch by batch; the channels are the columns of all batches.</summary>
    private static void TiledProduct<TLeft, TRight>(GpuDevice gpu, TileOutput to, Tensor y, Tensor left, TLeft leftSide, Tensor right,
        TRight rightSide, Ending ending) where TLeft : unmanaged, ITileSide where TRight : unmanaged, ITileSide {
        if (y.Count == 0 || to.Rows == 0 || to.Columns == 0 || to.Batches == 0) return;
        int tiles = checked(to.TilesDown * to.TilesAcross * to.Batches);
        int parts = Math.Min(Math.Min(ManyTiles / tiles, to.Inner / LeastPart), MostParts);
        bool cut = parts > 1 && to.Covers(y.Count);
        if (cut) {
            int part = ((to.Inner + parts - 1) / parts + TileStep - 1) / TileStep * TileStep, stride = (y.Count + 3) / 4 * 4;
            to = to with { InnerPart = part, Parts = (to.Inner + part - 1) / part, PartStride = stride };
        }
        using Tensor? partial = cut ? new Tensor(gpu, [to.Parts * to.PartStride]) : null;
        Ending last = cut ? Ending.None : ending;
        gpu.Kernel(TiledProductKernel<TLeft, TRight>, a => a.LoadStreamKernel<ArrayView<float>, ArrayView<float>, ArrayView<float>,
            ArrayView<float>, ArrayView<float>, ArrayView<float>, TileEnding, TileOutput, TLeft, TRight>(TiledProductKernel))
            ((tiles * to.Parts, TileThreads), gpu.Floats(partial ?? y), gpu.Floats(left), gpu.Floats(right), View(gpu, last.Shift),
            View(gpu, last.Scale), View(gpu, last.Added), last.Steps, to, leftSide, rightSide);
        if (partial is not null) SumPartsGpu(gpu, y, partial, to.Parts, to.PartStride, ending, to.Columns * to.Batches);
    }

    /// <summary>A tensor's elements, or an empty view of none.</summary>
    private static ArrayView<float> View(GpuDevice gpu, Tensor? values) => values is null ? default : gpu.Floats(values);

    /// <summary>y = the sum of parts that stand <paramref name="stride"/> apart, and what follows by <paramref name="channels"/>.</summary>
    private static void SumPartsGpu(GpuDevice gpu, Tensor y, Tensor partial, int parts, int stride, Ending? ending = null,
        int channels = 4) {
        if (y.Count == 0) return;
        ending ??= Ending.None;
        int width = y.Count % 4 == 0 && stride % 4 == 0 && channels % 4 == 0 ? 4 : 1;
        gpu.Kernel(SumPartsKernel, a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<float>, ArrayView<float>, ArrayView<float>,
            ArrayView<float>, ArrayView<float>, TileEnding, int, int, int, int>(SumPartsKernel))
            (y.Count / width, gpu.Floats(y), gpu.Floats(partial), View(gpu, ending.Shift), View(gpu, ending.Scale),
            View(gpu, ending.Added), ending.Steps, parts, stride, channels, width);
    }

    /// <summary>The parts of four results, or one, in order.</summary>
    internal static void SumPartsKernel(Index1D i, ArrayView<float> y, ArrayView<float> partial, ArrayView<float> shift,
        ArrayView<float> scale, ArrayView<float> added, TileEnding ending, int parts, int stride, int channels, int width) {
        int at = i * width, vectors = width >> 2;
        Float4 sums = default;
        for (int part = 0; part < parts; part++) Float4.MultiplyAdd(ref sums, 1, Float4.Load(partial, part * stride + at, width, vectors));
        ending.Apply(ref sums, shift, scale, added, at % channels, at, width, vectors);
        sums.Store(y, at, width, vectors);
    }

    /// <summary>A tile of 64 by 64 results: each step brings 16 inner places of 64 rows of either side to shared memory, four values to a
    /// thread and side; each thread then adds to its 4 by 4 results. The values of the next step are on their way meanwhile.</summary>
    internal static void TiledProductKernel<TLeft, TRight>(ArrayView<float> y, ArrayView<float> left, ArrayView<float> right,
        ArrayView<float> shift, ArrayView<float> scale, ArrayView<float> added, TileEnding ending, TileOutput to, TLeft leftSide,
        TRight rightSide)
        where TLeft : unmanaged, ITileSide where TRight : unmanaged, ITileSide {
        ArrayView<Float4> rows = SharedMemory.Allocate<Float4>(TileStep * TilePitch),
            columns = SharedMemory.Allocate<Float4>(TileStep * TilePitch);
        int thread = Group.IdxX, block = Grid.IdxX;
        int above = block / to.TilesDown, firstRow = (block - above * to.TilesDown) * Tile;
        int plane = above / to.TilesAcross, firstColumn = (above - plane * to.TilesAcross) * Tile;
        int part = plane / to.Batches, batch = plane - part * to.Batches;
        int from = part * to.InnerPart, end = Math.Min(from + to.InnerPart, to.Inner);

        Begin(ref leftSide, thread, batch, firstRow, from);
        Begin(ref rightSide, thread, batch, firstColumn, from);
        Float4 nextLeft = leftSide.Load(left, end), nextRight = rightSide.Load(right, end);
        int down = thread / 16, across = thread % 16;
        Float4 c0 = default, c1 = default, c2 = default, c3 = default;
        for (int step = from; step < end; step += TileStep) {
            Deposit(rows, thread, leftSide.AlongInner, nextLeft);
            Deposit(columns, thread, rightSide.AlongInner, nextRight);
            Group.Barrier();
            nextLeft = leftSide.Load(left, end);
            nextRight = rightSide.Load(right, end);
            for (int i = 0; i < TileStep * TilePitch; i += 4 * TilePitch) {
                AddProducts(ref c0, ref c1, ref c2, ref c3, rows[i + down], columns[i + across]);
                AddProducts(ref c0, ref c1, ref c2, ref c3, rows[i + TilePitch + down], columns[i + TilePitch + across]);
                AddProducts(ref c0, ref c1, ref c2, ref c3, rows[i + 2 * TilePitch + down], columns[i + 2 * TilePitch + across]);
                AddProducts(ref c0, ref c1, ref c2, ref c3, rows[i + 3 * TilePitch + down], columns[i + 3 * TilePitch + across]);
            }
            Group.Barrier();
        }

        int row = firstRow + 4 * down, column = firstColumn + 4 * across, count = to.Columns - column;
        if (count <= 0) return;
        int channel = batch * to.Columns + column;
        for (int i = 0; i < 4 && row + i < to.Rows; i++) {
            int at = to.Place(part, batch, row + i, column);
            ending.Apply(ref c0, shift, scale, added, channel, at, count, to.Vectors);
            c0.Store(y, at, count, to.Vectors);
            c0 = c1;
            c1 = c2;
            c2 = c3;
        }
    }

    /// <summary>Sends a thread to the values that it brings: four inner places of a row, or four rows of an inner place.</summary>
    private static void Begin<TSide>(ref TSide side, int thread, int batch, int firstRow, int inner) where TSide : unmanaged, ITileSide {
        if (side.AlongInner) side.Begin(batch, firstRow + thread / 4, inner + thread % 4 * 4);
        else side.Begin(batch, firstRow + thread % 16 * 4, inner + thread / 16);
    }

    /// <summary>Puts what a thread brought where it belongs: a line of the tile holds an inner place of all rows.</summary>
    private static void Deposit(ArrayView<Float4> tile, int thread, bool alongInner, Float4 values) {
        if (!alongInner) {
            tile[thread / 16 * TilePitch + thread % 16] = values;
            return;
        }
        ArrayView<float> single = tile.Cast<float>();
        int at = thread % 4 * (16 * TilePitch) + thread / 4;
        single[at] = values.X;
        single[at + 4 * TilePitch] = values.Y;
        single[at + 8 * TilePitch] = values.Z;
        single[at + 12 * TilePitch] = values.W;
    }

    private static void AddProducts(ref Float4 c0, ref Float4 c1, ref Float4 c2, ref Float4 c3, Float4 rows, Float4 columns) {
        Float4.MultiplyAdd(ref c0, rows.X, columns);
        Float4.MultiplyAdd(ref c1, rows.Y, columns);
        Float4.MultiplyAdd(ref c2, rows.Z, columns);
        Float4.MultiplyAdd(ref c3, rows.W, columns);
    }
}
