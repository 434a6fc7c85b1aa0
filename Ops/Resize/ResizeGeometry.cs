namespace DenseEngine.Ops;

/// <summary>Sizes of a resampling and where an output pixel lies in the input: x [N, Height, Width, Channels], y [N, OutputHeight,
/// OutputWidth, Channels]. Shared by the host path and the kernels.</summary>
internal readonly struct ResizeGeometry {
    /// <summary>Pictures, and the input's lines, columns and channels.</summary>
    public readonly int Images, Height, Width, Channels;

    /// <summary>The output's lines and columns.</summary>
    public readonly int OutputHeight, OutputWidth;

    /// <summary>Input pixels for each output pixel, down and across.</summary>
    public readonly double ScaleY, ScaleX;

    /// <summary>1 where the centres of the corner pixels meet, 0 where the pictures' borders do.</summary>
    public readonly int AlignCorners;

    private ResizeGeometry(Shape input, int outputHeight, int outputWidth, double scaleY, double scaleX, bool alignCorners) {
        (Images, Height, Width, Channels) = (input[0], input[1], input[2], input[3]);
        (OutputHeight, OutputWidth, ScaleY, ScaleX, AlignCorners) = (outputHeight, outputWidth, scaleY, scaleX, alignCorners ? 1 : 0);
    }

    /// <summary>The shape of the input.</summary>
    public Shape InputShape => [Images, Height, Width, Channels];

    /// <summary>The shape of the output.</summary>
    public Shape OutputShape => [Images, OutputHeight, OutputWidth, Channels];

    /// <summary>The input line that nearest sampling takes.</summary>
    public int NearestRow(int oy) => Nearest(oy, Height, OutputHeight, (float)ScaleY);

    /// <summary>The input column that nearest sampling takes.</summary>
    public int NearestColumn(int ox) => Nearest(ox, Width, OutputWidth, (float)ScaleX);

    /// <summary>Where an output line lies between the centres of input lines.</summary>
    public double SourceRow(int oy) => Source(oy, Height, OutputHeight, ScaleY);

    /// <summary>Where an output column lies between the centres of input columns.</summary>
    public double SourceColumn(int ox) => Source(ox, Width, OutputWidth, ScaleX);

    /// <summary>An output line at or before the first that may read an input line.</summary>
    public int FirstReaderRow(int iy) => FirstReader(iy, ScaleY);

    /// <summary>An output column at or before the first that may read an input column.</summary>
    public int FirstReaderColumn(int ix) => FirstReader(ix, ScaleX);

    /// <summary>Two less than where the input before it would come out: rounding moves an output by less than one.</summary>
    private static int FirstReader(int i, double scale) => scale > 0 ? Math.Max(0, (int)((i - 1) / scale) - 2) : 0;

    /// <summary>PyTorch's rule in single precision, whose rounding decides at some sizes.</summary>
    private static int Nearest(int o, int size, int outputs, float scale) =>
        outputs == size ? o : outputs == 2 * size ? o >> 1 : Math.Min((int)(o * scale), size - 1);

    private double Source(int o, int size, int outputs, double scale) => Math.Min(size - 1,
        outputs == size ? o : AlignCorners != 0 ? o * scale : Math.Max((o + 0.5) * scale - 0.5, 0));

    /// <summary>The geometry of a resampling of <paramref name="x"/>, after checking it: to a size, or by factors, which then also give
    /// the scale (1/factor, not in/out).</summary>
    public static ResizeGeometry Of(string op, Tensor x, Pair? size, (double Vertical, double Horizontal)? scaleFactor, bool alignCorners) {
        Check.Type(op, "input", Check.Rank(op, "input", x, 4), DType.Float32);
        Check.That(size.HasValue != scaleFactor.HasValue, $"{op}: give either a size or a scaleFactor.");
        Check.That(x.Shape[1] > 0 && x.Shape[2] > 0, $"{op}: input {x.Shape} has no pixels.");
        (double Vertical, double Horizontal) factor = scaleFactor ?? (0, 0);
        double height = size?.Vertical ?? Math.Floor(x.Shape[1] * factor.Vertical),
            width = size?.Horizontal ?? Math.Floor(x.Shape[2] * factor.Horizontal);
        Check.That(height is >= 1 and <= int.MaxValue / 2 && width is >= 1 and <= int.MaxValue / 2,
            $"{op}: input {x.Shape} would become {height} by {width} pixels.");
        return new(x.Shape, (int)height, (int)width, Scale(x.Shape[1], (int)height, factor.Vertical, alignCorners),
            Scale(x.Shape[2], (int)width, factor.Horizontal, alignCorners), alignCorners);
    }

    private static double Scale(int size, int outputs, double factor, bool alignCorners) =>
        alignCorners ? outputs == 1 ? 0 : (size - 1.0) / (outputs - 1) : factor > 0 ? 1 / factor : (double)size / outputs;
}
