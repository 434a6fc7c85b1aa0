using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace DenseEngine.Ops;

public static partial class Op {
    /// <summary>The smallest value along an axis and where it stands: at the first, if several are equal. NaN counts as the smallest.
    /// Gradient: to that element alone.</summary>
    /// <param name="x">Float32, any shape but a scalar's.</param>
    /// <param name="axis">The axis to look along.</param>
    /// <param name="keepDims">Whether the axis stays, with size 1.</param>
    /// <returns>Values (float32) and indices (int32), both of x's shape without the axis.</returns>
    /// <exception cref="ShapeException">The axis does not exist or has size 0.</exception>
    public static (Tensor Values, Tensor Indices) Min(Tensor x, int axis, bool keepDims = false) =>
        Extreme("Min", x, axis, keepDims, new Smallest());
}

/// <summary>The smaller wins, and NaN over everything.</summary>
internal readonly struct Smallest : IExtreme {
    public bool Better(float a, float best) => a < best || (float.IsNaN(a) && !float.IsNaN(best));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector512<float> Better(Vector512<float> a, Vector512<float> best) =>
        Vector512.LessThan(a, best) | (~Vector512.Equals(a, a) & Vector512.Equals(best, best));

    public Vector512<float> Best(Vector512<float> a, Vector512<float> b) => Vector512.Min(a, b);
}
