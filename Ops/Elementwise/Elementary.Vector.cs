using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using V = System.Runtime.Intrinsics.Vector512<float>;

namespace DenseEngine.Ops;

/// <summary>Sixteen lanes at once, operation for operation what the scalar bodies do: a branch there is a selection here.</summary>
internal static partial class Elementary {
    /// <summary>eˣ in each lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Exp(V x) {
        V bounded = Select(Vector512.GreaterThan(x, Vector512.Create(ExpUpper)), Vector512.Create(ExpUpper),
            Select(Vector512.LessThan(x, Vector512.Create(ExpLower)), Vector512.Create(ExpLower), x));
        V t = bounded * Log2E;
        V rounding = Select(Vector512.GreaterThanOrEqual(t, V.Zero), Vector512.Create(0.5f), Vector512.Create(-0.5f));
        Vector512<int> n = Vector512.ConvertToInt32(t + rounding);
        V whole = Vector512.ConvertToSingle(n);
        V y = ExpReduced(bounded - whole * Ln2High - whole * Ln2Low) + V.One;
        Vector512<int> half = n >> 1;
        y = y * PowerOfTwo(half) * PowerOfTwo(n - half);
        y = Select(Vector512.GreaterThan(x, Vector512.Create(ExpUpper)), Vector512.Create(float.PositiveInfinity), y);
        y = Select(Vector512.LessThan(x, Vector512.Create(ExpLower)), V.Zero, y);
        return Select(Vector512.Equals(x, x), y, x);
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
        V y = ((((((((f * L0 + Vector512.Create(L1)) * f + Vector512.Create(L2)) * f + Vector512.Create(L3)) * f + Vector512.Create(L4)) * f
            + Vector512.Create(L5)) * f + Vector512.Create(L6)) * f + Vector512.Create(L7)) * f + Vector512.Create(L8)) * f * z;
        y = y + exponent * Ln2Low - z * 0.5f + f + exponent * Ln2High;
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

    /// <summary>The hyperbolic tangent in each lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Tanh(V x) {
        V z = x * x;
        V near = ((((z * T0 + Vector512.Create(T1)) * z + Vector512.Create(T2)) * z + Vector512.Create(T3)) * z + Vector512.Create(T4)) * z * x + x;
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
        V negative = Vector512.LessThan(x, V.Zero);
        V e = Exp(Select(negative, x, -x));
        return Select(negative, e, V.One) / (V.One + e);
    }

    /// <summary>ln(1 + eˣ) in each lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Softplus(V x) {
        V positive = Vector512.GreaterThan(x, V.Zero);
        return Select(positive, x, V.Zero) + Log1p(Exp(Select(positive, -x, x)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V ExpReduced(V r) =>
        (((((r * E0 + Vector512.Create(E1)) * r + Vector512.Create(E2)) * r + Vector512.Create(E3)) * r + Vector512.Create(E4)) * r
            + Vector512.Create(E5)) * (r * r) + r;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V PowerOfTwo(Vector512<int> n) => ((n + Vector512.Create(127)) << 23).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Select(V condition, V yes, V no) => Vector512.ConditionalSelect(condition, yes, no);
}
