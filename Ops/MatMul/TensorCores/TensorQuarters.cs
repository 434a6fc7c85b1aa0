using ILGPU;

namespace DenseEngine.Ops;

/// <summary>What a lane of a warp has of 64 by 64 results.</summary>
internal struct TensorQuarters {
    private TensorSums upperLeft, upperRight, lowerLeft, lowerRight;

    // The columns' words, from the upper half's products to the lower's.
    private TensorRows before, after;

    /// <summary>Adds the products of 16 words to the upper half; see <see cref="TensorSums"/>.</summary>
    public void MultiplyUpper<TWords>(ArrayView<Int4> words, int left, int row, int right, int column, int lane, bool rowsExchanged,
        bool columnsExchanged) where TWords : struct, ITensorWords {
        if (TensorInstructions.AreSupported) {
            TensorRows rows = TensorRows.Left(words, left + row * TensorBand.Pitch, lane, rowsExchanged);
            before = TensorRows.Right(words, right + column * TensorBand.Pitch, lane, columnsExchanged);
            upperLeft.Multiply<TWords>(rows, before);
            after = TensorRows.Right(words, right + (column + 32) * TensorBand.Pitch, lane, columnsExchanged);
            upperRight.Multiply<TWords>(rows, after);
        } else {
            upperLeft.MultiplyWords<TWords>(words, left, row, right, column, lane, rowsExchanged, columnsExchanged);
            upperRight.MultiplyWords<TWords>(words, left, row, right, column + 32, lane, rowsExchanged, columnsExchanged);
        }
    }

    /// <summary>The same for the lower half, thereafter.</summary>
    public void MultiplyLower<TWords>(ArrayView<Int4> words, int left, int row, int right, int column, int lane, bool rowsExchanged,
        bool columnsExchanged) where TWords : struct, ITensorWords {
        if (TensorInstructions.AreSupported) {
            TensorRows rows = TensorRows.Left(words, left + (row + 32) * TensorBand.Pitch, lane, rowsExchanged);
            lowerRight.Multiply<TWords>(rows, after);
            lowerLeft.Multiply<TWords>(rows, before);
        } else {
            lowerLeft.MultiplyWords<TWords>(words, left, row + 32, right, column, lane, rowsExchanged, columnsExchanged);
            lowerRight.MultiplyWords<TWords>(words, left, row + 32, right, column + 32, lane, rowsExchanged, columnsExchanged);
        }
    }

    /// <summary>Ends and stores them.</summary>
    public void Store<TTile>(ArrayView<float> y, ArrayView<float> shift, ArrayView<float> scale, ArrayView<float> added, TileEnding ending,
        TileOutput to, int part, int batch, int row, int column, int lane) where TTile : struct, ITensorTile {
        upperLeft.Store<TTile>(y, shift, scale, added, ending, to, part, batch, row, column, lane);
        upperRight.Store<TTile>(y, shift, scale, added, ending, to, part, batch, row, column + 32, lane);
        lowerLeft.Store<TTile>(y, shift, scale, added, ending, to, part, batch, row + 32, column, lane);
        lowerRight.Store<TTile>(y, shift, scale, added, ending, to, part, batch, row + 32, column + 32, lane);
    }
}
