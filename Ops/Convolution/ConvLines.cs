using System.Runtime.CompilerServices;

namespace DenseEngine.Ops;

/// <summary>Convolutions of few channels, where packing windows would cost as much as multiplying them: they are read in place from a few
/// padded lines.</summary>
internal static unsafe class ConvLines {
    /// <summary>Multiply-adds in a work item at least; the parts that a weight gradient's sum is cut into.</summary>
    private const int WorthSharing = 1 << 19, MostParts = 32;

    /// <summary>Window places of a tile.</summary>
    private const int Places = 14;

    /// <summary>Lines padded at once for a weight gradient.</summary>
    private const int Together = 4;

    /// <summary>Whether <see cref="Run"/> can.</summary>
    public static bool Accepts(in WindowLines window, int groups, int dilationX, int outputs, GemmKernel kernel) =>
        kernel.HasStrips && groups == 1 && dilationX == 1 && window.GridWidth >= kernel.Rows && window.Channels <= 16
            && outputs % kernel.Lanes == 0;

    /// <summary>Whether <see cref="WeightGradient"/> can, and pays.</summary>
    public static bool AcceptsWeights(in WindowLines window, int groups, int dilationX, int outputs, GemmKernel kernel) =>
        groups == 1 && dilationX == 1 && window is { GridWidth: >= Places, Channels: <= 16 } && outputs % kernel.OuterRows == 0;

    /// <summary>Computes <c>y = bias + windows · columns</c>, dense.</summary>
    public static void Run(HostDevice host, WindowLines window, float* source, GemmColumns columns, float* bias, float* y,
        GemmEnding ending = default) {
        long lineWork = (long)window.GridWidth * columns.K * columns.N;
        int itemLines = (int)Math.Clamp(WorthSharing / Math.Max(1, lineWork), 1, window.GridHeight);
        int perImage = (window.GridHeight + itemLines - 1) / itemLines, items = perImage * window.Images;
        if (items == 0) return;
        bool past = Gemm.IsPast(y, (long)window.Images * window.GridHeight * window.GridWidth, columns.N);
        using var scratch = new HostScratch(host, items, window.LineStride * window.LinesUnder(itemLines));
        host.Workers.For(items, new Loop(window, source, columns, bias, y, ending, past, scratch, perImage, itemLines));
    }

    /// <summary>Items of some lines each.</summary>
    private readonly struct Loop(WindowLines window, float* source, GemmColumns columns, float* bias, float* y, GemmEnding ending,
        bool past,
        HostScratch scratch, int perImage, int itemLines) : ILoopBody {
        public void Run(int item, int slot) {
            float* lines = scratch[slot];
            int image = item / perImage, first = item % perImage * itemLines, count = Math.Min(itemLines, window.GridHeight - first);
            window.Pad(source, image, first, count, lines);
            for (int line = 0; line < count; line++)
                Line(window, lines + (nint)line * window.StepY * window.LineStride, columns, bias, ending, past,
                    y + ((nint)image * window.GridHeight + first + line) * window.GridWidth * columns.N);
            if (past) Gemm.Fence();
        }
    }

    /// <summary>Computes the weight gradient [outputs, taps, channels] from the output's gradient.</summary>
    public static void WeightGradient(HostDevice host, WindowLines window, GemmKernel kernel, float* source, float* dy, int outputs,
        float* dWeight) {
        int blocks = Gemm.Align(window.Run) / GemmKernel.Block, columns = blocks * GemmKernel.Block,
            lines = window.Images * window.GridHeight;
        long work = (long)lines * window.GridWidth * outputs * window.Run * window.KernelHeight;
        int parts = (int)Math.Clamp(work / WorthSharing, 1, MostParts), partLines = Math.Max(1, (lines + parts - 1) / parts);
        parts = Math.Max(1, (lines + partLines - 1) / partLines);
        nint rowSize = (nint)window.KernelHeight * columns, partSize = outputs * rowSize;
        bool stem = kernel == GemmKernel.Avx512 && window is { PixelStride: StemOuter.Step, Run: StemOuter.Run } && outputs % 16 == 0;
        using var sums = new Tensor(host, [checked((int)(parts * partSize))]);
        using var scratch = new ScratchSlots(host, parts, window.LineStride * window.LinesUnder(Together) + GemmKernel.Block);
        float* partial = sums.Pointer;
        host.Workers.For(parts, part => {
            int slot = scratch.Take(out float* padded);
            float* sum = partial + part * partSize;
            new Span<float>(sum, (int)partSize).Clear();
            int end = Math.Min(lines, (part + 1) * partLines);
            for (int line = part * partLines, count; line < end; line += count) {
                int image = line / window.GridHeight, first = line % window.GridHeight;
                count = Math.Min(Math.Min(Together, window.GridHeight - first), end - line);
                window.Pad(source, image, first, count, padded);
                for (int i = 0; i < count; i++) {
                    float* gradient = dy + (nint)(line + i) * window.GridWidth * outputs;
                    for (int ky = 0; ky < window.KernelHeight; ky++) {
                        float* b = padded + (i * window.StepY + (nint)ky * window.DilationY) * window.LineStride;
                        if (!stem) Outer(window, kernel, gradient, outputs, b, blocks, sum + ky * columns, rowSize);
                        else for (int o = 0; o < outputs; o += 16)
                            StemOuter.Add(b, gradient + o, outputs, window.GridWidth, sum + ((nint)ky * outputs + o) * StemOuter.Run);
                    }
                }
            }
            scratch.Return(slot);
        });
        if (stem) {
            GatherStem(partial, partSize, parts, outputs, window.KernelHeight, dWeight);
            return;
        }
        for (int o = 0; o < outputs; o++)
            for (int ky = 0; ky < window.KernelHeight; ky++)
                GemmOuter.AddParts(partial + o * rowSize + ky * columns, partSize, parts,
                    dWeight + ((nint)o * window.KernelHeight + ky) * window.Run, window.Run);
    }

    /// <summary>Adds the parts and writes [ky][block of outputs][21][16] as [output][ky][21].</summary>
    private static void GatherStem(float* partial, nint partSize, int parts, int outputs, int kernelHeight, float* dWeight) {
        int count = outputs * kernelHeight * StemOuter.Run;
        GemmOuter.AddParts(partial, partSize, parts, partial, count);
        for (int o = 0; o < outputs; o++)
            for (int ky = 0; ky < kernelHeight; ky++)
                for (int i = 0; i < StemOuter.Run; i++)
                    *dWeight++ = partial[((nint)ky * outputs + o / 16 * 16) * StemOuter.Run + i * 16 + o % 16];
    }

    /// <summary>Adds what one line of places gives to the weights of one line of taps.</summary>
    private static void Outer(in WindowLines window, GemmKernel kernel, float* gradient, int outputs, float* b, int blocks, float* sum,
        nint rowSize) {
        int tileColumns = kernel.OuterBlocks * GemmKernel.Block;
        for (int block = 0; block < blocks; block += kernel.OuterBlocks, b += tileColumns, sum += tileColumns) {
            int some = Math.Min(kernel.OuterBlocks, blocks - block);
            for (int o = 0; o < outputs; o += kernel.OuterRows)
                kernel.OuterTile(some, gradient + o, outputs, b, window.PixelStride, GemmKernel.Block, window.GridWidth, sum + o * rowSize,
                    rowSize);
        }
    }

    /// <summary>One line of the output. The last tile overlaps the one before if the line is no multiple of a tile's rows: both write the
    /// same.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Line(in WindowLines window, float* a, GemmColumns columns, float* bias, GemmEnding ending, bool past, float* y) {
        GemmKernel kernel = columns.Kernel;
        float* zeros = stackalloc float[2 * kernel.Lanes];
        var strip = new GemmStrip {
            RowStride = window.PixelStride,
            Run = window.Run,
            Lines = window.KernelHeight,
            LineStride = (nint)window.DilationY * window.LineStride,
            ToStride = columns.N,
            Added = ending.Added,
            Relu = ending.Relu,
            Past = past,
        };
        for (int x = 0; ; x += kernel.Rows) {
            int place = Math.Min(x, window.GridWidth - kernel.Rows);
            strip.Left = strip.Ahead = a + (nint)place * window.PixelStride;
            for (int column = 0; column < columns.N;) {
                int width = kernel.PanelWidth(columns.N - column);
                strip.Right = columns.Pointer + (nint)column * columns.PaddedK;
                strip.Start = bias == null ? zeros : bias + column;
                strip.To = y + (nint)place * columns.N + column;
                kernel.Strip(width, &strip);
                column += width;
            }
            if (x + kernel.Rows >= window.GridWidth) break;
        }
    }
}
