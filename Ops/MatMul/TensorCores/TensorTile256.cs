using ILGPU;

namespace DenseEngine.Ops;

/// <summary>128 by 256 results: eight warps of 64 by 64.</summary>
internal struct TensorTile256 : ITensorTile {
    private TensorQuarters sums;

    public static int Rows => 128;

    public static int Columns => 256;

    public static int Threads => 256;

    public static bool OnlyFours => true;

    public static int Vectors => 3072;

    public void MultiplyUpper<TWords>(ArrayView<Int4> words, int left, int right, bool rowsExchanged, bool columnsExchanged)
        where TWords : struct, ITensorWords {
        int warp = Group.IdxX >> 5;
        sums.MultiplyUpper<TWords>(words, left, (warp >> 2) * 64, right, (warp & 3) * 64, Group.IdxX & 31, rowsExchanged, columnsExchanged);
    }

    public void MultiplyLower<TWords>(ArrayView<Int4> words, int left, int right, bool rowsExchanged, bool columnsExchanged)
        where TWords : struct, ITensorWords {
        int warp = Group.IdxX >> 5;
        sums.MultiplyLower<TWords>(words, left, (warp >> 2) * 64, right, (warp & 3) * 64, Group.IdxX & 31, rowsExchanged, columnsExchanged);
    }

    public void Store(ArrayView<float> y, ArrayView<float> shift, ArrayView<float> scale, ArrayView<float> added, TileEnding ending,
        TileOutput to, int part, int batch, int row, int column) {
        int warp = Group.IdxX >> 5;
        sums.Store<TensorTile256>(
            y, shift, scale, added, ending, to, part, batch, row + (warp >> 2) * 64, column + (warp & 3) * 64, Group.IdxX & 31);
    }
}
