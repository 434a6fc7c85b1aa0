using ILGPU;

namespace DenseEngine.Ops;

/// <summary>What a lane of a warp has of 32 by 32 results: eight times four that follow each other in a row. Field Cmn has those of row
/// 16 m + 2 g + q mod 2, columns 8 n + 4 (q / 2) to + 3, of lane (g, q) = 4 g + q. While they are being summed by NVIDIA's cores, a lane
/// has two of either row of its pair (<see cref="ITensorWords.Multiply"/>); <see cref="Align(ref Float4, int)"/> exchanges them.</summary>
internal struct TensorSums {
    public Float4 C00, C01, C02, C03, C10, C11, C12, C13;

    /// <summary>Adds the products of 16 words.</summary>
    public void Multiply<TWords>(TensorRows rows, TensorRows columns) where TWords : struct, ITensorWords {
        Multiply<TWords>(ref C00, rows.A, rows.B, columns.A);
        Multiply<TWords>(ref C10, rows.C, rows.D, columns.A);
        Multiply<TWords>(ref C01, rows.A, rows.B, columns.B);
        Multiply<TWords>(ref C11, rows.C, rows.D, columns.B);
        Multiply<TWords>(ref C02, rows.A, rows.B, columns.C);
        Multiply<TWords>(ref C12, rows.C, rows.D, columns.C);
        Multiply<TWords>(ref C03, rows.A, rows.B, columns.D);
        Multiply<TWords>(ref C13, rows.C, rows.D, columns.D);
    }

    /// <summary>Two steps of eight words. Which of the 16 come first is the same for rows and columns, and so does not matter.</summary>
    private static void Multiply<TWords>(ref Float4 sums, Int4 first, Int4 second, Int4 column) where TWords : struct, ITensorWords {
        TWords.Multiply(ref sums, first.X, first.Y, first.Z, first.W, column.X, column.Y);
        TWords.Multiply(ref sums, second.X, second.Y, second.Z, second.W, column.Z, column.W);
    }

    /// <summary>The same on devices without such cores, from the words themselves.</summary>
    /// <param name="tile">The words.</param>
    /// <param name="left">Where the rows' tile begins, a place.</param>
    /// <param name="row">The first row in it.</param>
    /// <param name="right">Where the columns' begins.</param>
    /// <param name="column">The first column in it.</param>
    /// <param name="lane">The lane.</param>
    /// <param name="rowsExchanged">See <see cref="TensorBand"/>; the columns' likewise.</param>
    /// <param name="columnsExchanged">The same of the columns.</param>
    public void MultiplyWords<TWords>(ArrayView<Int4> tile, int left, int row, int right, int column, int lane, bool rowsExchanged,
        bool columnsExchanged) where TWords : struct, ITensorWords {
        int pair = row / 2 + (lane >> 2), first = column + (lane >> 1 & 1) * 4;
        for (int q = 0; q < TensorBand.Pitch; q++) {
            Int4 above = Row(tile, left, pair, q, lane & 1, rowsExchanged), below = Row(tile, left, pair + 8, q, lane & 1, rowsExchanged);
            Both<TWords>(ref C00, ref C10, above, below, tile, right, first, q, columnsExchanged);
            Both<TWords>(ref C01, ref C11, above, below, tile, right, first + 8, q, columnsExchanged);
            Both<TWords>(ref C02, ref C12, above, below, tile, right, first + 16, q, columnsExchanged);
            Both<TWords>(ref C03, ref C13, above, below, tile, right, first + 24, q, columnsExchanged);
        }
    }

    /// <summary>Four words of one row of a pair.</summary>
    private static Int4 Row(ArrayView<Int4> tile, int left, int pair, int q, int odd, bool exchanged) {
        Int4 first = tile[left + TensorBand.Left(pair, q, 0, exchanged)], second = tile[left + TensorBand.Left(pair, q, 1, exchanged)];
        if (odd == 0) return new Int4 { X = first.X, Y = first.Z, Z = second.X, W = second.Z };
        return new Int4 { X = first.Y, Y = first.W, Z = second.Y, W = second.W };
    }

    private static void Both<TWords>(ref Float4 upper, ref Float4 lower, Int4 above, Int4 below, ArrayView<Int4> tile, int right,
        int column, int q, bool exchanged) where TWords : struct, ITensorWords {
        Int4 x = tile[right + TensorBand.Right(column, q, exchanged)], y = tile[right + TensorBand.Right(column + 1, q, exchanged)];
        Int4 z = tile[right + TensorBand.Right(column + 2, q, exchanged)], w = tile[right + TensorBand.Right(column + 3, q, exchanged)];
        upper.X = TWords.MultiplyAdd(upper.X, above, x);
        upper.Y = TWords.MultiplyAdd(upper.Y, above, y);
        upper.Z = TWords.MultiplyAdd(upper.Z, above, z);
        upper.W = TWords.MultiplyAdd(upper.W, above, w);
        lower.X = TWords.MultiplyAdd(lower.X, below, x);
        lower.Y = TWords.MultiplyAdd(lower.Y, below, y);
        lower.Z = TWords.MultiplyAdd(lower.Z, below, z);
        lower.W = TWords.MultiplyAdd(lower.W, below, w);
    }

    /// <summary>Ends and stores them.</summary>
    public void Store<TTile>(ArrayView<float> y, ArrayView<float> shift, ArrayView<float> scale, ArrayView<float> added, TileEnding ending,
        TileOutput to, int part, int batch, int row, int column, int lane) where TTile : struct, ITensorTile {
        if (TensorInstructions.AreSupported) {
            Align(ref C00, lane);
            Align(ref C01, lane);
            Align(ref C02, lane);
            Align(ref C03, lane);
            Align(ref C10, lane);
            Align(ref C11, lane);
            Align(ref C12, lane);
            Align(ref C13, lane);
        }
        row += (lane >> 2) * 2 + (lane & 1);
        column += (lane >> 1 & 1) * 4;
        TensorRow.Store<TTile>(y, shift, scale, added, ending, to, part, batch, row, column, C00, C01, C02, C03);
        TensorRow.Store<TTile>(y, shift, scale, added, ending, to, part, batch, row + 16, column, C10, C11, C12, C13);
    }

    /// <summary>Gives each lane four neighbouring results where the cores left two and two: even lanes keep the upper row's, odd ones the
    /// lower's, and neighbours exchange the rest.</summary>
    private static void Align(ref Float4 sums, int lane) {
        bool odd = (lane & 1) != 0;
        float x = Warp.ShuffleXor(odd ? sums.X : sums.Z, 1), y = Warp.ShuffleXor(odd ? sums.Y : sums.W, 1);
        sums = odd ? Float4.Of(x, y, sums.Z, sums.W) : Float4.Of(sums.X, sums.Y, x, y);
    }
}
