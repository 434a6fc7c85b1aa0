namespace DenseEngine.Ops;

public static partial class Op {
    /// <summary>The largest value of each of H'×W' windows that cover the picture: window o runs from ⌊o·H/H'⌋ to ⌈(o+1)·H/H'⌉, so
    /// windows may overlap, and there may be more of them than pixels. Ties, NaN and gradient as in <see cref="MaxPool2d"/>.</summary>
    /// <param name="x">[N, H, W, C], with at least one pixel.</param>
    /// <param name="outputSize">H' and W'.</param>
    /// <returns>[N, H', W', C].</returns>
    /// <exception cref="ShapeException">The rank is not 4, there are no pixels, or a size is below 1.</exception>
    public static Tensor AdaptiveMaxPool2d(Tensor x, Pair outputSize) =>
        MaxPool(x, PoolGeometry.Adaptive("AdaptiveMaxPool2d", x, outputSize));
}
