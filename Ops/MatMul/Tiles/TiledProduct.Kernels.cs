using ILGPU;
using ILGPU.Runtime;

namespace DenseEngine.Ops;

public static partial class Op {
    /// <summary>Threads of a tile.</summary>
    internal const int TileThreads = 256;

    /// <summary>Vectors of a side in shared memory: two buffers of a step, whose lines are one longer than they hold, so that a warp's
    /// stores spread over the banks.</summary>
    private const int TileRoom = 2 * 16 * 17;

    /// <summary>y = left · rightᵀ and what follows, batch by batch; the channels are the columns of all batches.</summary>
    private static void TiledProduct<TLeft, TRight>(GpuDevice gpu, TileOutput to, Tensor y, Tensor left, TLeft leftSide, Tensor right,
        TRight rightSide, Ending ending) where TLeft : unmanaged, ITileSide where TRight : unmanaged, ITileSide {
        if (y.Count == 0 || to.Rows == 0 || to.Columns == 0 || to.Batches == 0) return;
        if (gpu.Precision != Precision.Float32) {
            TensorProduct(gpu, to, y, left, leftSide, right, rightSide, ending);
            return;
        }
        TilePlan<TileKind> plan = TileChoice.Floats.Of(to, y.Count, (leftSide.Vectors & rightSide.Vectors) != 0);
        InParts(gpu, plan, to, y, ending, (to, y, ending) => {
            if (plan.Kind == TileKind.Of64x64) Launch<Tile64x64<OnlyFours>>(to, y, ending);
            else if (plan.Kind == TileKind.Of128x64) Launch<Tile128x64>(to, y, ending);
            else if (plan.Kind == TileKind.Of64x128) Launch<Tile64x128>(to, y, ending);
            else if (plan.Kind == TileKind.Of128x128) Launch<Tile128x128>(to, y, ending);
            else Launch<Tile64x64<Anyhow>>(to, y, ending);
        });

        void Launch<TShape>(TileOutput to, Tensor y, Ending ending) where TShape : struct, ITileShape {
            var room = new KernelSpecialization(TileThreads, TShape.Together);
            gpu.MatrixKernel(TiledProductKernel<TShape, TLeft, TRight>, a => a.LoadStreamKernel<ArrayView<float>, ArrayView<float>,
                ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, TileEnding, TileOutput, TLeft, TRight>(
                TiledProductKernel<TShape, TLeft, TRight>, room), room)
                ((TilePlace.Count(to, TShape.Rows, TShape.Columns), TileThreads), gpu.Floats(y), gpu.Floats(left), gpu.Floats(right),
                View(gpu, ending.Shift), View(gpu, ending.Scale), View(gpu, ending.Added), ending.Steps, to, leftSide, rightSide);
        }
    }

    /// <summary>Has a product made as planned: whole with what follows it, or its parts side by side, which are then added up in order,
    /// before what follows. The product is told to which places of which tensor, and what follows there.</summary>
    private static void InParts<TKind>(GpuDevice gpu, TilePlan<TKind> plan, TileOutput to, Tensor y, Ending ending,
        Action<TileOutput, Tensor, Ending> product) where TKind : struct, Enum {
        if (plan.Parts == 1) {
            product(to, y, ending);
            return;
        }
        int part = plan.Places(to.Inner), stride = (y.Count + 3) / 4 * 4;
        to = to with { InnerPart = part, Parts = (to.Inner + part - 1) / part, PartStride = stride };
        using var partial = new Tensor(gpu, [to.Parts * stride]);
        product(to, partial, Ending.None);
        SumPartsGpu(gpu, y, partial, to.Parts, stride, ending, to.Columns * to.Batches);
    }

    /// <summary>A tensor's elements, or an empty view of none.</summary>
    private static ArrayView<float> View(GpuDevice gpu, Tensor? values) => values is null ? default : gpu.Floats(values);

    /// <summary>A tile of results. Each step brings some inner places of the tile's rows and columns to one of two buffers in shared
    /// memory, four values to a thread and side, while the threads multiply those of the other buffer: one barrier a step, and the values
    /// on their way from memory meanwhile. The two halves of a thread's rows, and columns, are 64 apart, so that a warp reads 4 and 8
    /// neighbouring vectors at a time.</summary>
    internal static void TiledProductKernel<TShape, TLeft, TRight>(ArrayView<float> y, ArrayView<float> left, ArrayView<float> right,
        ArrayView<float> shift, ArrayView<float> scale, ArrayView<float> added, TileEnding ending, TileOutput to, TLeft leftSide,
        TRight rightSide)
        where TShape : struct, ITileShape where TLeft : unmanaged, ITileSide where TRight : unmanaged, ITileSide {
        ArrayView<Float4> rows = SharedMemory.Allocate<Float4>(TileRoom), columns = SharedMemory.Allocate<Float4>(TileRoom);
        int thread = Group.IdxX;
        var place = new TilePlace(Grid.IdxX, to, TShape.Rows, TShape.Columns);
        TileRow leftRow = leftSide.Row(place.Batch, place.FirstRow + Line<TShape>(thread, TShape.Rows, leftSide.AlongInner));
        TileRow rightRow = rightSide.Row(place.Batch, place.FirstColumn + Line<TShape>(thread, TShape.Columns, rightSide.AlongInner));
        leftSide.Go(place.From + Inner<TShape>(thread, TShape.Rows, leftSide.AlongInner));
        rightSide.Go(place.From + Inner<TShape>(thread, TShape.Columns, rightSide.AlongInner));
        int leftAt = Spot<TShape>(thread, TShape.Rows, leftSide.AlongInner),
            rightAt = Spot<TShape>(thread, TShape.Columns, rightSide.AlongInner);
        Float4 nextLeft = default, nextRight = default;
        if (Brings<TShape>(thread, TShape.Rows)) {
            nextLeft = Bring<TShape, TLeft>(leftSide, left, leftRow, place.End);
            Deposit(rows, leftAt, TShape.Rows, leftSide.AlongInner, nextLeft);
        }
        if (Brings<TShape>(thread, TShape.Columns)) {
            nextRight = Bring<TShape, TRight>(rightSide, right, rightRow, place.End);
            Deposit(columns, rightAt, TShape.Columns, rightSide.AlongInner, nextRight);
        }
        Group.Barrier();

        // A warp's threads are 4 down and 8 across; on devices with other warps it is an order like any.
        int warp = thread / 32, down = warp / 2 * 4 + thread % 32 / 8, across = warp % 2 * 8 + thread % 8;
        // Products of few columns have odd sides: there, threads without results, whole warps often, leave the multiplying to the others.
        bool works = place.FirstRow + 4 * down < to.Rows && place.FirstColumn + 4 * across < to.Columns;
        int rowPitch = TShape.Rows / 4 + 1, columnPitch = TShape.Columns / 4 + 1;
        int rowBuffer = 0, columnBuffer = 0;
        TileSums near = default, right64 = default, below = default, far = default;
        for (int step = place.From; step < place.End; step += TShape.Step) {
            leftSide.Advance(TShape.Step);
            rightSide.Advance(TShape.Step);
            if (Brings<TShape>(thread, TShape.Rows)) nextLeft = Bring<TShape, TLeft>(leftSide, left, leftRow, place.End);
            if (Brings<TShape>(thread, TShape.Columns)) nextRight = Bring<TShape, TRight>(rightSide, right, rightRow, place.End);
            long r = rowBuffer + down, c = columnBuffer + across;   // 64 bits: the places that follow are then a part of the loads
            if (TShape.OnlyFours || works) {
                AddEight<TShape>(ref near, ref right64, ref below, ref far, rows, columns, r, c);
                if (TShape.Step > 8) AddEight<TShape>(ref near, ref right64, ref below, ref far, rows, columns, r + 8 * rowPitch,
                    c + 8 * columnPitch);
            }
            rowBuffer = TShape.Step * rowPitch - rowBuffer;
            columnBuffer = TShape.Step * columnPitch - columnBuffer;
            if (Brings<TShape>(thread, TShape.Rows))
                Deposit(rows, AtBuffer(rowBuffer, leftSide.AlongInner) + leftAt, TShape.Rows, leftSide.AlongInner, nextLeft);
            if (Brings<TShape>(thread, TShape.Columns))
                Deposit(columns, AtBuffer(columnBuffer, rightSide.AlongInner) + rightAt, TShape.Columns, rightSide.AlongInner, nextRight);
            Group.Barrier();
        }

        int row = place.FirstRow + 4 * down, column = place.FirstColumn + 4 * across;
        StoreRows<TShape>(ref near, ref right64, y, shift, scale, added, ending, to, place, row, column);
        if (TShape.Rows > 64) StoreRows<TShape>(ref below, ref far, y, shift, scale, added, ending, to, place, row + 64, column);
    }

    /// <summary>Whether a thread brings values of a side of 64 or 128 lines.</summary>
    private static bool Brings<TShape>(int thread, int lines) where TShape : struct, ITileShape =>
        lines * TShape.Step / 4 >= TileThreads || thread < lines * TShape.Step / 4;

    /// <summary>They themselves. A shape has one way of loading: where two would meet, the device's compiler may move what was loaded, and
    /// the thread would wait for it before it multiplies.</summary>
    private static Float4 Bring<TShape, TSide>(TSide side, ArrayView<float> values, TileRow row, int end)
        where TShape : struct, ITileShape where TSide : unmanaged, ITileSide {
        if (TShape.OnlyFours) return side.LoadFour(values, row, end);
        return side.Load(values, row, end);
    }

    /// <summary>The row, of a side of 64 or 128, whose values a thread brings: four inner places of it, or with the three rows after it one
    /// inner place.</summary>
    private static int Line<TShape>(int thread, int lines, bool alongInner) where TShape : struct, ITileShape {
        if (alongInner) return thread / (TShape.Step / 4);
        return thread % (lines / 4) * 4;
    }

    /// <summary>The inner place of a step from which on they are.</summary>
    private static int Inner<TShape>(int thread, int lines, bool alongInner) where TShape : struct, ITileShape {
        if (alongInner) return thread % (TShape.Step / 4) * 4;
        return thread / (lines / 4);
    }

    /// <summary>Where they belong in a buffer, whose lines hold an inner place of all rows: the place among single values if they are along
    /// the inner places, else among vectors.</summary>
    private static int Spot<TShape>(int thread, int lines, bool alongInner) where TShape : struct, ITileShape {
        if (alongInner) return Inner<TShape>(thread, lines, true) * (lines + 4) + Line<TShape>(thread, lines, true);
        return thread / (lines / 4) * (lines / 4 + 1) + thread % (lines / 4);
    }

    /// <summary>Where a buffer begins, counted likewise.</summary>
    private static int AtBuffer(int buffer, bool alongInner) => alongInner ? 4 * buffer : buffer;

    /// <summary>Puts what a thread brought there.</summary>
    private static void Deposit(ArrayView<Float4> buffer, long at, int lines, bool alongInner, Float4 values) {
        if (!alongInner) {
            buffer[at] = values;
            return;
        }
        ArrayView<float> single = buffer.Cast<float>();
        single[at] = values.X;
        single[at + lines + 4] = values.Y;
        single[at + 2 * (lines + 4)] = values.Z;
        single[at + 3 * (lines + 4)] = values.W;
    }

    /// <summary>The products of eight inner places, from one place of the rows and columns in shared memory on.</summary>
    private static void AddEight<TShape>(ref TileSums near, ref TileSums right, ref TileSums below, ref TileSums far,
        ArrayView<Float4> rows, ArrayView<Float4> columns, long r, long c) where TShape : struct, ITileShape {
        int down = TShape.Rows / 4 + 1, across = TShape.Columns / 4 + 1;
        AddPlace<TShape>(ref near, ref right, ref below, ref far, rows, columns, r, c);
        AddPlace<TShape>(ref near, ref right, ref below, ref far, rows, columns, r + down, c + across);
        AddPlace<TShape>(ref near, ref right, ref below, ref far, rows, columns, r + 2 * down, c + 2 * across);
        AddPlace<TShape>(ref near, ref right, ref below, ref far, rows, columns, r + 3 * down, c + 3 * across);
        AddPlace<TShape>(ref near, ref right, ref below, ref far, rows, columns, r + 4 * down, c + 4 * across);
        AddPlace<TShape>(ref near, ref right, ref below, ref far, rows, columns, r + 5 * down, c + 5 * across);
        AddPlace<TShape>(ref near, ref right, ref below, ref far, rows, columns, r + 6 * down, c + 6 * across);
        AddPlace<TShape>(ref near, ref right, ref below, ref far, rows, columns, r + 7 * down, c + 7 * across);
    }

    private static void AddPlace<TShape>(ref TileSums near, ref TileSums right, ref TileSums below, ref TileSums far,
        ArrayView<Float4> rows, ArrayView<Float4> columns, long r, long c) where TShape : struct, ITileShape {
        Float4 a = rows[r], b = columns[c];
        near.Add(a, b);
        if (TShape.Columns > 64) {
            Float4 b64 = columns[c + 16];
            right.Add(a, b64);
            if (TShape.Rows > 64) far.Add(rows[r + 16], b64);
        }
        if (TShape.Rows > 64) below.Add(rows[r + 16], b);
    }

    /// <summary>Ends and stores four rows of a thread's results, those to the right with them.</summary>
    private static void StoreRows<TShape>(ref TileSums near, ref TileSums right, ArrayView<float> y, ArrayView<float> shift,
        ArrayView<float> scale, ArrayView<float> added, TileEnding ending, TileOutput to, TilePlace place, int row, int column)
        where TShape : struct, ITileShape {
        int count = to.Columns - column, channel = place.Batch * to.Columns + column;
        if (count <= 0) return;
        for (int i = 0; i < 4 && row + i < to.Rows; i++) {
            int at = to.Place(place.Part, place.Batch, row + i, column);
            Float4 sum = near.Take();
            ending.Apply(ref sum, shift, scale, added, channel, at, count, to.Vectors);
            sum.Store(y, at, count, to.Vectors);
            if (TShape.Columns > 64) {
                sum = right.Take();
                if (count > 64) {
                    ending.Apply(ref sum, shift, scale, added, channel + 64, at + 64, count - 64, to.Vectors);
                    sum.Store(y, at + 64, count - 64, to.Vectors);
                }
            }
        }
    }
}
