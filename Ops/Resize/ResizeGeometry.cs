namespace DenseEngine.Ops;

/// <summary>Sizes of a resampling and where an output pixel lies in the input: x [N, Height, Width, Channels], y [N, OutputHeight,
/// OutputWidth, Channels]. Shared by the host path and the kernels.</summary>
internal readonly struct ResizeGeometry {
    /// <summary>Pictures, and the input's lines, columns and channels.</summary>
    public readonly int Images, Height, Width, Channels;

    /// <summary>The output's lines and columns.</summary>
    public readonly int OutputHeight, OutputWidth;

    /// <summary>Steps of a place between two pixels, as a power of two: what a float's weight can tell apart.</summary>
    private const int PlaceBits = 24;

    /// <summary>Input pixels for each output pixel, down and across, in steps of 2 to the power -<see cref="scaleBits"/>. Whole numbers, so
    /// that every device finds the same places.</summary>
    private readonly long scaleY, scaleX;

    /// <summary>The same rounded to single precision, of which nearest sampling is made.</summary>
    private readonly float nearestY, nearestX;

    /// <summary>Output pixels for each input pixel; 0 if there is one output.</summary>
    private readonly float reachY, reachX;

    private readonly int scaleBits;

    /// <summary>1 where the centres of the corner pixels meet, 0 where the pictures' borders do.</summary>
    private readonly int alignCorners;

    private ResizeGeometry(Shape input, int outputHeight, int outputWidth, double scaleY, double scaleX, bool alignCorners) {
        (Images, Height, Width, Channels) = (input[0], input[1], input[2], input[3]);
        (OutputHeight, OutputWidth, this.alignCorners) = (outputHeight, outputWidth, alignCorners ? 1 : 0);
        // Twice the largest size times the scale fits into 63 bits.
        scaleBits = Math.Max(Math.Max(Height, Width), Math.Max(outputHeight, outputWidth)) < 1 << 21 ? 40 : 30;
        (this.scaleY, this.scaleX) = ((long)Math.Round(Math.ScaleB(scaleY, scaleBits)), (long)Math.Round(Math.ScaleB(scaleX, scaleBits)));
        (nearestY, nearestX) = ((float)scaleY, (float)scaleX);
        (reachY, reachX) = (scaleY > 0 ? (float)(1 / scaleY) : 0, scaleX > 0 ? (float)(1 / scaleX) : 0);
    }

    /// <summary>The shape of the input.</summary>
    public Shape InputShape => [Images, Height, Width, Channels];

    /// <summary>The shape of the output.</summary>
    public Shape OutputShape => [Images, OutputHeight, OutputWidth, Channels];

    /// <summary>The input line that nearest sampling takes.</summary>
    public int NearestRow(int oy) => Nearest(oy, Height, OutputHeight, nearestY);

    /// <summary>The input column that nearest sampling takes.</summary>
    public int NearestColumn(int ox) => Nearest(ox, Width, OutputWidth, nearestX);

    /// <summary>The place of an output line among the centres of input lines: <see cref="First"/> and <see cref="Weight"/> read
    /// it.</summary>
    public long SourceRow(int oy) => Source(oy, Height, OutputHeight, scaleY);

    /// <summary>The place of an output column among the centres of input columns.</summary>
    public long SourceColumn(int ox) => Source(ox, Width, OutputWidth, scaleX);

    /// <summary>The input at or before a place.</summary>
    public static int First(long place) => (int)(place >> PlaceBits);

    /// <summary>How far a place lies beyond that input: 0 or more and below 1.</summary>
    public static float Weight(long place) => (int)(place & ((1 << PlaceBits) - 1)) * (1f / (1 << PlaceBits));

    /// <summary>The weight of an input in an output whose place is at most one away.</summary>
    public static float Share(long place, int input) => First(place) == input ? 1 - Weight(place) : Weight(place);

    /// <summary>An output line at or before the first that may read an input line.</summary>
    public int FirstReaderRow(int iy) => FirstReader(iy, OutputHeight, reachY);

    /// <summary>An output column at or before the first that may read an input column.</summary>
    public int FirstReaderColumn(int ix) => FirstReader(ix, OutputWidth, reachX);

    /// <summary>Three less than where the input before it would come out, and less again where single precision cannot tell neighbours
    /// apart: rounding moves an output by less than that.</summary>
    private static int FirstReader(int i, int outputs, float reach) => Math.Max(0, (int)((i - 1) * reach) - 3 - (outputs >> 20));

    /// <summary>PyTorch's rule in single precision, whose rounding decides at some sizes.</summary>
    private static int Nearest(int o, int size, int outputs, float scale) =>
        outputs == size ? o : outputs == 2 * size ? o >> 1 : Math.Min((int)(o * scale), size - 1);

    /// <summary>o · scale, or (o + 1/2) · scale - 1/2: twice that, then halved and rounded to the steps of a place.</summary>
    private long Source(int o, int size, int outputs, long scale) {
        if (outputs == size) return (long)o << PlaceBits;
        long twice = alignCorners != 0 ? 2L * o * scale : (2L * o + 1) * scale - (1L << scaleBits);
        long place = (twice + (1L << (scaleBits - PlaceBits))) >> (scaleBits - PlaceBits + 1);
        long last = (long)(size - 1) << PlaceBits;
        return place < 0 ? 0 : place < last ? place : last;
    }

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
