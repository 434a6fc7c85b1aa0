namespace DenseEngine.Ops;

public static partial class Op {
    /// <summary>The largest value of each window and channel. Padding never wins; of equal values the first in row order does; a NaN
    /// wins over everything. Gradient: to the pixel that won alone.</summary>
    /// <param name="x">[N, H, W, C].</param>
    /// <param name="size">The window, in taps.</param>
    /// <param name="stride">Input pixels between windows; the window's size by default.</param>
    /// <param name="padding">Pixels around the picture, at most half of the window.</param>
    /// <param name="dilation">Input pixels between taps; 1 by default.</param>
    /// <param name="ceilMode">Whether a last window may reach beyond the padded picture (H' is rounded up), as long as it begins inside
    /// the picture or the padding before it.</param>
    /// <returns>[N, H', W', C] with H' = (H + 2·padding - dilation·(size-1) - 1) / stride + 1.</returns>
    /// <exception cref="ShapeException">The rank is not 4, a parameter is out of its range,
    /// or the window is larger than the padded input.</exception>
    public static Tensor MaxPool2d(Tensor x, Pair size, Pair? stride = null, Pair padding = default, Pair? dilation = null,
        bool ceilMode = false) =>
        MaxPool(x, PoolGeometry.Of("MaxPool2d", x, size, stride ?? size, padding, dilation ?? 1, ceilMode));

    private static Tensor MaxPool(Tensor x, PoolGeometry pool) {
        var y = new Tensor(x.Device, pool.OutputShape);
        // The winners' places are kept for the gradient only.
        using Tensor? indices = Tape.Wants(x) ? new Tensor(x.Device, pool.OutputShape, DType.Int32) : null;
        Run(x.Device, host => MaxPoolHost(host, y, indices, x, pool), gpu => MaxPoolGpu(gpu, y, indices, x, pool));
        return Tape.Record(y, [x], indices is null ? [] : [indices], (dy, saved) => {
            var dx = new Tensor(dy.Device, pool.InputShape);
            Run(dy.Device, host => MaxPoolGradientHost(host, dx, dy, saved[0], pool),
                gpu => MaxPoolGradientGpu(gpu, dx, dy, saved[0], pool));
            return [dx];
        });
    }

    private static unsafe void MaxPoolHost(HostDevice host, Tensor y, Tensor? indices, Tensor x, PoolGeometry pool) {
        float* to = y.Pointer, from = x.Pointer;
        int* places = indices is null ? null : indices.IntPointer;
        Ranges columns = PoolHost.Columns(pool);
        bool overlaps = PoolHost.Overlaps(pool);
        PoolHost.Lines(host, pool, pool.OutputHeight, pool.OutputWidth, PoolHost.Taps(pool), (image, oy, first, end) => {
            if (places == null && overlaps) PoolHost.OverlappingMaxLine(to, from, pool, image, oy);
            else if (places == null) PoolHost.MaxLine(to, from, pool, columns, image, oy, first, end);
            else PoolHost.MaxLineAndPlaces(to, places, from, pool, columns, image, oy, first, end);
        });
    }

    private static unsafe void MaxPoolGradientHost(HostDevice host, Tensor dx, Tensor dy, Tensor indices, PoolGeometry pool) {
        float* to = dx.Pointer, from = dy.Pointer;
        int* places = indices.IntPointer;
        Ranges columns = PoolHost.OutputColumns(pool);
        PoolHost.Lines(host, pool, pool.Height, pool.Width, 4, (image, iy, first, end) =>
            PoolHost.MaxGradientLine(to, from, places, pool, columns, image, iy, first, end));
    }
}
