using ILGPU;
using ILGPU.Runtime;

namespace DenseEngine.Ops;

public static partial class Op {
    /// <summary>Words of a row that a step multiplies; inner places that one load of all threads covers.</summary>
    internal const int TensorStep = 16;

    /// <summary>As <see cref="TiledProduct"/>, of factors rounded as the device's precision has it.</summary>
    private static void TensorProduct<TLeft, TRight>(GpuDevice gpu, TileOutput to, Tensor y, Tensor left, TLeft leftSide, Tensor right,
        TRight rightSide, Ending ending) where TLeft : unmanaged, ITileSide where TRight : unmanaged, ITileSide {
        TilePlan<TensorTileKind> plan = TileChoice.Tensors.Of(to, y.Count, (leftSide.Vectors & rightSide.Vectors & to.Vectors) != 0);
        InParts(gpu, plan, to, y, ending, (to, y, ending) => {
            if (gpu.Precision == Precision.TensorFloat32) Choose<TensorFloatWords>(to, y, ending);
            else Choose<BrainFloatWords>(to, y, ending);
        });

        void Choose<TWords>(TileOutput to, Tensor y, Ending ending) where TWords : struct, ITensorWords {
            if (plan.Kind == TensorTileKind.Any) Launch<TWords, TensorTile64<Anyhow>>(to, y, ending);
            else if (plan.Kind == TensorTileKind.Of64x64) Launch<TWords, TensorTile64<OnlyFours>>(to, y, ending);
            else if (plan.Kind == TensorTileKind.Of128x128) Launch<TWords, TensorTile128<TwoAcross>>(to, y, ending);
            else Launch<TWords, TensorTile128<FourAcross>>(to, y, ending);
        }

        void Launch<TWords, TTile>(TileOutput to, Tensor y, Ending ending) where TWords : struct, ITensorWords
            where TTile : struct, ITensorTile => gpu.MatrixKernel(TensorProductKernel<TLeft, TRight, TWords, TTile>,
            a => a.LoadStreamKernel<ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>,
                ArrayView<float>, TileEnding, TileOutput, TLeft, TRight>(TensorProductKernel<TLeft, TRight, TWords, TTile>))
            ((TilePlace.Count(to, TTile.Rows, TTile.Columns), TTile.Threads), gpu.Floats(y), gpu.Floats(left), gpu.Floats(right),
            View(gpu, ending.Shift), View(gpu, ending.Scale), View(gpu, ending.Added), ending.Steps, to, leftSide, rightSide);
    }

    /// <summary>A tile of results by tensor cores: each step brings 16 words of every row and column to shared memory, rounded; each warp
    /// then adds to its results. The values of the next step are on their way meanwhile, and go to the other half of the memory, so that
    /// the threads wait for each other once a step. Values of two a word take twice the registers; there one side after the other is on
    /// its way.</summary>
    internal static void TensorProductKernel<TLeft, TRight, TWords, TTile>(ArrayView<float> y, ArrayView<float> left,
        ArrayView<float> right, ArrayView<float> shift, ArrayView<float> scale, ArrayView<float> added, TileEnding ending, TileOutput to,
        TLeft leftSide, TRight rightSide) where TLeft : unmanaged, ITileSide where TRight : unmanaged, ITileSide
        where TWords : struct, ITensorWords where TTile : struct, ITensorTile {
        ArrayView<Int4> words = SharedMemory.Allocate<Int4>(TTile.Vectors);
        var place = new TilePlace(Grid.IdxX, to, TTile.Rows, TTile.Columns);
        int before = TTile.Rows * TensorBand.Pitch, rows = TTile.Rows * 4 / TTile.Threads, columns = TTile.Columns * 4 / TTile.Threads;

        TensorLoads ofLeft = default, ofRight = default;
        ofLeft.Begin(ref leftSide, place.Batch, place.FirstRow, place.From, rows, TTile.Threads, true);
        ofRight.Begin(ref rightSide, place.Batch, place.FirstColumn, place.From, columns, TTile.Threads, false);
        ofLeft.Fetch<TLeft, TWords, TTile>(ref leftSide, left, place.End, rows);
        ofLeft.DepositLeft<TWords>(words, 0, leftSide.AlongInner, rows, TTile.Threads);
        ofRight.Fetch<TRight, TWords, TTile>(ref rightSide, right, place.End, columns);
        ofRight.DepositRight<TWords>(words, before, rightSide.AlongInner, columns, TTile.Threads);
        TTile sums = default;
        int half = 0, other = TTile.Vectors / 2;
        for (int step = place.From; step < place.End; step += TensorStep * TWords.Factors) {
            Group.Barrier();
            // Beyond the end these fetch zeros; a branch here would have the compiler move, and so wait for, what is fetched.
            ofLeft.Fetch<TLeft, TWords, TTile>(ref leftSide, left, place.End, rows);
            if (TWords.Factors == 1) ofRight.Fetch<TRight, TWords, TTile>(ref rightSide, right, place.End, columns);
            sums.MultiplyUpper<TWords>(words, half, half + before, !leftSide.AlongInner, !rightSide.AlongInner);
            if (TWords.Factors == 2) {
                ofLeft.DepositLeft<TWords>(words, other, leftSide.AlongInner, rows, TTile.Threads);
                ofRight.Fetch<TRight, TWords, TTile>(ref rightSide, right, place.End, columns);
            }
            sums.MultiplyLower<TWords>(words, half, half + before, !leftSide.AlongInner, !rightSide.AlongInner);
            if (TWords.Factors == 1) ofLeft.DepositLeft<TWords>(words, other, leftSide.AlongInner, rows, TTile.Threads);
            ofRight.DepositRight<TWords>(words, other + before, rightSide.AlongInner, columns, TTile.Threads);
            other = half;
            half = TTile.Vectors / 2 - half;
        }
        sums.Store(y, shift, scale, added, ending, to, place.Part, place.Batch, place.FirstRow, place.FirstColumn);
    }
}
