using ILGPU;

namespace DenseEngine;

/// <summary>Four floats that a kernel loads and stores in one access of 16 bytes, and keeps in registers.</summary>
[System.Diagnostics.CodeAnalysis.SuppressMessage("Design", "CA1051", Justification = "Kernels need fields: a ref to each, by name.")]
public struct Float4 {
    /// <summary>A value.</summary>
    public float X, Y, Z, W;

    /// <summary>sum += a · b.</summary>
    public static void MultiplyAdd(ref Float4 sum, float a, Float4 b) {
        sum.X += a * b.X;
        sum.Y += a * b.Y;
        sum.Z += a * b.Z;
        sum.W += a * b.W;
    }

    /// <summary>The values from a place on, one by one; zero from the one after <paramref name="count"/> on.</summary>
    public static Float4 Guarded(ArrayView<float> values, int at, int count) {
        Float4 result = default;
        if (count > 0) result.X = values[at];
        if (count > 1) result.Y = values[at + 1];
        if (count > 2) result.Z = values[at + 2];
        if (count > 3) result.W = values[at + 3];
        return result;
    }

    /// <summary>sum += a · b, value by value.</summary>
    public static void MultiplyAdd(ref Float4 sum, Float4 a, Float4 b) {
        sum.X += a.X * b.X;
        sum.Y += a.Y * b.Y;
        sum.Z += a.Z * b.Z;
        sum.W += a.W * b.W;
    }

    /// <summary>a · b, value by value.</summary>
    public static Float4 Product(Float4 a, Float4 b) {
        a.X *= b.X;
        a.Y *= b.Y;
        a.Z *= b.Z;
        a.W *= b.W;
        return a;
    }

    /// <summary>a + b · factor.</summary>
    public static Float4 Affine(Float4 a, Float4 b, float factor) {
        MultiplyAdd(ref a, factor, b);
        return a;
    }
}
