using ILGPU;

namespace DenseEngine.Ops;

/// <summary>64 by 64 results: four warps of 32 by 32.</summary>
internal struct TensorTile64<TAccess> : ITensorTile where TAccess : struct, ITileAccess {
    private TensorSums sums;

    public static int Rows => 64;

    public static int Columns => 64;

    public static int Threads => 128;

    public static bool OnlyFours => TAccess.OnlyFours;

    public static int Vectors => 1024;

    public void MultiplyUpper<TWords>(ArrayView<Int4> words, int left, int right, bool rowsExchanged, bool columnsExchanged)
        where TWords : struct, ITensorWords {
        int warp = Group.IdxX >> 5, lane = Group.IdxX & 31, row = (warp >> 1) * 32, column = (warp & 1) * 32;
        if (TensorInstructions.AreSupported)
            sums.Multiply<TWords>(TensorRows.Left(words, left + row * TensorBand.Pitch, lane, rowsExchanged),
                TensorRows.Right(words, right + column * TensorBand.Pitch, lane, columnsExchanged));
        else sums.MultiplyWords<TWords>(words, left, row, right, column, lane, rowsExchanged, columnsExchanged);
    }

    /// <summary>The upper half was all.</summary>
    public readonly void MultiplyLower<TWords>(ArrayView<Int4> words, int left, int right, bool rowsExchanged, bool columnsExchanged)
        where TWords : struct, ITensorWords { }

    public void Store(ArrayView<float> y, ArrayView<float> shift, ArrayView<float> scale, ArrayView<float> added, TileEnding ending,
        TileOutput to, int part, int batch, int row, int column) {
        int warp = Group.IdxX >> 5;
        sums.Store<TensorTile64<TAccess>>(
            y, shift, scale, added, ending, to, part, batch, row + (warp >> 1) * 32, column + (warp & 1) * 32, Group.IdxX & 31);
    }
}
