using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace DenseEngine.Ops;

/// <summary>The product of a transposed left side, summed over many rows into a small result: weight gradients. The rows are cut into a
/// fixed number of parts; each part has its own sums, which are added in order.</summary>
internal static unsafe class GemmOuter {
    /// <summary>Blocks of 16 columns in an item, and rows packed at a time: with 48 columns they fill three quarters of a first-level
    /// cache.</summary>
    private const int GroupBlocks = 12, Chunk = 192;

    /// <summary>Multiply-adds that are worth an item of their own, and how many items are aimed at.</summary>
    private const int WorthSharing = 1 << 18, FewestItems = 8, MostItems = 32;

    /// <summary>Rows of a part at least: each part begins with sums of zero and ends with adding them to the others'.</summary>
    private const int FewestRows = 384;

    /// <summary>The largest distance between the left side's rows at which they are read in place: with more, the steps' cache lines fall
    /// into a few sets.</summary>
    private const int WidestStride = 64;

    /// <summary>Computes <c>result[i, j] = Σ left[r, i]·right[r, j]</c> over <paramref name="m"/> rows r.</summary>
    /// <param name="host">Whose workers share the work.</param>
    /// <param name="kernel">The inner loops.</param>
    /// <param name="left">The left side, [m, <paramref name="height"/>].</param>
    /// <param name="leftStride">Distance between its rows.</param>
    /// <param name="height">Rows of the result.</param>
    /// <param name="right">The right side.</param>
    /// <param name="width">Columns of the result.</param>
    /// <param name="m">Rows summed.</param>
    /// <param name="result">The result, dense.</param>
    public static void Run<TRows>(HostDevice host, GemmKernel kernel, float* left, nint leftStride, int height, TRows right, int width,
        int m, float* result)
        where TRows : struct, IGemmRows {
        if (height == 0 || width == 0) return;
        if (m == 0) {
            new Span<float>(result, height * width).Clear();
            return;
        }
        int blocks = Gemm.Align(width) / GemmKernel.Block;
        int paddedHeight = RoundUp(height, kernel.OuterRows);
        long wanted = Math.Clamp((long)m * height * width / WorthSharing, 1, MostItems);
        int groups = (blocks + GroupBlocks - 1) / GroupBlocks;
        int parts = (int)Math.Clamp((wanted + groups - 1) / groups, 1, Math.Max(1, m / FewestRows));
        groups = Math.Max(groups, (int)((Math.Min(wanted, FewestItems) + parts - 1) / parts));
        int groupBlocks = RoundUp((blocks + groups - 1) / groups, kernel.OuterBlocks);
        groups = (blocks + groupBlocks - 1) / groupBlocks;
        int partRows = (m + parts - 1) / parts;
        parts = (m + partRows - 1) / partRows;
        int chunks = (partRows + Chunk - 1) / Chunk, chunk = (partRows + chunks - 1) / chunks;
        bool packLeft = paddedHeight != height || leftStride > WidestStride;
        int line = IGemmRows.Lines * Gemm.Align(width), packed = groupBlocks * GemmKernel.Block * chunk;
        int lefts = packLeft ? paddedHeight * chunk : 0;
        nint ldc = blocks * GemmKernel.Block, partSize = paddedHeight * ldc;
        bool inPlace = parts == 1 && paddedHeight == height && ldc == width;
        using var sums = new Tensor(host, [inPlace ? 0 : checked((int)(partSize * parts))]);
        using var scratch = new ScratchSlots(host, parts * groups, line + packed + lefts);
        float* partial = inPlace ? result : sums.Pointer;
        host.Workers.For(parts * groups, item => {
            int part = item / groups, firstBlock = item % groups * groupBlocks, someBlocks = Math.Min(groupBlocks, blocks - firstBlock);
            int slot = scratch.Take(out float* lineScratch);
            float* rightPanel = lineScratch + line, leftPanel = rightPanel + packed;
            float* c = partial + part * partSize + firstBlock * GemmKernel.Block;
            for (int i = 0; i < paddedHeight; i++) new Span<float>(c + i * ldc, someBlocks * GemmKernel.Block).Clear();
            int end = Math.Min(m, (part + 1) * partRows);
            for (int row = part * partRows; row < end; row += chunk) {
                int steps = Math.Min(chunk, end - row);
                right.Pack(rightPanel, chunk * GemmKernel.Block, row, steps, firstBlock * GemmKernel.Block,
                    Math.Min(width, (firstBlock + someBlocks) * GemmKernel.Block), lineScratch);
                float* a = left + row * leftStride;
                nint lda = leftStride, tileStride = kernel.OuterRows;
                if (packLeft) {
                    PackLeft(a, leftStride, height, leftPanel, kernel.OuterRows, steps);
                    a = leftPanel;
                    (lda, tileStride) = (kernel.OuterRows, (nint)steps * kernel.OuterRows);
                }
                for (int block = 0; block < someBlocks; block += kernel.OuterBlocks) {
                    float* b = rightPanel + (nint)block * chunk * GemmKernel.Block;
                    int tileBlocks = Math.Min(kernel.OuterBlocks, someBlocks - block);
                    for (int i = 0; i < paddedHeight; i += kernel.OuterRows)
                        kernel.OuterTile(tileBlocks, a + i / kernel.OuterRows * tileStride, lda, b, GemmKernel.Block,
                            chunk * GemmKernel.Block, steps,
                            c + i * ldc + block * GemmKernel.Block, ldc);
                }
            }
            scratch.Return(slot);
        });
        if (inPlace) return;
        host.Workers.ForRange(height, Math.Max(1, (1 << 16) / (width * parts)), (from, until) => {
            for (int i = from; i < until; i++) AddParts(partial + i * ldc, partSize, parts, result + (nint)i * width, width);
        });
    }

    private static int RoundUp(int count, int unit) => (count + unit - 1) / unit * unit;

    /// <summary>Computes <c>result[j] = Σ rows[r, j]</c> over <paramref name="m"/> dense rows: the gradient of a bias.</summary>
    public static void SumRows(HostDevice host, float* rows, int m, int width, float* result) {
        int parts = Math.Clamp(m / 256, 1, MostItems), partRows = (m + parts - 1) / parts;
        nint padded = Gemm.Align(width);
        using var sums = new Tensor(host, [(int)padded * parts]);
        float* partial = sums.Pointer;
        new Span<float>(partial, (int)padded * parts).Clear();
        Action<int> sum = part => {
            float* to = partial + part * padded;
            int end = Math.Min(m, (part + 1) * partRows);
            for (int column = 0; column < width; column += 16) {
                float* from = rows + (nint)part * partRows * width + column;
                if (column + 16 <= width) {
                    Vector512<float> total = Vector512<float>.Zero;
                    for (int row = part * partRows; row < end; row++, from += width) total += Vector512.Load(from);
                    total.Store(to + column);
                } else {
                    for (int row = part * partRows; row < end; row++, from += width)
                        for (int j = 0; j < width - column; j++) to[column + j] += from[j];
                }
            }
        };
        if ((long)m * width < 1 << 16) {
            for (int part = 0; part < parts; part++) sum(part);
        } else {
            host.Workers.For(parts, sum);
        }
        AddParts(partial, padded, parts, result, width);
    }

    /// <summary>Packs the left side as [height/rows][steps][rows], filled up with zeros.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void PackLeft(float* from, nint stride, int height, float* to, int rows, int steps) {
        for (int i = 0; i < height; i += rows) {
            int count = Math.Min(rows, height - i);
            float* source = from + i;
            for (int step = 0; step < steps; step++, source += stride, to += rows) {
                if (count == 8) Vector256.Load(source).Store(to);
                else for (int j = 0; j < rows; j++) to[j] = j < count ? source[j] : 0;
            }
        }
    }

    /// <summary>Adds parts that lie <paramref name="partSize"/> apart, in order.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AddParts(float* parts, nint partSize, int count, float* to, int width) {
        int j = 0;
        for (; j + 16 <= width; j += 16) {
            Vector512<float> total = Vector512.Load(parts + j);
            for (int part = 1; part < count; part++) total += Vector512.Load(parts + part * partSize + j);
            total.Store(to + j);
        }
        for (; j < width; j++) {
            float total = parts[j];
            for (int part = 1; part < count; part++) total += parts[part * partSize + j];
            to[j] = total;
        }
    }
}
