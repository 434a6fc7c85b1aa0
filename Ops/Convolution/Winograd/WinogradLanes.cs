using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace DenseEngine.Ops;

/// <summary>Sixteen floats of the host.</summary>
internal readonly struct HostLanes : IWinogradLanes<Vector512<float>> {
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Add(Vector512<float> a, Vector512<float> b) => a + b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Subtract(Vector512<float> a, Vector512<float> b) => a - b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Scale(float factor, Vector512<float> a) => Vector512.Create(factor) * a;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Share(int numerator, int denominator, Vector512<float> a) =>
        Vector512.Create((float)numerator / denominator) * a;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> MultiplyAdd(float factor, Vector512<float> a, Vector512<float> b) =>
        Vector512.MultiplyAddEstimate(Vector512.Create(factor), a, b);
}

/// <summary>Eight doubles of the host.</summary>
internal readonly struct HostWideLanes : IWinogradLanes<Vector512<double>> {
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> Add(Vector512<double> a, Vector512<double> b) => a + b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> Subtract(Vector512<double> a, Vector512<double> b) => a - b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> Scale(float factor, Vector512<double> a) => Vector512.Create((double)factor) * a;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> Share(int numerator, int denominator, Vector512<double> a) =>
        Vector512.Create((double)numerator / denominator) * a;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> MultiplyAdd(float factor, Vector512<double> a, Vector512<double> b) =>
        Vector512.MultiplyAddEstimate(Vector512.Create((double)factor), a, b);
}

/// <summary>Four floats of a device's thread.</summary>
internal readonly struct KernelLanes : IWinogradLanes<Float4> {
    public static Float4 Add(Float4 a, Float4 b) => Float4.Of(a.X + b.X, a.Y + b.Y, a.Z + b.Z, a.W + b.W);

    public static Float4 Subtract(Float4 a, Float4 b) => Float4.Difference(a, b);

    public static Float4 Scale(float factor, Float4 a) => Float4.Of(factor * a.X, factor * a.Y, factor * a.Z, factor * a.W);

    public static Float4 Share(int numerator, int denominator, Float4 a) => Scale((float)numerator / denominator, a);

    public static Float4 MultiplyAdd(float factor, Float4 a, Float4 b) => Float4.Affine(b, a, factor);
}
