namespace ILGPU.Algorithms;

/// <summary>The mathematical functions that are exact on every device. The transcendental ones differ between devices: kernels use
/// their own.</summary>
public static class XMath {
    /// <summary>The absolute value.</summary>
    public static float Abs(float value) => MathF.Abs(value);

    /// <summary>The absolute value.</summary>
    public static int Abs(int value) => Math.Abs(value);

    /// <summary>The smaller value.</summary>
    public static float Min(float first, float second) => MathF.Min(first, second);

    /// <summary>The smaller value.</summary>
    public static int Min(int first, int second) => Math.Min(first, second);

    /// <summary>The larger value.</summary>
    public static float Max(float first, float second) => MathF.Max(first, second);

    /// <summary>The larger value.</summary>
    public static int Max(int first, int second) => Math.Max(first, second);

    /// <summary>The value between two bounds.</summary>
    public static float Clamp(float value, float min, float max) => Max(Min(value, max), min);

    /// <summary>The value between two bounds.</summary>
    public static int Clamp(int value, int min, int max) => Max(Min(value, max), min);

    /// <summary>The largest integer not above.</summary>
    public static float Floor(float value) => MathF.Floor(value);

    /// <summary>The smallest integer not below.</summary>
    public static float Ceiling(float value) => MathF.Ceiling(value);

    /// <summary>The square root.</summary>
    public static float Sqrt(float value) => MathF.Sqrt(value);

    /// <summary>The quotient of integers, rounded up.</summary>
    public static int DivRoundUp(int numerator, int denominator) => (numerator + denominator - 1) / denominator;
}
