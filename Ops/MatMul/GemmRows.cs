using System.Runtime.CompilerServices;

namespace DenseEngine.Ops;

/// <summary>The left side of a product: rows that are packed where they are needed.</summary>
internal unsafe interface IGemmRows {
    /// <summary>Rows of scratch that packing may use.</summary>
    const int Lines = 8;

    /// <summary>Packs a piece of some rows: block b of 16 numbers of row i goes to <c>target + b·blockStride + 16·i</c>, the last block
    /// filled up with zeros.</summary>
    /// <param name="target">Where the first row's first block goes.</param>
    /// <param name="blockStride">Distance between a row's blocks.</param>
    /// <param name="first">The first row.</param>
    /// <param name="count">How many rows.</param>
    /// <param name="from">The first number of each row, a multiple of 16.</param>
    /// <param name="until">One past the last: a multiple of 16, or the row's length.</param>
    /// <param name="line">Scratch for <see cref="Lines"/> rows, their length rounded up to 16.</param>
    void Pack(float* target, nint blockStride, int first, int count, int from, int until, float* line);

    /// <summary>Numbers of a row that lie together in memory where rows can be read in place; 0 where none can.</summary>
    int Run { get; }

    /// <summary>Finds a piece of some rows in place, if it lies there as a <see cref="GemmStrip"/> does.</summary>
    /// <param name="first">The first row.</param>
    /// <param name="count">How many rows.</param>
    /// <param name="from">The first number of each row.</param>
    /// <param name="until">One past the last.</param>
    /// <param name="strip">Gets the left side.</param>
    bool Find(int first, int count, int from, int until, GemmStrip* strip);
}

/// <summary>The rows of a row-major matrix.</summary>
/// <param name="a">The first number.</param>
/// <param name="stride">Distance between rows.</param>
internal readonly unsafe struct MatrixRows(float* a, nint stride) : IGemmRows {
    /// <summary>A distance, in numbers, at whose multiples rows fall into the same set of a first-level cache.</summary>
    private const int OneSet = 1024;

    /// <inheritdoc/>
    public int Run => stride % OneSet == 0 ? 0 : int.MaxValue;

    /// <inheritdoc/>
    public bool Find(int first, int count, int from, int until, GemmStrip* strip) {
        if (Run == 0) return false;
        strip->Left = a + first * stride + from;
        (strip->RowStride, strip->Run, strip->Lines, strip->LineStride) = (stride, until - from, 1, 0);
        strip->Ahead = strip->Left + count * stride;
        return true;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Pack(float* target, nint blockStride, int first, int count, int from, int until, float* line) {
        int whole = (until - from) / GemmKernel.Block * GemmKernel.Block, left = until - from - whole;
        for (int i = 0; i < count; i++, target += GemmKernel.Block) {
            float* row = a + (first + i) * stride + from;
            float* to = Copy.Blocks(row, target, whole, blockStride);
            for (int j = 0; left > 0 && j < GemmKernel.Block; j++) to[j] = j < left ? row[whole + j] : 0;
        }
    }
}

/// <summary>The columns of a row-major matrix as rows: the product with a transposed left side.</summary>
/// <param name="a">The first number.</param>
/// <param name="stride">Distance between the matrix' rows.</param>
internal readonly unsafe struct TransposedRows(float* a, nint stride) : IGemmRows {
    /// <inheritdoc/>
    public int Run => 0;

    /// <inheritdoc/>
    public bool Find(int first, int count, int from, int until, GemmStrip* strip) => false;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Pack(float* target, nint blockStride, int first, int count, int from, int until, float* line) {
        int whole = (until - from) / 4 * 4, k = from;
        for (; k < from + whole; k += 4) {
            float* source = a + k * stride + first;
            float* to = target + (k - from) / GemmKernel.Block * blockStride + k % GemmKernel.Block;
            int i = 0;
            for (; i + 4 <= count; i += 4) GemmColumns.Transpose4x4(source + i, stride, to + i * GemmKernel.Block, GemmKernel.Block);
            for (; i < count; i++)
                for (int j = 0; j < 4; j++) to[i * GemmKernel.Block + j] = source[j * stride + i];
        }
        int end = from + Gemm.Align(until - from);
        for (; k < end; k++) {
            float* source = a + k * stride + first;
            float* to = target + (k - from) / GemmKernel.Block * blockStride + k % GemmKernel.Block;
            for (int i = 0; i < count; i++) to[i * GemmKernel.Block] = k < until ? source[i] : 0;
        }
    }
}
