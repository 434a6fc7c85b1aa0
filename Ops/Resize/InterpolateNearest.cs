namespace DenseEngine.Ops;

public static partial class Op {
    /// <summary>Resamples pictures: each output pixel copies the input pixel ⌊o · scale⌋, without half-pixel centres, by PyTorch's rule
    /// ("nearest") in single precision. Gradient: an input pixel gets the sum over its copies.</summary>
    /// <param name="x">[N, H, W, C], with at least one pixel.</param>
    /// <param name="size">The output's height and width; scale = input / output.</param>
    /// <param name="scaleFactor">Or factors, down and across: H' = ⌊H · factor⌋, scale = 1 / factor.</param>
    /// <returns>[N, H', W', C].</returns>
    /// <exception cref="ShapeException">The rank is not 4, both or none of the sizes are given,
    /// or the output would have no pixels.</exception>
    public static Tensor InterpolateNearest(Tensor x, Pair? size = null, (double Vertical, double Horizontal)? scaleFactor = null) {
        ResizeGeometry resize = ResizeGeometry.Of("InterpolateNearest", x, size, scaleFactor, alignCorners: false);
        var y = new Tensor(x.Device, resize.OutputShape);
        Run(x.Device, host => NearestHost(host, y, x, resize), gpu => NearestGpu(gpu, y, x, resize));
        return Tape.Record(y, [x], [], (dy, _) => [NearestGradient(dy, resize)]);
    }

    private static Tensor NearestGradient(Tensor dy, ResizeGeometry resize) {
        var dx = new Tensor(dy.Device, resize.InputShape);
        Run(dy.Device, host => NearestGradientHost(host, dx, dy, resize), gpu => NearestGradientGpu(gpu, dx, dy, resize));
        return dx;
    }

    private static unsafe void NearestHost(HostDevice host, Tensor y, Tensor x, ResizeGeometry resize) {
        int channels = resize.Channels, width = resize.OutputWidth, line = width * channels;
        if (y.Count == 0) return;
        float* to = y.Pointer, from = x.Pointer;
        int[] columns = ResizeTable.Nearest(resize.Width, width, resize.NearestColumn).First;
        host.Workers.ForRange(resize.Images * resize.OutputHeight, Math.Max(1, ElementwiseGrain / line), (first, end) => {
            for (int row = first; row < end; row++) {
                (int image, int oy) = Math.DivRem(row, resize.OutputHeight);
                int iy = resize.NearestRow(oy);
                ResizeHost.SpreadLine(to + (nint)row * line, from + ((nint)image * resize.Height + iy) * resize.Width * channels, columns,
                    channels);
            }
        });
    }

    private static unsafe void NearestGradientHost(HostDevice host, Tensor dx, Tensor dy, ResizeGeometry resize) {
        int channels = resize.Channels, width = resize.OutputWidth, line = resize.Width * channels;
        if (dx.Count == 0) return;
        float* to = dx.Pointer, from = dy.Pointer;
        int[] rows = ResizeTable.Nearest(resize.Height, resize.OutputHeight, resize.NearestRow).Start;
        int[] columns = ResizeTable.Nearest(resize.Width, width, resize.NearestColumn).Start;
        long reads = Math.Max(line, (long)resize.OutputHeight * width * channels / resize.Height);
        host.Workers.ForRange(resize.Images * resize.Height, (int)Math.Max(1, ElementwiseGrain / reads), (first, end) => {
            for (int row = first; row < end; row++) {
                (int image, int iy) = Math.DivRem(row, resize.Height);
                fixed (int* column = columns)
                    ResizeHost.NearestGradientLine(to + (nint)row * line, from + (nint)image * resize.OutputHeight * width * channels,
                        rows[iy], rows[iy + 1],
                        column, resize.Width, width, channels);
            }
        });
    }
}
