using ILGPU;

namespace DenseEngine.Ops;

/// <summary>128 by 128 or 128 by 256 results: warps of 64 by 64, two below each other.</summary>
internal struct TensorTile128<TAcross> : ITensorTile where TAcross : struct, IWarpsAcross {
    private TensorQuarters sums;

    public static int Rows => 128;

    public static int Columns => 64 << TAcross.Shift;

    public static int Threads => 64 << TAcross.Shift;

    public static bool OnlyFours => true;

    public static int Vectors => TAcross.Vectors;

    public void MultiplyUpper<TWords>(ArrayView<Int4> words, int left, int right, bool rowsExchanged, bool columnsExchanged)
        where TWords : struct, ITensorWords => sums.MultiplyUpper<TWords>(
            words, left, WarpRow(), right, WarpColumn(), Group.IdxX & 31, rowsExchanged, columnsExchanged);

    public void MultiplyLower<TWords>(ArrayView<Int4> words, int left, int right, bool rowsExchanged, bool columnsExchanged)
        where TWords : struct, ITensorWords => sums.MultiplyLower<TWords>(
            words, left, WarpRow(), right, WarpColumn(), Group.IdxX & 31, rowsExchanged, columnsExchanged);

    public void Store(ArrayView<float> y, ArrayView<float> shift, ArrayView<float> scale, ArrayView<float> added, TileEnding ending,
        TileOutput to, int part, int batch, int row, int column) => sums.Store<TensorTile128<TAcross>>(
            y, shift, scale, added, ending, to, part, batch, row + WarpRow(), column + WarpColumn(), Group.IdxX & 31);

    private static int WarpRow() => (Group.IdxX >> 5 >> TAcross.Shift) * 64;

    private static int WarpColumn() => (Group.IdxX >> 5 & ((1 << TAcross.Shift) - 1)) * 64;
}

/// <summary>How many warps of a tile lie beside each other.</summary>
internal interface IWarpsAcross {
    /// <summary>Their logarithm of base 2.</summary>
    static abstract int Shift { get; }

    /// <summary>See <see cref="ITensorTile.Vectors"/>: sizes of shared memory are literals.</summary>
    static abstract int Vectors { get; }
}

/// <summary>Two: 128 columns.</summary>
internal readonly struct TwoAcross : IWarpsAcross {
    public static int Shift => 1;
    public static int Vectors => 2048;
}

/// <summary>Four: 256 columns.</summary>
internal readonly struct FourAcross : IWarpsAcross {
    public static int Shift => 2;
    public static int Vectors => 3072;
}
