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

    /// <summary>Four given values.</summary>
    public static Float4 Of(float x, float y, float z, float w) => new() { X = x, Y = y, Z = z, W = w };

    /// <summary>One value four times.</summary>
    public static Float4 Splat(float value) => Of(value, value, value, value);

    /// <summary>The values from a place on: in one access where <paramref name="vectors"/> is not 0 and all four are there, else one by
    /// one, and zero from the one after <paramref name="count"/> on. The place is a multiple of four where vectors are allowed.</summary>
    public static Float4 Load(ArrayView<float> values, int at, int count, int vectors) {
        Float4 result = default;
        if (vectors != 0 && count > 3) result = values.Cast<Float4>()[at >> 2];
        else result = Guarded(values, at, count);
        return result;
    }

    /// <summary>Writes the first <paramref name="count"/> of four values, as <see cref="Load"/> reads them.</summary>
    public void Store(ArrayView<float> values, int at, int count, int vectors) {
        if (vectors != 0 && count > 3) {
            values.Cast<Float4>()[at >> 2] = this;
            return;
        }
        if (count > 0) values[at] = X;
        if (count > 1) values[at + 1] = Y;
        if (count > 2) values[at + 2] = Z;
        if (count > 3) values[at + 3] = W;
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

    /// <summary>The sum of the products of values.</summary>
    public static float Dot(Float4 a, Float4 b) => a.X * b.X + a.Y * b.Y + (a.Z * b.Z + a.W * b.W);

    /// <summary>a + b · factor.</summary>
    public static Float4 Affine(Float4 a, Float4 b, float factor) {
        MultiplyAdd(ref a, factor, b);
        return a;
    }

    /// <summary>a - b.</summary>
    public static Float4 Difference(Float4 a, Float4 b) {
        a.X -= b.X;
        a.Y -= b.Y;
        a.Z -= b.Z;
        a.W -= b.W;
        return a;
    }

    /// <summary>sum += value, what rounding takes from the sum being kept for the next time (Kahan, 1965).</summary>
    public static void AddKeeping(ref float sum, ref float lost, float value) {
        float whole = value - lost, next = sum + whole;
        lost = (next - sum) - whole;
        sum = next;
    }

    /// <summary>The same, value by value.</summary>
    public static void AddKeeping(ref Float4 sum, ref Float4 lost, Float4 value) {
        AddKeeping(ref sum.X, ref lost.X, value.X);
        AddKeeping(ref sum.Y, ref lost.Y, value.Y);
        AddKeeping(ref sum.Z, ref lost.Z, value.Z);
        AddKeeping(ref sum.W, ref lost.W, value.W);
    }
}
