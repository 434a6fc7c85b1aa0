using System.Runtime.CompilerServices;

namespace DenseEngine.Ops;

/// <summary>A tap of a window: where it looks, relative to the window's place, and which of the kernel's taps it is.</summary>
internal readonly record struct Tap(int Y, int X, int Index);

/// <summary>The patches under a sliding window as rows of a matrix that is never made whole: row = (picture, grid line, grid column),
/// number = (tap, channel). Taps side by side are copied as one run of pixels; what lies outside the source is zero.</summary>
internal readonly unsafe struct PatchRows : IGemmRows {
    private readonly float* source;
    private readonly int height, width, pixelStride, channels, gridHeight, gridWidth, stepY, stepX, length;
    private readonly int top, bottom, leftmost, rightmost;
    private readonly Stretch[] runs;

    /// <summary>Pixels side by side: where they lie, and where their numbers go in a row.</summary>
    private readonly record struct Stretch(int Y, int X, int Pixels, int Start, nint Offset, int Length);

    /// <summary>Patches of a feature map.</summary>
    /// <param name="source">The first channel that is read of the first pixel.</param>
    /// <param name="height">Lines of the source.</param>
    /// <param name="width">Its columns.</param>
    /// <param name="pixelStride">All its channels.</param>
    /// <param name="channels">Channels that are read.</param>
    /// <param name="gridHeight">Window places down.</param>
    /// <param name="gridWidth">Window places across.</param>
    /// <param name="step">Source pixels between window places.</param>
    /// <param name="taps">The window, in the order of the row's numbers.</param>
    public PatchRows(float* source, int height, int width, int pixelStride, int channels, int gridHeight, int gridWidth, Pair step,
        ReadOnlySpan<Tap> taps) {
        this.source = source;
        (this.height, this.width, this.pixelStride, this.channels) = (height, width, pixelStride, channels);
        (this.gridHeight, this.gridWidth) = (gridHeight, gridWidth);
        (stepY, stepX) = step;
        length = taps.Length * channels;
        runs = new Stretch[Stretches(taps, pixelStride == channels)];
        int last = -1;
        for (int i = 0; i < taps.Length; i++) {
            Tap tap = taps[i];
            if (i > 0 && Continues(taps, i, pixelStride == channels))
                runs[last] = runs[last] with { Pixels = runs[last].Pixels + 1, Length = runs[last].Length + channels };
            else runs[++last] = new Stretch(tap.Y, tap.X, 1, i * channels, ((nint)tap.Y * width + tap.X) * pixelStride, channels);
            (top, bottom) = (Math.Min(top, tap.Y), Math.Max(bottom, tap.Y));
            (leftmost, rightmost) = (Math.Min(leftmost, tap.X), Math.Max(rightmost, tap.X));
        }
        bool even = true;
        for (int i = 1; i < runs.Length; i++)
            even &= runs[i].Length == runs[0].Length && runs[i].Offset - runs[i - 1].Offset == runs[1].Offset - runs[0].Offset;
        Run = even && runs.Length > 0 ? runs[0].Length : 0;
    }

    private static int Stretches(ReadOnlySpan<Tap> taps, bool dense) {
        int count = Math.Min(1, taps.Length);
        for (int i = 1; i < taps.Length; i++)
            if (!Continues(taps, i, dense)) count++;
        return count;
    }

    private static bool Continues(ReadOnlySpan<Tap> taps, int i, bool dense) =>
        dense && taps[i - 1].Y == taps[i].Y && taps[i - 1].X + 1 == taps[i].X;

    /// <inheritdoc/>
    public int Run { get; }

    /// <inheritdoc/>
    public bool Find(int first, int count, int from, int until, GemmStrip* strip) {
        if (Run == 0) return false;
        int gridLine = first / gridWidth, x = first - gridLine * gridWidth, image = gridLine / gridHeight,
            y = gridLine - image * gridHeight;
        if (x + count > gridWidth) return false;
        int y0 = y * stepY, x0 = x * stepX;
        if (y0 + top < 0 || y0 + bottom >= height || x0 + leftmost < 0 || x0 + (count - 1) * stepX + rightmost >= width) return false;
        int run = from / Run, within = from - run * Run, size = until - from;
        bool part = size <= Run - within;
        if (!part && (within != 0 || size % Run != 0)) return false;
        strip->Left = source + (((nint)image * height + y0) * width + x0) * pixelStride + runs[run].Offset + within;
        strip->RowStride = (nint)stepX * pixelStride;
        (strip->Run, strip->Lines) = part ? (size, 1) : (Run, size / Run);
        strip->LineStride = strip->Lines > 1 ? runs[1].Offset - runs[0].Offset : 0;
        // The last line under the window is new, the others were seen a line of windows before.
        strip->Ahead = strip->Left + (strip->Lines - 1) * strip->LineStride + count * strip->RowStride;
        return true;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Pack(float* target, nint blockStride, int first, int count, int from, int until, float* line) {
        int gridLine = first / gridWidth, x = first - gridLine * gridWidth;
        int image = gridLine / gridHeight, y = gridLine - image * gridHeight;
        bool blocks = channels % GemmKernel.Block == 0;
        ReadOnlySpan<Stretch> touched = Touched(from, until);
        int padded = Gemm.Align(length), gathered = 0;
        for (int i = 0; i < count; i++, target += GemmKernel.Block) {
            int y0 = y * stepY, x0 = x * stepX;
            bool inside = y0 + top >= 0 && y0 + bottom < height && x0 + leftmost >= 0 && x0 + rightmost < width;
            float* pixel = source + (((nint)image * height + y0) * width + x0) * pixelStride;
            if (!blocks) {
                if (inside) GatherInside(line + gathered * padded, pixel);
                else Gather(line + gathered * padded, image, y0, x0);
                // Blocks are cut from several rows at once: a load that spans two stores waits for both to reach the cache.
                if (++gathered == IGemmRows.Lines || i + 1 == count) {
                    for (int j = 0; j < gathered; j++)
                        Copy.Blocks(line + j * padded + from, target - (gathered - 1 - j) * GemmKernel.Block, Gemm.Align(until) - from,
                            blockStride);
                    gathered = 0;
                }
            } else if (inside) {
                float* to = target;
                foreach (ref readonly Stretch run in touched) {
                    int start = Math.Max(from - run.Start, 0), end = Math.Min(until - run.Start, run.Length);
                    to = Copy.Blocks(pixel + run.Offset + start, to, end - start, blockStride);
                }
            } else {
                PackBlocks(touched, target, blockStride, image, y0, x0, from, until);
            }
            if (++x < gridWidth) continue;
            x = 0;
            if (++y < gridHeight) continue;
            y = 0;
            image++;
        }
    }

    /// <summary>The runs that have numbers in a stretch of the row.</summary>
    private ReadOnlySpan<Stretch> Touched(int from, int until) {
        int first = 0, end = runs.Length;
        while (first < end && runs[first].Start + runs[first].Length <= from) first++;
        while (end > first && runs[end - 1].Start >= until) end--;
        return runs.AsSpan(first, end - first);
    }

    /// <summary>Collects a whole row whose window lies inside the source.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void GatherInside(float* line, float* pixel) {
        foreach (ref readonly Stretch run in runs.AsSpan()) Copy.Run(pixel + run.Offset, line + run.Start, run.Length);
        new Span<float>(line + length, Gemm.Align(length) - length).Clear();
    }

    /// <summary>Packs a row whose channels fill whole blocks.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void PackBlocks(ReadOnlySpan<Stretch> touched, float* to, nint blockStride, int image, int y0, int x0, int from, int until) {
        foreach (ref readonly Stretch run in touched) {
            int start = Math.Max(from, run.Start), end = Math.Min(until, run.Start + run.Length);
            int y = y0 + run.Y, x = x0 + run.X;
            if ((uint)y >= (uint)height) {
                to = Copy.ZeroBlocks(to, end - start, blockStride);
                continue;
            }
            float* pixel = source + (((nint)image * height + y) * width + x) * pixelStride - run.Start;
            if (x >= 0 && x + run.Pixels <= width) {
                to = Copy.Blocks(pixel + start, to, end - start, blockStride);
                continue;
            }
            int inside = Math.Min(Math.Max(run.Start - x * channels, start), end);
            int outside = Math.Min(Math.Max(run.Start + (width - x) * channels, inside), end);
            to = Copy.ZeroBlocks(to, inside - start, blockStride);
            to = Copy.Blocks(pixel + inside, to, outside - inside, blockStride);
            to = Copy.ZeroBlocks(to, end - outside, blockStride);
        }
    }

    /// <summary>Collects a whole row, and zeros up to the end of its last block.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Gather(float* line, int image, int y0, int x0) {
        foreach (ref readonly Stretch run in runs.AsSpan()) {
            float* to = line + run.Start;
            int y = y0 + run.Y, x = x0 + run.X, count = run.Length;
            if ((uint)y >= (uint)height) {
                new Span<float>(to, count).Clear();
                continue;
            }
            float* pixel = source + (((nint)image * height + y) * width + x) * pixelStride;
            int inside = Math.Clamp(-x, 0, run.Pixels) * channels, outside = Math.Clamp(width - x, 0, run.Pixels) * channels;
            new Span<float>(to, count).Clear();
            if (inside < outside) Copy.Run(pixel + inside, to + inside, outside - inside);
        }
        new Span<float>(line + length, Gemm.Align(length) - length).Clear();
    }
}
