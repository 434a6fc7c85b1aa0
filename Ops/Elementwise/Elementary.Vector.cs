using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using V = System.Runtime.Intrinsics.Vector512<float>;

namespace DenseEngine.Ops;

/// <summary>Sixteen lanes at once, operation for operation what the scalar bodies do: a branch there is a selection here.</summary>
internal static partial class Elementary {
    /// <summary>eˣ in each lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Exp(V x) {
        // These keep the second operand where one is NaN.
        V bounded = Vector512.MinNative(Vector512.Create(ExpUpper), Vector512.MaxNative(Vector512.Create(ExpLower), x));
        V rounder = Vector512.Create(Rounder), shifted = bounded * Log2E + rounder, whole = shifted - rounder;
        Vector512<int> n = shifted.AsInt32() - rounder.AsInt32();
        V y = ExpReduced(bounded - whole * Ln2High - whole * Ln2Low) + V.One;
        Vector512<int> half = n >> 1;
        return y * PowerOfTwo(half) * PowerOfTwo(n - half);
    }

    /// <summary>eˣ - 1 in each lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Expm1(V x) {
        V near = ExpReduced(x);
        V small = Vector512.GreaterThan(x, Vector512.Create(-0.34f)) & Vector512.LessThan(x, Vector512.Create(0.34f));
        return Select(small, near, Exp(x) - V.One);
    }

    /// <summary>ln x in each lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Log(V x) {
        V denormal = Vector512.LessThan(x, Vector512.Create(SmallestNormal));
        Vector512<int> bits = Select(denormal, x * 8388608f, x).AsInt32();
        Vector512<int> bias = Vector512.ConditionalSelect(denormal.AsInt32(), Vector512.Create(149), Vector512.Create(126));
        Vector512<int> e = ((bits >> 23) & Vector512.Create(0xff)) - bias;
        V m = ((bits & Vector512.Create(0x007fffff)) | Vector512.Create(0x3f000000)).AsSingle();
        V low = Vector512.LessThan(m, Vector512.Create(SqrtHalf));
        V exponent = Vector512.ConvertToSingle(e + low.AsInt32());   // a true lane is -1
        V f = Select(low, m + m - V.One, m - V.One);
        V z = f * f;
        V y = LogSeries(f, z) * z + exponent * Ln2Low - z * 0.5f + f + exponent * Ln2High;
        y = Select(Vector512.Equals(x, V.Zero), Vector512.Create(float.NegativeInfinity), y);
        y = Select(Vector512.Equals(x, Vector512.Create(float.PositiveInfinity)), x, y);
        return Select(Vector512.GreaterThanOrEqual(x, V.Zero), y, Vector512.Create(float.NaN));
    }

    /// <summary>ln(1 + x) in each lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Log1p(V x) {
        V u = V.One + x, d = u - V.One;
        V y = Select(Vector512.LessThan(u, Vector512.Create(float.PositiveInfinity)), Log(u) * (x / d), u);
        return Select(Vector512.Equals(d, V.Zero), x, y);
    }

    /// <summary>ln(1 + x) for x from 0 to 1, in each lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Log1pOfUnit(V x) {
        V s = x / (x + Vector512.Create(2f)), z = s * s, twice = s + s;
        V series = z * H1 + Vector512.Create(H0) + z * z * (z * H3 + Vector512.Create(H2));
        return series * z * twice + twice;
    }

    /// <summary>The hyperbolic tangent in each lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Tanh(V x) {
        V z = x * x;
        V near = ((((z * T0 + Vector512.Create(T1)) * z + Vector512.Create(T2)) * z + Vector512.Create(T3)) * z
            + Vector512.Create(T4)) * z * x + x;
        V negative = Vector512.LessThan(x, V.Zero);
        V size = Select(negative, -x, x);
        V far = V.One - Vector512.Create(2f) / (Exp(size + size) + V.One);
        far = Select(negative, -far, far);
        V y = Select(Vector512.LessThan(size, Vector512.Create(0.625f)), near, far);
        return Select(Vector512.Equals(x, x), y, x);
    }

    /// <summary>1 / (1 + e⁻ˣ) in each lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Sigmoid(V x) {
        V e = Exp(x | Vector512.Create(-0f));   // -|x|
        return Select(Vector512.LessThan(x, V.Zero), e, V.One) / (V.One + e);
    }

    /// <summary>ln(1 + eˣ) in each lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Softplus(V x) {
        V excess = Select(Vector512.GreaterThan(x, V.Zero), x, V.Zero);
        return excess + Log1pOfUnit(Exp(x | Vector512.Create(-0f)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V ExpReduced(V r) {
        V z = r * r;
        V series = r * E4 + Vector512.Create(E5) + z * (r * E2 + Vector512.Create(E3)) + z * z * (r * E0 + Vector512.Create(E1));
        return series * z + r;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V LogSeries(V f, V z) {
        V low = f * L7 + Vector512.Create(L8) + z * (f * L5 + Vector512.Create(L6));
        V high = f * L3 + Vector512.Create(L4) + z * (f * L1 + Vector512.Create(L2));
        V square = z * z;
        return (low + square * (high + square * L0)) * f;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V PowerOfTwo(Vector512<int> n) => ((n + Vector512.Create(127)) << 23).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Select(V condition, V yes, V no) => Vector512.ConditionalSelect(condition, yes, no);
}
