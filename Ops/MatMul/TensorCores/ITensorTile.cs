using ILGPU;

namespace DenseEngine.Ops;

/// <summary>A tile of results that a group of threads makes by tensor cores, and what one of its threads has of it.</summary>
internal interface ITensorTile {
    /// <summary>Rows and columns of the tile, multiples of 32; threads of the group, a multiple of 128.</summary>
    static abstract int Rows { get; }

    /// <inheritdoc cref="Rows"/>
    static abstract int Columns { get; }

    /// <inheritdoc cref="Rows"/>
    static abstract int Threads { get; }

    /// <summary>Whether it loads and stores four values at once and nothing else.</summary>
    static abstract bool OnlyFours { get; }

    /// <summary>Vectors of shared memory: 4 for each row and column, twice.</summary>
    static abstract int Vectors { get; }

    /// <summary>Adds the products of 16 words of every row and column, for the first half of the results.</summary>
    /// <param name="words">Shared memory.</param>
    /// <param name="left">Where the rows' words begin.</param>
    /// <param name="right">Where the columns' begin.</param>
    /// <param name="rowsExchanged">How the rows' lie (<see cref="TensorBand"/>).</param>
    /// <param name="columnsExchanged">How the columns' lie.</param>
    void MultiplyUpper<TWords>(ArrayView<Int4> words, int left, int right, bool rowsExchanged, bool columnsExchanged)
        where TWords : struct, ITensorWords;

    /// <summary>The same for the second half, thereafter.</summary>
    void MultiplyLower<TWords>(ArrayView<Int4> words, int left, int right, bool rowsExchanged, bool columnsExchanged)
        where TWords : struct, ITensorWords;

    /// <summary>Ends and stores the thread's results.</summary>
    void Store(ArrayView<float> y, ArrayView<float> shift, ArrayView<float> scale, ArrayView<float> added, TileEnding ending,
        TileOutput to, int part, int batch, int row, int column);
}
