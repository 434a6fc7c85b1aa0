namespace DenseEngine.Ops;

public static partial class Op {
    /// <summary>Resamples pictures by linear interpolation between the four nearest pixels; nothing is smoothed when shrinking. Gradient:
    /// an input pixel gathers, with the same weights, from the outputs that read it.</summary>
    /// <param name="x">[N, H, W, C], with at least one pixel.</param>
    /// <param name="size">The output's height and width; scale = input / output.</param>
    /// <param name="scaleFactor">Or factors, down and across: H' = ⌊H · factor⌋, scale = 1 / factor.</param>
    /// <param name="alignCorners">Whether the corner pixels' centres meet: output o lies at o · (H-1)/(H'-1). Otherwise the borders meet:
    /// it lies at max((o + 1/2) · scale - 1/2, 0).</param>
    /// <returns>[N, H', W', C].</returns>
    /// <exception cref="ShapeException">The rank is not 4, both or none of the sizes are given,
    /// or the output would have no pixels.</exception>
    public static Tensor InterpolateBilinear(Tensor x, Pair? size = null, (double Vertical, double Horizontal)? scaleFactor = null,
        bool alignCorners = false) {
        ResizeGeometry resize = ResizeGeometry.Of("InterpolateBilinear", x, size, scaleFactor, alignCorners);
        var y = new Tensor(x.Device, resize.OutputShape);
        Run(x.Device, host => BilinearHost(host, y, x, resize), gpu => BilinearGpu(gpu, y, x, resize));
        return Tape.Record(y, [x], [], (dy, _) => {
            var dx = new Tensor(dy.Device, resize.InputShape);
            Run(dy.Device, host => BilinearGradientHost(host, dx, dy, resize), gpu => BilinearGradientGpu(gpu, dx, dy, resize));
            return [dx];
        });
    }

    private static unsafe void BilinearHost(HostDevice host, Tensor y, Tensor x, ResizeGeometry resize) {
        int channels = resize.Channels, line = resize.OutputWidth * channels;
        if (y.Count == 0) return;
        float* to = y.Pointer, from = x.Pointer;
        ResizeTable rows = ResizeTable.Linear(resize.Height, resize.OutputHeight, resize.SourceRow);
        ResizeTable columns = ResizeTable.Linear(resize.Width, resize.OutputWidth, resize.SourceColumn);
        host.Workers.ForRange(resize.Images * resize.OutputHeight, Math.Max(1, ElementwiseGrain / line), (first, end) => {
            for (int row = first; row < end; row++) {
                (int image, int oy) = Math.DivRem(row, resize.OutputHeight);
                int iy = rows.First[oy];
                float* above = from + ((nint)image * resize.Height + iy) * resize.Width * channels;
                float* below = iy + 1 < resize.Height ? above + (nint)resize.Width * channels : above;
                for (int ox = 0; ox < resize.OutputWidth; ox++) {
                    int left = columns.First[ox] * channels, right = columns.First[ox] + 1 < resize.Width ? left + channels : left;
                    VectorLoops.Blend(to + (nint)row * line + (nint)ox * channels, above + left, above + right, below + left, below + right,
                        channels,
                        columns.Weight[ox], rows.Weight[oy]);
                }
            }
        });
    }

    private static unsafe void BilinearGradientHost(HostDevice host, Tensor dx, Tensor dy, ResizeGeometry resize) {
        int channels = resize.Channels, width = resize.OutputWidth, line = resize.Width * channels;
        if (dx.Count == 0) return;
        float* to = dx.Pointer, from = dy.Pointer;
        ResizeTable rows = ResizeTable.Linear(resize.Height, resize.OutputHeight, resize.SourceRow);
        ResizeTable columns = ResizeTable.Linear(resize.Width, width, resize.SourceColumn);
        (int[] starts, float[] weights) = columns.Readers();
        long reads = Math.Max(line, 4L * resize.OutputHeight * width * channels / resize.Height);
        host.Workers.ForRange(resize.Images * resize.Height, (int)Math.Max(1, ElementwiseGrain / reads), (first, end) => {
            for (int row = first; row < end; row++) {
                (int image, int iy) = Math.DivRem(row, resize.Height);
                ResizeHost.LinearGradientLine(to + (nint)row * line, from + (nint)image * resize.OutputHeight * width * channels, iy, rows,
                    columns, starts, weights, resize.Width, width, channels);
            }
        });
    }
}
