namespace DenseEngine.Ops;

/// <summary>Sizes of a 2-D pool and which pixels its windows hold: x [N, Height, Width, Channels], y [N, OutputHeight, OutputWidth,
/// Channels]. A window runs from First (inclusive) to End (exclusive) in steps of the dilation, cut to the picture; an adaptive pool's
/// from ⌊o·in/out⌋ to ⌈(o+1)·in/out⌉. Shared by the host path and the kernels.</summary>
internal readonly struct PoolGeometry {
    /// <summary>Pictures, and the input's lines, columns and channels.</summary>
    public readonly int Images, Height, Width, Channels;

    /// <summary>The output's lines and columns.</summary>
    public readonly int OutputHeight, OutputWidth;

    /// <summary>Taps of a window down and across; 0 in an adaptive pool.</summary>
    public readonly int WindowHeight, WindowWidth;

    /// <summary>Input pixels between neighbouring windows.</summary>
    public readonly int StrideY, StrideX;

    /// <summary>Pixels around the input on each side.</summary>
    public readonly int PaddingY, PaddingX;

    /// <summary>Input pixels between neighbouring taps.</summary>
    public readonly int DilationY, DilationX;

    private PoolGeometry(Shape input, int outputHeight, int outputWidth, Pair window, Pair stride, Pair padding, Pair dilation) {
        (Images, Height, Width, Channels) = (input[0], input[1], input[2], input[3]);
        (OutputHeight, OutputWidth) = (outputHeight, outputWidth);
        (WindowHeight, WindowWidth) = window;
        (StrideY, StrideX) = stride;
        (PaddingY, PaddingX) = padding;
        (DilationY, DilationX) = dilation;
    }

    /// <summary>The shape of the input.</summary>
    public Shape InputShape => [Images, Height, Width, Channels];

    /// <summary>The shape of the output.</summary>
    public Shape OutputShape => [Images, OutputHeight, OutputWidth, Channels];

    /// <summary>A window's first line inside the picture.</summary>
    public int FirstRow(int oy) => First(oy, Height, OutputHeight, WindowHeight, StrideY, PaddingY, DilationY);

    /// <summary>One past a window's last line inside the picture.</summary>
    public int EndRow(int oy) => End(oy, Height, OutputHeight, WindowHeight, StrideY, PaddingY, DilationY);

    /// <summary>A window's first column inside the picture.</summary>
    public int FirstColumn(int ox) => First(ox, Width, OutputWidth, WindowWidth, StrideX, PaddingX, DilationX);

    /// <summary>One past a window's last column inside the picture.</summary>
    public int EndColumn(int ox) => End(ox, Width, OutputWidth, WindowWidth, StrideX, PaddingX, DilationX);

    /// <summary>The first output line whose window may hold an input line.</summary>
    public int FirstOutputRow(int iy) => FirstOutput(iy, Height, OutputHeight, WindowHeight, StrideY, PaddingY, DilationY);

    /// <summary>One past the last output line whose window may hold an input line.</summary>
    public int EndOutputRow(int iy) => EndOutput(iy, Height, OutputHeight, WindowHeight, StrideY, PaddingY);

    /// <summary>The first output column whose window may hold an input column.</summary>
    public int FirstOutputColumn(int ix) => FirstOutput(ix, Width, OutputWidth, WindowWidth, StrideX, PaddingX, DilationX);

    /// <summary>One past the last output column whose window may hold an input column.</summary>
    public int EndOutputColumn(int ix) => EndOutput(ix, Width, OutputWidth, WindowWidth, StrideX, PaddingX);

    /// <summary>What an average divides by: the window's pixels inside the picture, or inside the picture and its padding. The overhang of
    /// a last window beyond the padding never counts.</summary>
    public int Divisor(int oy, int ox, bool countPadding) => countPadding
        ? (Math.Min(oy * StrideY - PaddingY + WindowHeight, Height + PaddingY) - (oy * StrideY - PaddingY))
            * (Math.Min(ox * StrideX - PaddingX + WindowWidth, Width + PaddingX) - (ox * StrideX - PaddingX))
        : (EndRow(oy) - FirstRow(oy)) * (EndColumn(ox) - FirstColumn(ox));

    private static int First(int o, int size, int outputs, int window, int stride, int padding, int dilation) {
        if (window == 0) return (int)((long)o * size / outputs);
        int start = o * stride - padding;
        return start >= 0 ? start : start + (dilation - 1 - start) / dilation * dilation;
    }

    private static int End(int o, int size, int outputs, int window, int stride, int padding, int dilation) => window == 0
        ? (int)(((long)(o + 1) * size + outputs - 1) / outputs)
        : Math.Min(o * stride - padding + (window - 1) * dilation + 1, size);

    private static int FirstOutput(int i, int size, int outputs, int window, int stride, int padding, int dilation) {
        if (window == 0) return (int)((long)i * outputs / size);
        int beyond = i + padding - (window - 1) * dilation;
        return beyond <= 0 ? 0 : (beyond + stride - 1) / stride;
    }

    private static int EndOutput(int i, int size, int outputs, int window, int stride, int padding) => window == 0
        ? (int)(((long)(i + 1) * outputs + size - 1) / size)
        : Math.Min((i + padding) / stride + 1, outputs);

    /// <summary>The geometry of a pool of <paramref name="x"/> by windows, after checking it.</summary>
    public static PoolGeometry Of(string op, Tensor x, Pair window, Pair stride, Pair padding, Pair dilation, bool ceilMode) {
        Check.Type(op, "input", Check.Rank(op, "input", x, 4), DType.Float32);
        Check.That(window.Vertical > 0 && window.Horizontal > 0, $"{op}: the window is {window}; it must be at least 1.");
        Check.That(stride.Vertical > 0 && stride.Horizontal > 0, $"{op}: stride is {stride}; it must be at least 1.");
        Check.That(dilation.Vertical > 0 && dilation.Horizontal > 0, $"{op}: dilation is {dilation}; it must be at least 1.");
        Check.That(padding.Vertical >= 0 && padding.Horizontal >= 0 && padding.Vertical <= window.Vertical / 2
            && padding.Horizontal <= window.Horizontal / 2,
            $"{op}: padding is {padding}; it must be between 0 and half of the window, {window}.");
        Check.That(Reach(window.Vertical, stride.Vertical, dilation.Vertical)
            && Reach(window.Horizontal, stride.Horizontal, dilation.Horizontal),
            $"{op}: the window {window} with stride {stride} and dilation {dilation} is wider than any picture.");
        long height = OutputSize(x.Shape[1], window.Vertical, stride.Vertical, padding.Vertical, dilation.Vertical, ceilMode);
        long width = OutputSize(x.Shape[2], window.Horizontal, stride.Horizontal, padding.Horizontal, dilation.Horizontal, ceilMode);
        Check.That(height > 0 && width > 0,
            $"{op}: input {x.Shape} with padding {padding} is smaller than the window {window} with dilation {dilation}.");
        return new(x.Shape, (int)height, (int)width, window, stride, padding, dilation);
    }

    /// <summary>The geometry of a pool of <paramref name="x"/> to a given size, after checking it.</summary>
    public static PoolGeometry Adaptive(string op, Tensor x, Pair outputSize) {
        Check.Type(op, "input", Check.Rank(op, "input", x, 4), DType.Float32);
        Check.That(outputSize.Vertical > 0 && outputSize.Horizontal > 0, $"{op}: the output size is {outputSize}; it must be at least 1.");
        Check.That(x.Shape[1] > 0 && x.Shape[2] > 0, $"{op}: input {x.Shape} has no pixels.");
        return new(x.Shape, outputSize.Vertical, outputSize.Horizontal, default, 1, 0, 1);
    }

    private static bool Reach(int window, int stride, int dilation) => (long)window * dilation + stride <= int.MaxValue / 4;

    private static long OutputSize(int size, int window, int stride, int padding, int dilation, bool ceilMode) {
        long room = size + 2L * padding - (window - 1L) * dilation - 1;
        if (size == 0 || room + (ceilMode ? stride - 1 : 0) < 0) return 0;
        long outputs = (room + (ceilMode ? stride - 1 : 0)) / stride + 1;
        // The last window must begin inside the picture or the padding before it.
        return ceilMode && (outputs - 1) * stride >= (long)size + padding ? outputs - 1 : outputs;
    }
}
