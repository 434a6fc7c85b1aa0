using System.Runtime.Intrinsics;

namespace DenseEngine.Ops;

public static partial class Op {
    /// <summary>The largest value over axes. NaN counts as the largest. Gradient:
    /// shared evenly among the elements that are equal to it.</summary>
    /// <param name="x">Float32, any shape.</param>
    /// <param name="axes">The axes to look along; null or none: all.</param>
    /// <param name="keepDims">Whether these axes stay, with size 1.</param>
    /// <returns>x's shape without <paramref name="axes"/>.</returns>
    /// <exception cref="ShapeException">An axis does not exist, is named twice, or has size 0.</exception>
    public static Tensor Amax(Tensor x, int[]? axes = null, bool keepDims = false) {
        NeedsElements("Amax", x, axes);
        (Tensor y, ReductionGeometry geometry) = Reduce("Amax", x, axes, keepDims, new AmaxReduction());
        return Tape.Record(y, [x], [x, y], (dy, saved) => [ShareAmongTies(dy, saved[0], saved[1], geometry)]);
    }
}

/// <summary>The largest; NaN if one is.</summary>
internal readonly struct AmaxReduction : IReduction {
    public float Neutral => float.NegativeInfinity;
    public double Combine(double a, double b) => Math.Max(a, b);
    public float Combine(float a, float b) => a > b || float.IsNaN(a) ? a : b;   // a GPU's max drops NaN
    public Vector512<float> Combine(Vector512<float> a, Vector512<float> b) => Vector512.Max(a, b);
    public float Finish(double total, int count) => (float)total;
    public float Finish(float total, int count) => total;
}
