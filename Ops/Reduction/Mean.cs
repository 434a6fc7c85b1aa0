using System.Runtime.Intrinsics;

namespace DenseEngine.Ops;

public static partial class Op {
    /// <summary>The mean over axes. The mean of nothing is NaN. Gradient: each element gets its mean's, divided by their number.</summary>
    /// <param name="x">Float32, any shape.</param>
    /// <param name="axes">The axes to average over; null or none: all.</param>
    /// <param name="keepDims">Whether the averaged axes stay, with size 1.</param>
    /// <returns>x's shape without <paramref name="axes"/>.</returns>
    /// <exception cref="ShapeException">An axis does not exist or is named twice.</exception>
    public static Tensor Mean(Tensor x, int[]? axes = null, bool keepDims = false) {
        (Tensor y, ReductionGeometry geometry) = Reduce("Mean", x, axes, keepDims, new MeanReduction());
        Shape shape = x.Shape;
        return Tape.Record(y, [x], [], (dy, _) => [Spread(dy, shape, geometry, 1f / geometry.ReducedCount)]);
    }
}

/// <summary>The sum, divided by the number of elements.</summary>
internal readonly struct MeanReduction : IReduction {
    public float Neutral => 0;
    public double Combine(double a, double b) => a + b;
    public float Combine(float a, float b) => a + b;
    public Vector512<float> Combine(Vector512<float> a, Vector512<float> b) => a + b;
    public float Finish(double total, int count) => (float)(total / count);
    public float Finish(float total, int count) => total / count;
}
