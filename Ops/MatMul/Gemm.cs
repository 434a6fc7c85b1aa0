using System.Runtime.CompilerServices;

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
    /// <summary>The longest stretch of k that is packed at once: 84 rows of it are a third of a megabyte.</summary>
    private const int LongestK = 1024;

    /// <summary>Rows' panels in a work item at most, and what is worth handing to another thread (multiply-adds).</summary>
    private const int MostPanels = 6, WorthSharing = 1 << 18;

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
        int itemPanels = (int)Math.Clamp(Math.Max(panels / 16, WorthSharing / panelWork), 1, MostPanels);
        int rowItems = (panels + itemPanels - 1) / itemPanels;
        int wide = 2 * kernel.Lanes, columnPanels = (columns.N + wide - 1) / wide;
        long split = Math.Min(8 / rowItems, itemPanels * panelWork / WorthSharing);
        int itemColumns = split <= 1 ? columnPanels : (int)((columnPanels + split - 1) / split);
        int columnItems = (columnPanels + itemColumns - 1) / itemColumns;
        int stretches = Math.Max(1, (columns.K + LongestK - 1) / LongestK);
        int stretch = Align((columns.K + stretches - 1) / stretches);
        int lines = IGemmRows.Lines * Align(columns.K);
        int items = rowItems * columnItems;
        using var scratch = new ScratchSlots(host, items, itemPanels * kernel.Rows * stretch + lines);
        host.Workers.For(items, item => {
            int slot = scratch.Take(out float* line);
            int firstRow = item / columnItems * itemPanels * kernel.Rows, firstColumn = item % columnItems * itemColumns * wide;
            int endRow = Math.Min(m, firstRow + itemPanels * kernel.Rows),
                endColumn = Math.Min(columns.N, firstColumn + itemColumns * wide);
            var share = new Item<TRows>(rows, columns, bias, accumulate, output, line, line + lines);
            share.Run(firstRow, endRow, firstColumn, endColumn, stretch);
            scratch.Return(slot);
        });
    }

    /// <summary>Rounds up to whole blocks of 16.</summary>
    public static int Align(int count) => (count + GemmKernel.Block - 1) / GemmKernel.Block * GemmKernel.Block;

    /// <summary>One thread's share: some rows by some columns, over all of k.</summary>
    private readonly struct Item<TRows>(TRows rows, GemmColumns columns, float* bias, bool accumulate, GemmOutput output, float* line,
        float* panels)
        where TRows : struct, IGemmRows {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run(int firstRow, int endRow, int firstColumn, int endColumn, int stretch) {
            GemmKernel kernel = columns.Kernel;
            float* zeros = stackalloc float[2 * kernel.Lanes], tile = stackalloc float[kernel.Rows * 2 * kernel.Lanes];
            int k = 0;
            do {
                int until = Math.Min(columns.K, k + stretch);
                int blocks = Align(until - k) / GemmKernel.Block;
                nint panelSize = (nint)blocks * kernel.Rows * GemmKernel.Block;
                float* panel = panels;
                for (int row = firstRow; row < endRow; row += kernel.Rows, panel += panelSize) {
                    int count = Math.Min(kernel.Rows, endRow - row);
                    if (count < kernel.Rows) new Span<float>(panel, (int)panelSize).Clear();
                    rows.Pack(panel, kernel.Rows * GemmKernel.Block, row, count, k, until, line);
                }
                for (int column = firstColumn; column < endColumn;) {
                    int width = kernel.PanelWidth(columns.N - column), count = Math.Min(width, columns.N - column);
                    float* right = columns.Pointer + (nint)column * columns.PaddedK + (nint)k * width;
                    panel = panels;
                    for (int row = firstRow; row < endRow; row += kernel.Rows, panel += panelSize) {
                        var target = new Target(row, Math.Min(kernel.Rows, endRow - row), column, count);
                        bool own = k > 0 || accumulate;
                        bool whole = until == columns.K;
                        Tile(kernel, target, width, panel, right, whole ? columns.PaddedK - k : until - k, own,
                            bias == null ? zeros : bias + column, tile, whole && !output.Ending.IsNone);
                    }
                    column += width;
                }
                k = until;
            } while (k < columns.K);
        }

        private readonly record struct Target(int Row, int Rows, int Column, int Columns);

        /// <summary>One tile, straight into the output where it is whole and evenly spaced there, else by way of a buffer.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void Tile(GemmKernel kernel, Target target, int width, float* left, float* right, int k, bool own, float* start,
            float* tile, bool ends) {
            float* to = output.Row(target.Row) + target.Column;
            bool even = target.Rows == kernel.Rows && target.Columns == width
                && output.Row(target.Row + target.Rows - 1) + target.Column == to + (target.Rows - 1) * output.Stride;
            if (even && k > 0) {
                kernel.Tile(width, left, right, to, own ? to : start, k, output.Stride, own ? output.Stride : 0);
                if (ends)
                    for (int i = 0; i < target.Rows; i++) output.Ending.Apply(to + i * output.Stride, width);
                return;
            }
            if (own || k == 0 || target.Columns < width) {
                for (int i = 0; i < target.Rows; i++)
                    Copy.Run(own ? output.Row(target.Row + i) + target.Column : start, tile + i * width, target.Columns);
                start = tile;
            }
            if (k > 0) kernel.Tile(width, left, right, tile, start, k, width, start == tile ? width : 0);
            output.Store(tile, width, target.Row, target.Rows, target.Column, target.Columns, ends);
        }
    }
}
