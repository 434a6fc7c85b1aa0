namespace DenseEngine.Ops;

public static partial class Op {
    /// <summary>The largest value from each pixel to the end of its column or row (Law and Deng, CornerNet, ECCV 2018, equation 6): a
    /// running maximum, y[i] = max(x[i], y[i+1]) towards the top or left, max(x[i], y[i-1]) towards the bottom or right. A NaN is taken
    /// and kept. Gradient: to the pixel that has the value; of equal ones to the last that the scan reached, the nearest to y's.</summary>
    /// <param name="x">[N, H, W, C].</param>
    /// <param name="side">Where the scan goes to.</param>
    /// <returns>[N, H, W, C].</returns>
    /// <exception cref="ShapeException">The rank is not 4.</exception>
    public static Tensor CornerPool(Tensor x, CornerSide side) {
        ScanGeometry scan = ScanGeometry.Of(nameof(CornerPool), x, side);
        var y = new Tensor(x.Device, x.Shape);
        // Which positions set the maximum: all that the gradient needs.
        using Tensor? records = Tape.Wants(x) ? new Tensor(x.Device, scan.WordShape, DType.Int32) : null;
        Run(x.Device, host => CornerPoolHost.Forward(host, y, records, x, scan), gpu => CornerPoolGpu(gpu, y, records, x, scan));
        return Tape.Record(y, [x], records is null ? [] : [records], (dy, saved) => {
            var dx = new Tensor(dy.Device, dy.Shape);
            Run(dy.Device, host => CornerPoolHost.Gradient(host, dx, dy, saved[0], scan),
                gpu => CornerPoolGradientGpu(gpu, dx, dy, saved[0], scan));
            return [dx];
        });
    }
}
