using System.Runtime.Intrinsics;

namespace DenseEngine.Ops;

public static partial class Op {
    /// <summary>The sum over axes. The sum of nothing is 0. Gradient: each element gets its sum's.</summary>
    /// <param name="x">Float32, any shape.</param>
    /// <param name="axes">The axes to sum over; null or none: all.</param>
    /// <param name="keepDims">Whether the summed axes stay, with size 1.</param>
    /// <returns>x's shape without <paramref name="axes"/>.</returns>
    /// <exception cref="ShapeException">An axis does not exist or is named twice.</exception>
    public static Tensor Sum(Tensor x, int[]? axes = null, bool keepDims = false) {
        (Tensor y, ReductionGeometry geometry) = Reduce("Sum", x, axes, keepDims, new SumReduction());
        Shape shape = x.Shape;
        return Tape.Record(y, [x], [], (dy, _) => [Spread(dy, shape, geometry, 1)]);
    }
}

/// <summary>a + b.</summary>
internal readonly struct SumReduction : IReduction {
    public float Neutral => 0;
    public double Combine(double a, double b) => a + b;
    public float Combine(float a, float b) => a + b;
    public Vector512<float> Combine(Vector512<float> a, Vector512<float> b) => a + b;
    public float Finish(double total, int count) => (float)total;
    public float Finish(float total, int count) => total;
}
