using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace DenseEngine.Ops;

/// <summary>Where the rows of a product go: rows of a matrix, or every so many pixels of a feature map.</summary>
/// <param name="start">Row 0.</param>
/// <param name="stride">Distance between neighbours along the grid's width.</param>
/// <param name="gridWidth">Rows of the product in a line of the grid.</param>
/// <param name="gridHeight">Lines in a picture.</param>
/// <param name="lineStride">Distance between lines.</param>
/// <param name="imageStride">Distance between pictures.</param>
/// <param name="ending">What follows the product.</param>
internal readonly unsafe struct GemmOutput(float* start, nint stride, int gridWidth, int gridHeight, nint lineStride, nint imageStride,
    GemmEnding ending = default) {
    /// <summary>The rows of a matrix.</summary>
    public GemmOutput(float* matrix, nint stride, GemmEnding ending = default) : this(matrix, stride, int.MaxValue, 1, 0, 0, ending) { }

    /// <summary>What follows the product.</summary>
    public GemmEnding Ending => ending;

    /// <summary>Distance between neighbours along the grid's width.</summary>
    public nint Stride => stride;

    /// <summary>Whether the rows are those of a matrix.</summary>
    public bool IsMatrix => gridWidth == int.MaxValue;

    /// <summary>The address of a row.</summary>
    public float* Row(int row) {
        if (row < gridWidth) return start + row * stride;
        int line = row / gridWidth, image = line / gridHeight;
        return start + image * imageStride + (line - image * gridHeight) * lineStride + (row - line * gridWidth) * stride;
    }

    /// <summary>Copies the valid part of a tile to its place, and ends it if its sums are whole.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Store(float* tile, int tileStride, int row, int rows, int column, int columns, bool whole) {
        int left = 0;   // rows until the end of the grid's line
        float* to = null;
        for (int i = 0; i < rows; i++, tile += tileStride, to += stride) {
            if (left-- == 0) {
                to = Row(row + i) + column;
                left = gridWidth - (row + i) % gridWidth - 1;
            }
            Copy.Run(tile, to, columns);
            if (whole) ending.Apply(to, columns);
        }
    }
}

/// <summary>Packed, register-blocked matrix product. Rows are packed by blocks into scratch that stays in the second-level cache; the sum
/// over k is cut by its length alone, so that the bits do not depend on the threads.</summary>
internal static unsafe class Gemm {
    /// <summary>The longest stretch of k that is packed at once: 84 rows of it are two thirds of a megabyte.</summary>
    private const int LongestK = 2048;

    /// <summary>Rows in a work item at most, those that meet the columns together at least, and what is worth handing to another thread
    /// (multiply-adds).</summary>
    private const int MostRows = 84, FewestRows = 12, WorthSharing = 1 << 18;

    /// <summary>Numbers of the right side that stay in the second-level cache while panels of rows pass by.</summary>
    private const int FewColumns = 1 << 17;

    /// <summary>Results that no cache holds until they are read again: they are written past it, which spares reading their lines. Bytes
    /// of a line.</summary>
    private const int PastCaches = 1 << 22, CacheLine = 64;

    /// <summary>Computes <c>c = start + rows · columns</c> for <paramref name="m"/> rows.</summary>
    /// <param name="host">Whose workers share the work.</param>
    /// <param name="rows">The left side.</param>
    /// <param name="m">Its rows.</param>
    /// <param name="columns">The right side, packed.</param>
    /// <param name="bias">A number for each column that the sums start from; null for zeros.</param>
    /// <param name="accumulate">Starts from what is in the output instead.</param>
    /// <param name="output">Where the result's rows go.</param>
    public static void Run<TRows>(HostDevice host, TRows rows, int m, GemmColumns columns, float* bias, bool accumulate, GemmOutput output)
        where TRows : struct, IGemmRows {
        if (m == 0 || columns.N == 0) return;
        GemmKernel kernel = columns.Kernel;
        int panels = (m + kernel.Rows - 1) / kernel.Rows;
        long panelWork = (long)kernel.Rows * Math.Max(1, columns.K) * columns.N;
        int itemPanels = (int)Math.Clamp(Math.Max(panels / 16, WorthSharing / panelWork), 1, MostRows / kernel.Rows);
        int rowItems = (panels + itemPanels - 1) / itemPanels;
        int wide = 2 * kernel.Lanes, columnPanels = (columns.N + wide - 1) / wide;
        long split = Math.Min(8 / rowItems, itemPanels * panelWork / WorthSharing);
        int itemColumns = split <= 1 ? columnPanels : (int)((columnPanels + split - 1) / split);
        int columnItems = (columnPanels + itemColumns - 1) / itemColumns;
        int stretch = Stretch(columns.K, kernel.HasStrips ? rows.Run : 0);
        int lines = IGemmRows.Lines * Align(columns.K);
        int items = rowItems * columnItems;
        bool past = output.IsMatrix && columns.N == output.Stride && IsPast(output.Row(0), m, columns.N);
        using var scratch = new HostScratch(host, items, itemPanels * kernel.Rows * stretch + lines);
        host.Workers.For(items, new Loop<TRows>(rows, m, columns, bias, accumulate, output, past, scratch, lines, itemPanels * kernel.Rows,
            itemColumns * wide, columnItems, stretch));
    }

    /// <summary>All items.</summary>
    private readonly struct Loop<TRows>(TRows rows, int m, GemmColumns columns, float* bias, bool accumulate, GemmOutput output, bool past,
        HostScratch scratch, int lines, int itemRows, int itemColumns, int columnItems, int stretch) : ILoopBody
        where TRows : struct, IGemmRows {
        public void Run(int item, int slot) {
            float* line = scratch[slot];
            int firstRow = item / columnItems * itemRows, firstColumn = item % columnItems * itemColumns;
            int endRow = Math.Min(m, firstRow + itemRows), endColumn = Math.Min(columns.N, firstColumn + itemColumns);
            var share = new Item<TRows>(rows, columns, bias, accumulate, output, line, line + lines, past);
            share.Run(firstRow, endRow, firstColumn, endColumn, stretch);
        }
    }

    /// <summary>Rounds up to whole blocks of 16.</summary>
    public static int Align(int count) => (count + GemmKernel.Block - 1) / GemmKernel.Block * GemmKernel.Block;

    /// <summary>Whether results are to be written past the caches: they lie at whole cache lines, and are more than these hold.</summary>
    public static bool IsPast(float* start, long rows, nint stride) =>
        rows * stride >= PastCaches && ((nint)start | (stride * sizeof(float))) % CacheLine == 0;

    /// <summary>Ends writing past the caches: other threads see the results.</summary>
    public static void Fence() {
        if (Sse.IsSupported) Sse.StoreFence();
    }

    /// <summary>How much of k is taken at once at most: even parts, of whole runs where rows are read in place.</summary>
    private static int Stretch(int k, int run) {
        if (k <= LongestK) return Align(k);
        int unit = run <= 0 || run % GemmKernel.Block != 0 || run > k ? GemmKernel.Block : run;
        if (unit > LongestK) unit = Align((unit + (unit + LongestK - 1) / LongestK - 1) / ((unit + LongestK - 1) / LongestK));
        int units = (k + unit - 1) / unit, most = Math.Max(1, LongestK / unit), stretches = (units + most - 1) / most;
        return (units + stretches - 1) / stretches * unit;
    }

    /// <summary>One thread's share: some rows by some columns, over all of k.</summary>
    private readonly struct Item<TRows>(TRows rows, GemmColumns columns, float* bias, bool accumulate, GemmOutput output, float* line,
        float* panels, bool past)
        where TRows : struct, IGemmRows {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run(int firstRow, int endRow, int firstColumn, int endColumn, int stretch) {
            GemmKernel kernel = columns.Kernel;
            float* zeros = stackalloc float[2 * kernel.Lanes], tile = stackalloc float[kernel.Rows * 2 * kernel.Lanes];
            GemmStrip* strips = stackalloc GemmStrip[MostRows / kernel.Rows];
            int run = kernel.HasStrips ? rows.Run : 0, k = 0;
            // More is written than read: each panel of rows meets all columns before the next, so that lines are written whole.
            bool wide = columns.N > columns.K && (long)(endColumn - firstColumn) * columns.K <= FewColumns;
            int together = wide ? (FewestRows + kernel.Rows - 1) / kernel.Rows * kernel.Rows : endRow - firstRow;
            do {
                int until = Math.Min(columns.K, k + stretch);
                if (run > stretch && run < columns.K) until = Math.Min(until, (k / run + 1) * run);
                bool whole = until == columns.K;
                for (int first = firstRow; first < endRow; first += together) {
                    int end = Math.Min(endRow, first + together);
                    Prepare(kernel, strips, first, end, k, until);
                    for (int column = firstColumn; column < endColumn;) {
                        int width = kernel.PanelWidth(columns.N - column), count = Math.Min(width, columns.N - column);
                        float* right = columns.Pointer + (nint)column * columns.PaddedK + (nint)k * width;
                        float* start = k > 0 || accumulate ? null : bias == null ? zeros : bias + column;
                        GemmStrip* strip = strips;
                        for (int row = first; row < end; row += kernel.Rows, strip++) {
                            strip->Right = right;
                            Tile(kernel, strip, new Target(row, Math.Min(kernel.Rows, endRow - row), column, count), width,
                                whole ? columns.PaddedK - k : until - k, start, tile, whole);
                            strip->Ahead = strip->Left;   // comes with the first columns
                        }
                        column += width;
                    }
                }
                k = until;
            } while (k < columns.K);
            if (past) Fence();
        }

        /// <summary>Finds panels of rows in place, or packs them.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void Prepare(GemmKernel kernel, GemmStrip* strip, int first, int end, int from, int until) {
            float* panel = panels;
            int blocks = Align(until - from) / GemmKernel.Block;
            nint size = (nint)blocks * kernel.Rows * GemmKernel.Block;
            for (int row = first; row < end; row += kernel.Rows, strip++) {
                int count = Math.Min(kernel.Rows, end - row);
                if (count == kernel.Rows && kernel.HasStrips && until > from && rows.Find(row, count, from, until, strip)) continue;
                if (count < kernel.Rows) new Span<float>(panel, (int)size).Clear();
                rows.Pack(panel, kernel.Rows * GemmKernel.Block, row, count, from, until, line);
                strip->Left = strip->Ahead = panel;
                (strip->RowStride, strip->Run, strip->LineStride) = (GemmKernel.Block, GemmKernel.Block, kernel.Rows * GemmKernel.Block);
                strip->Lines = kernel.HasStrips && (until - from) % GemmKernel.Block == 0 ? blocks : 0;
                panel += size;
            }
        }

        private readonly record struct Target(int Row, int Rows, int Column, int Columns);

        /// <summary>One tile, straight into the output where it is whole and evenly spaced there, else by way of a buffer. It starts from
        /// a line, or from what is in the output.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void Tile(GemmKernel kernel, GemmStrip* strip, Target target, int width, int k, float* start, float* tile, bool whole) {
            float* to = output.Row(target.Row) + target.Column;
            bool even = k > 0 && target.Rows == kernel.Rows && target.Columns == width
                && output.Row(target.Row + target.Rows - 1) + target.Column == to + (target.Rows - 1) * output.Stride;
            if (even) {
                Product(kernel, strip, width, k, to, output.Stride, start, whole);
                return;
            }
            if (start == null || k == 0 || target.Columns < width) {
                for (int i = 0; i < target.Rows; i++)
                    Copy.Run(start == null ? output.Row(target.Row + i) + target.Column : start, tile + i * width, target.Columns);
                start = null;
            }
            if (k > 0) Product(kernel, strip, width, k, tile, width, start, false);
            output.Store(tile, width, target.Row, target.Rows, target.Column, target.Columns, whole && !output.Ending.IsNone);
        }

        /// <summary>The products of a tile, all rows of it; in the output itself with what ends it, and past the caches where that
        /// pays, if its sums are whole.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void Product(GemmKernel kernel, GemmStrip* strip, int width, int k, float* to, nint stride, float* start, bool last) {
            nint startStride = start == null ? stride : 0;
            if (start == null) start = to;
            GemmEnding ending = last ? output.Ending : default;
            if (strip->Lines > 0) {
                strip->Start = start;
                strip->To = to;
                (strip->StartStride, strip->ToStride) = (startStride, stride);
                (strip->Added, strip->Relu, strip->Past) = (ending.Added, ending.Relu, last && past);
                kernel.Strip(width, strip);
                return;
            }
            kernel.Tile(width, strip->Left, strip->Right, to, start, k, stride, startStride);
            for (int i = 0; !ending.IsNone && i < kernel.Rows; i++) ending.Apply(to + i * stride, width);
        }
    }
}
