namespace DenseEngine.Ops;

/// <summary>The elementary functions, made of +, -, ·, /, comparisons and bits alone, so that host and kernels compute the same. Neither
/// these scalar bodies nor the vector ones beside them fuse a multiplication with an addition, so that an element's bits do not depend
/// on where in a tensor it stands. Errors are a few units in the last place, denormal results included. Polynomials: S. Moshier, Cephes
/// (single precision).</summary>
internal static partial class Elementary {
    private const float Log2E = 1.44269504f, Ln2High = 0.693359375f, Ln2Low = -2.12194440e-4f;   // 355/512: exact times a small integer
    private const float ExpUpper = 89, ExpLower = -104.5f;   // beyond, the result is ∞ or 0 all the same
    private const float Rounder = 12582912;   // 1.5·2²³: added, it rounds to a whole number, which then stands in the low bits
    private const float SmallestNormal = 1.17549435e-38f, SqrtHalf = 0.707106781f;

    private const float E0 = 1.9875691500e-4f, E1 = 1.3981999507e-3f, E2 = 8.3334519073e-3f, E3 = 4.1665795894e-2f,
        E4 = 1.6666665459e-1f, E5 = 5.0000001201e-1f;

    private const float L0 = 7.0376836292e-2f, L1 = -1.1514610310e-1f, L2 = 1.1676998740e-1f, L3 = -1.2420140846e-1f,
        L4 = 1.4249322787e-1f, L5 = -1.6668057665e-1f, L6 = 2.0000714765e-1f, L7 = -2.4999993993e-1f, L8 = 3.3333331174e-1f;

    /// <summary>(artanh s - s) / s³ by s², for s from 0 to ⅓: least squares at Chebyshev's nodes, weighted until the errors were
    /// even.</summary>
    private const float H0 = 0.333332062f, H1 = 0.200108498f, H2 = 0.139995709f, H3 = 0.140122309f;

    private const float T0 = -5.70498872745e-3f, T1 = 2.06390887954e-2f, T2 = -5.37397155531e-2f, T3 = 1.33314422036e-1f,
        T4 = -3.33332819422e-1f;

    /// <summary>eˣ = 2ⁿ·eʳ with |r| ≤ ln 2 / 2. Two factors make 2ⁿ, so that denormal results are rounded once.</summary>
    public static float Exp(float x) {
        float bounded = x > ExpUpper ? ExpUpper : x < ExpLower ? ExpLower : x;
        float shifted = bounded * Log2E + Rounder, whole = shifted - Rounder;
        int n = BitConverter.SingleToInt32Bits(shifted) - BitConverter.SingleToInt32Bits(Rounder);
        float y = ExpReduced(bounded - whole * Ln2High - whole * Ln2Low) + 1;
        int half = n >> 1;
        return y * PowerOfTwo(half) * PowerOfTwo(n - half);
    }

    /// <summary>eˣ - 1, also where it is near zero.</summary>
    public static float Expm1(float x) {
        float near = ExpReduced(x);
        return x > -0.34f && x < 0.34f ? near : Exp(x) - 1;
    }

    /// <summary>ln x: x = m·2ᵉ with m from √½ to √2, ln x = e·ln 2 + ln m.</summary>
    public static float Log(float x) {
        bool denormal = x < SmallestNormal;
        float scaled = denormal ? x * 8388608f : x;
        int bits = BitConverter.SingleToInt32Bits(scaled);
        int e = ((bits >> 23) & 0xff) - (denormal ? 149 : 126);
        float m = BitConverter.Int32BitsToSingle((bits & 0x007fffff) | 0x3f000000);   // [½, 1)
        bool low = m < SqrtHalf;
        if (low) e -= 1;
        float f = low ? m + m - 1 : m - 1;
        float z = f * f;
        float y = LogSeries(f, z) * z + e * Ln2Low - 0.5f * z + f + e * Ln2High;
        if (x == 0) y = float.NegativeInfinity;
        if (x == float.PositiveInfinity) y = x;
        return x >= 0 ? y : float.NaN;
    }

    /// <summary>ln(1 + x), also for small x: what 1 + x lost is put back by the factor x / ((1 + x) - 1).</summary>
    public static float Log1p(float x) {
        float u = 1 + x, d = u - 1;
        if (d == 0) return x;
        return u < float.PositiveInfinity ? Log(u) * (x / d) : u;
    }

    /// <summary>ln(1 + x) for x from 0 to 1: 2·artanh(x / (2 + x)), whose argument ends at ⅓, so that a short series does.</summary>
    public static float Log1pOfUnit(float x) {
        float s = x / (x + 2), z = s * s, twice = s + s;
        float series = z * H1 + H0 + z * z * (z * H3 + H2);
        return series * z * twice + twice;
    }

    /// <summary>The hyperbolic tangent.</summary>
    public static float Tanh(float x) {
        float z = x * x;
        float near = ((((T0 * z + T1) * z + T2) * z + T3) * z + T4) * z * x + x;
        float size = x < 0 ? -x : x;
        float far = 1 - 2 / (Exp(size + size) + 1);
        if (x < 0) far = -far;
        float y = size < 0.625f ? near : far;
        return float.IsNaN(x) ? x : y;
    }

    /// <summary>1 / (1 + e⁻ˣ), accurate in relative terms on both sides.</summary>
    public static float Sigmoid(float x) {
        float e = Exp(x < 0 ? x : -x);
        return (x < 0 ? e : 1) / (1 + e);
    }

    /// <summary>ln(1 + eˣ) = max(x, 0) + ln(1 + e^-|x|).</summary>
    public static float Softplus(float x) => (x > 0 ? x : 0) + Log1pOfUnit(Exp(x > 0 ? -x : x));

    /// <summary>x to a power. Whole exponents up to 16 and their halves multiply and take the root; others go by way of ln and exp, where
    /// the relative error grows to |p ln x| · 10⁻⁷. A negative x with another exponent gives NaN.</summary>
    public static float Pow(float x, float p) {
        float size = p < 0 ? -p : p, twice = size + size;
        float y;
        if (size <= 16 && twice == (int)twice) {
            y = WholePower(x, (int)size);
            if (twice != 2 * (int)size) y *= MathF.Sqrt(x);
            return p < 0 ? 1 / y : y;
        }
        if (float.IsNaN(p)) return p;
        y = Exp(p * Log(x));
        if (x == 0) y = p < 0 ? float.PositiveInfinity : 0;
        if (x < 0 && size == (int)size) {
            y = Exp(p * Log(-x));
            if (((int)size & 1) != 0) y = -y;
        }
        return y;
    }

    /// <summary>eʳ - 1 for |r| ≤ ln 2 / 2.</summary>
    private static float ExpReduced(float r) {
        float z = r * r;
        float series = r * E4 + E5 + z * (r * E2 + E3) + z * z * (r * E0 + E1);
        return series * z + r;
    }

    /// <summary>(ln(1 + f) - f + f²/2) / f² for 1 + f from √½ to √2, with z = f².</summary>
    private static float LogSeries(float f, float z) {
        float low = f * L7 + L8 + z * (f * L5 + L6), high = f * L3 + L4 + z * (f * L1 + L2), square = z * z;
        return (low + square * (high + square * L0)) * f;
    }

    private static float PowerOfTwo(int n) => BitConverter.Int32BitsToSingle((n + 127) << 23);

    private static float WholePower(float x, int n) {
        float y = 1, square = x;
        for (int left = n; left > 0; left >>= 1) {
            if ((left & 1) != 0) y *= square;
            square *= square;
        }
        return y;
    }
}
