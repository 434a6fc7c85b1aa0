using ILGPU;

namespace DenseEngine.Ops;

/// <summary>128 by 128 results: four warps of 64 by 64.</summary>
internal struct TensorTile128 : ITensorTile {
    private TensorQuarters sums;

    public static int Rows => 128;

    public static int Columns => 128;

    public static int Threads => 128;

    public static bool OnlyFours => true;

    public static int Vectors => 2048;

    public void MultiplyUpper<TWords>(ArrayView<Int4> words, int left, int right, bool rowsExchanged, bool columnsExchanged)
        where TWords : struct, ITensorWords {
        int warp = Group.IdxX >> 5;
        sums.MultiplyUpper<TWords>(words, left, (warp >> 1) * 64, right, (warp & 1) * 64, Group.IdxX & 31, rowsExchanged, columnsExchanged);
    }

    public void MultiplyLower<TWords>(ArrayView<Int4> words, int left, int right, bool rowsExchanged, bool columnsExchanged)
        where TWords : struct, ITensorWords {
        int warp = Group.IdxX >> 5;
        sums.MultiplyLower<TWords>(words, left, (warp >> 1) * 64, right, (warp & 1) * 64, Group.IdxX & 31, rowsExchanged, columnsExchanged);
    }

    public void Store(ArrayView<float> y, ArrayView<float> shift, ArrayView<float> scale, ArrayView<float> added, TileEnding ending,
        TileOutput to, int part, int batch, int row, int column) {
        int warp = Group.IdxX >> 5;
        sums.Store<TensorTile128>(
            y, shift, scale, added, ending, to, part, batch, row + (warp >> 1) * 64, column + (warp & 1) * 64, Group.IdxX & 31);
    }
}
