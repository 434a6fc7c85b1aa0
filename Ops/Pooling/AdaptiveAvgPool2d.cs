namespace DenseEngine.Ops;

public static partial class Op {
    /// <summary>The mean of each of H'×W' windows that cover the picture, cut as in <see cref="AdaptiveMaxPool2d"/>. Gradient: each pixel
    /// gets its share of every window that holds it.</summary>
    /// <param name="x">[N, H, W, C], with at least one pixel.</param>
    /// <param name="outputSize">H' and W'; 1 is the mean over the picture.</param>
    /// <returns>[N, H', W', C].</returns>
    /// <exception cref="ShapeException">The rank is not 4, there are no pixels, or a size is below 1.</exception>
    public static Tensor AdaptiveAvgPool2d(Tensor x, Pair outputSize) =>
        AveragePool(x, PoolGeometry.Adaptive("AdaptiveAvgPool2d", x, outputSize), new AverageDivisor(CountPadding: false, Given: 0));
}
