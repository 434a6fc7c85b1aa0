namespace DenseEngine.Ops;

public static partial class Op {
    /// <summary>The mean of each window and channel. Gradient: each pixel gets its share of every window that holds it.</summary>
    /// <param name="x">[N, H, W, C].</param>
    /// <param name="size">The window, in pixels.</param>
    /// <param name="stride">Input pixels between windows; the window's size by default.</param>
    /// <param name="padding">Zeros around the picture, at most half of the window.</param>
    /// <param name="ceilMode">Whether a last window may reach beyond the padded picture (H' is rounded up).
    /// What lies beyond never counts.</param>
    /// <param name="countIncludePad">Whether the divisor counts padding, or only pixels of the picture.</param>
    /// <param name="divisor">A divisor for all windows instead.</param>
    /// <returns>[N, H', W', C] with H' = (H + 2·padding - size) / stride + 1.</returns>
    /// <exception cref="ShapeException">The rank is not 4, a parameter is out of its range,
    /// or the window is larger than the padded input.</exception>
    public static Tensor AvgPool2d(Tensor x, Pair size, Pair? stride = null, Pair padding = default, bool ceilMode = false,
        bool countIncludePad = true,
        int? divisor = null) {
        Check.That(divisor != 0, $"AvgPool2d: the divisor is 0.");
        return AveragePool(x, PoolGeometry.Of("AvgPool2d", x, size, stride ?? size, padding, 1, ceilMode),
            new AverageDivisor(countIncludePad, divisor ?? 0));
    }

    private static Tensor AveragePool(Tensor x, PoolGeometry pool, AverageDivisor divisor) {
        var y = new Tensor(x.Device, pool.OutputShape);
        Run(x.Device, host => AveragePoolHost(host, y, x, pool, divisor), gpu => AveragePoolGpu(gpu, y, x, pool, divisor));
        return Tape.Record(y, [x], [], (dy, _) => {
            var dx = new Tensor(dy.Device, pool.InputShape);
            Run(dy.Device, host => AveragePoolGradientHost(host, dx, dy, pool, divisor),
                gpu => AveragePoolGradientGpu(gpu, dx, dy, pool, divisor));
            return [dx];
        });
    }

    private static unsafe void AveragePoolHost(HostDevice host, Tensor y, Tensor x, PoolGeometry pool, AverageDivisor divisor) {
        float* to = y.Pointer, from = x.Pointer;
        Ranges columns = PoolHost.Columns(pool);
        PoolHost.Lines(host, pool, pool.OutputHeight, pool.OutputWidth, PoolHost.Taps(pool), (image, oy, first, end) =>
            PoolHost.AverageLine(to, from, pool, columns, divisor, image, oy, first, end));
    }

    private static unsafe void AveragePoolGradientHost(HostDevice host, Tensor dx, Tensor dy, PoolGeometry pool, AverageDivisor divisor) {
        float* to = dx.Pointer, from = dy.Pointer;
        Ranges columns = PoolHost.OutputColumns(pool);
        PoolHost.Lines(host, pool, pool.Height, pool.Width, 4, (image, iy, first, end) =>
            PoolHost.AverageGradientLine(to, from, pool, columns, divisor, image, iy, first, end));
    }
}
