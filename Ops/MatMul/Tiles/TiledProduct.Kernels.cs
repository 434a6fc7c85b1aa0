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

    /// <summary>y (+)= left · rightᵀ (+ bias along the columns), batch by batch.</summary>
    private static void TiledProduct<TLeft, TRight>(GpuDevice gpu, TileOutput to, Tensor y, Tensor left, TLeft leftSide, Tensor right,
        TRight rightSide, Tensor? bias = null) where TLeft : unmanaged, ITileSide where TRight : unmanaged, ITileSide {
        if (y.Count == 0 || to.Rows == 0 || to.Columns == 0 || to.Batches == 0) return;
        to = to with { HasBias = bias is null ? 0 : 1 };
        int tiles = checked(to.TilesDown * to.TilesAcross * to.Batches);
        int parts = Math.Min(Math.Min(ManyTiles / tiles, to.Inner / LeastPart), MostParts);
        bool cut = parts > 1 && bias is null && to.Adds == 0 && y.Count == to.Rows * to.Columns * to.Batches;
        if (cut) {
            int part = ((to.Inner + parts - 1) / parts + TileStep - 1) / TileStep * TileStep, stride = (y.Count + 3) / 4 * 4;
            to = to with { InnerPart = part, Parts = (to.Inner + part - 1) / part, PartStride = stride };
        }
        using Tensor? partial = cut ? new Tensor(gpu, [to.Parts * to.PartStride]) : null;
        gpu.Kernel(TiledProductKernel<TLeft, TRight>, a => a.LoadStreamKernel<ArrayView<float>, ArrayView<float>, ArrayView<float>,
            ArrayView<float>, TileOutput, TLeft, TRight>(TiledProductKernel))
            ((tiles * to.Parts, TileThreads), gpu.Floats(partial ?? y), gpu.Floats(left), gpu.Floats(right),
            bias is null ? default : gpu.Floats(bias), to, leftSide, rightSide);
        if (partial is not null) SumPartsGpu(gpu, y, partial, to.Parts, to.PartStride);
    }

    /// <summary>y = the sum of parts that stand <paramref name="stride"/> apart.</summary>
    private static void SumPartsGpu(GpuDevice gpu, Tensor y, Tensor partial, int parts, int stride) {
        if (y.Count == 0) return;
        int width = y.Count % 4 == 0 && stride % 4 == 0 ? 4 : 1;
        gpu.Kernel(SumPartsKernel,
            a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<float>, ArrayView<float>, int, int, int>(SumPartsKernel))
            (y.Count / width, gpu.Floats(y), gpu.Floats(partial), parts, stride, width);
    }

    /// <summary>The parts of four results, or one, in order.</summary>
    internal static void SumPartsKernel(Index1D i, ArrayView<float> y, ArrayView<float> partial, int parts, int stride, int width) {
        if (width == 1) {
            float sum = 0;
            for (int part = 0; part < parts; part++) sum += partial[part * stride + i];
            y[i] = sum;
            return;
        }
        ArrayView<Float4> partial4 = partial.Cast<Float4>();
        Float4 sums = default;
        for (int part = 0; part < parts; part++) Float4.MultiplyAdd(ref sums, 1, partial4[part * (stride >> 2) + i]);
        y.Cast<Float4>()[i] = sums;
    }

    /// <summary>A tile of 64 by 64 results: each step brings 16 inner places of 64 rows of either side to shared memory, four values to a
    /// thread and side; each thread then adds to its 4 by 4 results. The values of the next step are on their way meanwhile.</summary>
    internal static void TiledProductKernel<TLeft, TRight>(ArrayView<float> y, ArrayView<float> left, ArrayView<float> right,
        ArrayView<float> bias, TileOutput to, TLeft leftSide, TRight rightSide)
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
        Float4 start = default;
        if (to.HasBias != 0) start = Float4.Guarded(bias, batch * to.Columns + column, count);
        int place = to.Place(part, batch, row, column), pitch = to.Place(0, 0, 1, 0) - to.Place(0, 0, 0, 0);
        if (row < to.Rows) StoreResults(y, place, count, to, c0, start);
        if (row + 1 < to.Rows) StoreResults(y, place + pitch, count, to, c1, start);
        if (row + 2 < to.Rows) StoreResults(y, place + 2 * pitch, count, to, c2, start);
        if (row + 3 < to.Rows) StoreResults(y, place + 3 * pitch, count, to, c3, start);
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

    private static void StoreResults(ArrayView<float> y, int at, int count, TileOutput to, Float4 sum, Float4 start) {
        sum.X += start.X;
        sum.Y += start.Y;
        sum.Z += start.Z;
        sum.W += start.W;
        if (to.Adds != 0) {
            Float4 before = Float4.Guarded(y, at, count);
            sum.X += before.X;
            sum.Y += before.Y;
            sum.Z += before.Z;
            sum.W += before.W;
        }
        if (to.Vectors != 0) {
            y.Cast<Float4>()[at >> 2] = sum;
            return;
        }
        y[at] = sum.X;
        if (count > 1) y[at + 1] = sum.Y;
        if (count > 2) y[at + 2] = sum.Z;
        if (count > 3) y[at + 3] = sum.W;
    }
}
