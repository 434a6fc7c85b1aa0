namespace DenseEngine.Ops;

/// <summary>Sizes of a 2-D convolution and where its taps fall: x [N, Height, Width, Channels], weight [OutputChannels, KernelHeight,
/// KernelWidth, Channels/Groups], y [N, OutputHeight, OutputWidth, OutputChannels]. Shared by the host path and the kernels. A transposed
/// convolution is described by the convolution whose input gradient it is.</summary>
internal readonly struct ConvGeometry {
    /// <summary>Pictures, and the input's lines, columns and channels.</summary>
    public readonly int Images, Height, Width, Channels;

    /// <summary>The output's lines, columns and channels.</summary>
    public readonly int OutputHeight, OutputWidth, OutputChannels;

    /// <summary>Taps down and across.</summary>
    public readonly int KernelHeight, KernelWidth;

    /// <summary>Input pixels between neighbouring outputs.</summary>
    public readonly int StrideY, StrideX;

    /// <summary>Zeros around the input, on each side.</summary>
    public readonly int PaddingY, PaddingX;

    /// <summary>Input pixels between neighbouring taps.</summary>
    public readonly int DilationY, DilationX;

    /// <summary>Groups of channels that do not see each other.</summary>
    public readonly int Groups;

    private ConvGeometry(Shape input, Shape output, Shape weight, Pair stride, Pair padding, Pair dilation, int groups) {
        (Images, Height, Width, Channels) = (input[0], input[1], input[2], input[3]);
        (OutputHeight, OutputWidth, OutputChannels) = (output[1], output[2], output[3]);
        (KernelHeight, KernelWidth) = (weight[1], weight[2]);
        (StrideY, StrideX) = stride;
        (PaddingY, PaddingX) = padding;
        (DilationY, DilationX) = dilation;
        Groups = groups;
    }

    /// <summary>Input channels of a group.</summary>
    public int GroupChannels => Channels / Groups;

    /// <summary>Output channels of a group.</summary>
    public int GroupOutputs => OutputChannels / Groups;

    /// <summary>Taps of the kernel.</summary>
    public int Taps => KernelHeight * KernelWidth;

    /// <summary>Weights of one output channel.</summary>
    public int PatchSize => Taps * GroupChannels;

    /// <summary>Pixels of all outputs.</summary>
    public int OutputPixels => Images * OutputHeight * OutputWidth;

    /// <summary>Whether each channel has a kernel of its own and no more.</summary>
    public bool IsDepthwise => Groups > 1 && Groups == Channels && Groups == OutputChannels;

    /// <summary>The shape of the input.</summary>
    public Shape InputShape => [Images, Height, Width, Channels];

    /// <summary>The shape of the output.</summary>
    public Shape OutputShape => [Images, OutputHeight, OutputWidth, OutputChannels];

    /// <summary>The input line that an output line sees through a tap; outside the input it is zero.</summary>
    public int InputRow(int oy, int ky) => oy * StrideY - PaddingY + ky * DilationY;

    /// <summary>The input column that an output column sees through a tap.</summary>
    public int InputColumn(int ox, int kx) => ox * StrideX - PaddingX + kx * DilationX;

    /// <summary>The geometry of a convolution of <paramref name="x"/>, after checking it.</summary>
    public static ConvGeometry Of(string op, Tensor x, Tensor weight, Tensor? bias, Pair stride, Pair padding, Pair dilation, int groups) {
        CheckArguments(op, x, weight, bias, stride, padding, dilation, groups, weight.Shape.Rank == 4 ? weight.Shape[0] : 0);
        Shape input = x.Shape, kernel = weight.Shape;
        Check.That(kernel[3] * (long)groups == input[3],
            $"{op}: weight expects {kernel[3] * (long)groups} input channels (weight shape {kernel}, groups {groups})"
            + $" but input has {input[3]} (shape {input}).");
        Check.That(kernel[0] % groups == 0,
            $"{op}: the {kernel[0]} output channels of weight {kernel} cannot be divided into {groups} groups.");
        int height = OutputSize(input[1], kernel[1], stride.Vertical, padding.Vertical, dilation.Vertical);
        int width = OutputSize(input[2], kernel[2], stride.Horizontal, padding.Horizontal, dilation.Horizontal);
        Check.That(height > 0 && width > 0,
            $"{op}: input {input} with padding {padding} is smaller than the window of weight {kernel} with dilation {dilation}.");
        return new(input, [input[0], height, width, kernel[0]], kernel, stride, padding, dilation, groups);
    }

    /// <summary>The geometry of the convolution whose input gradient is the transposed convolution of <paramref name="x"/>, after
    /// checking.</summary>
    public static ConvGeometry Transposed(string op, Tensor x, Tensor weight, Tensor? bias, Pair stride, Pair padding, Pair outputPadding,
        Pair dilation, int groups) {
        CheckArguments(op, x, weight, bias, stride, padding, dilation, groups, weight.Shape.Rank == 4 ? weight.Shape[3] * groups : 0);
        Shape input = x.Shape, kernel = weight.Shape;
        Check.That(kernel[0] == input[3],
            $"{op}: weight expects {kernel[0]} input channels (weight shape {kernel}) but input has {input[3]} (shape {input}).");
        Check.That(kernel[0] % groups == 0,
            $"{op}: the {kernel[0]} input channels of weight {kernel} cannot be divided into {groups} groups.");
        Check.That(outputPadding.Vertical >= 0 && outputPadding.Horizontal >= 0
            && outputPadding.Vertical < Math.Max(stride.Vertical, dilation.Vertical)
            && outputPadding.Horizontal < Math.Max(stride.Horizontal, dilation.Horizontal),
            $"{op}: outputPadding is {outputPadding}; it must be at least 0 and below stride {stride} or dilation {dilation}.");
        long height = TransposedSize(input[1], kernel[1], stride.Vertical, padding.Vertical, dilation.Vertical) + outputPadding.Vertical;
        long width = TransposedSize(input[2], kernel[2], stride.Horizontal, padding.Horizontal, dilation.Horizontal)
            + outputPadding.Horizontal;
        Check.That(height is > 0 and <= int.MaxValue && width is > 0 and <= int.MaxValue,
            $"{op}: input {input}, weight {kernel}, stride {stride} and padding {padding} give an output of {height} by {width} pixels.");
        return new([input[0], (int)height, (int)width, kernel[3] * groups], input, kernel, stride, padding, dilation, groups);
    }

    private static int OutputSize(int size, int kernel, int stride, int padding, int dilation) {
        long room = size + 2L * padding - (kernel - 1L) * dilation - 1;
        return room < 0 ? 0 : (int)Math.Min(room / stride + 1, int.MaxValue);
    }

    private static long TransposedSize(int size, int kernel, int stride, int padding, int dilation) =>
        (size - 1L) * stride - 2L * padding + (kernel - 1L) * dilation + 1;

    private static void CheckArguments(string op, Tensor x, Tensor weight, Tensor? bias, Pair stride, Pair padding, Pair dilation,
        int groups, int outputs) {
        Check.SameDevice(op, x, weight, bias);
        Check.Type(op, "input", Check.Rank(op, "input", x, 4), DType.Float32);
        Check.Type(op, "weight", Check.Rank(op, "weight", weight, 4), DType.Float32);
        Check.That(stride.Vertical > 0 && stride.Horizontal > 0, $"{op}: stride is {stride}; it must be at least 1.");
        Check.That(padding.Vertical >= 0 && padding.Horizontal >= 0, $"{op}: padding is {padding}; it must not be negative.");
        Check.That(dilation.Vertical > 0 && dilation.Horizontal > 0, $"{op}: dilation is {dilation}; it must be at least 1.");
        Check.That(groups > 0, $"{op}: groups is {groups}; it must be at least 1.");
        Check.That(weight.Shape[1] > 0 && weight.Shape[2] > 0, $"{op}: weight {weight.Shape} has an empty window.");
        if (bias is not null) Check.Shape(op, "bias", Check.Type(op, "bias", bias, DType.Float32), [outputs]);
    }
}
