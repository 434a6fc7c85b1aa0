using System.Runtime.CompilerServices;

namespace DenseEngine.Ops;

/// <summary>The products with the matrices of F(4×4, 3×3), a line or column at a time, for the host and the kernels alike. The
/// interpolation points are 0, 1, -1, 1/2, -2: a third of the usual points' error.
/// <para>Bᵀ = [2 -3 -4 3 2 0; 0 -2 1 5 2 0; 0 -2 5 -1 -2 0; 0 2 1 -2 -1 0; 0 1 -2 -1 2 0; 0 2 -3 -4 3 2],
/// G = [1/2 0 0; 1/6 1/6 1/6; 1/6 -1/6 1/6; 16/15 8/15 4/15; 1/30 -1/15 2/15; 0 0 1/2],
/// Aᵀ = [1 1 1 1 1 0; 0 1 -1 1/2 -2 0; 0 1 1 1/4 4 0; 0 1 -1 1/8 -8 1].</para></summary>
internal static class WinogradLines {
    /// <summary>Bᵀ x, which takes the place of x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Input<T, TLanes>(ref T x0, ref T x1, ref T x2, ref T x3, ref T x4, ref T x5)
        where TLanes : struct, IWinogradLanes<T> {
        T p = TLanes.MultiplyAdd(2, TLanes.Add(x0, x4), TLanes.MultiplyAdd(3, TLanes.Subtract(x3, x1), TLanes.Scale(-4, x2)));
        T q = TLanes.MultiplyAdd(5, x3, TLanes.MultiplyAdd(2, TLanes.Subtract(x4, x1), x2));
        T r = TLanes.MultiplyAdd(5, x2, TLanes.MultiplyAdd(-2, TLanes.Add(x1, x4), TLanes.Scale(-1, x3)));
        T s = TLanes.MultiplyAdd(2, TLanes.Subtract(x1, x3), TLanes.Subtract(x2, x4));
        T t = TLanes.MultiplyAdd(2, TLanes.Subtract(x4, x2), TLanes.Subtract(x1, x3));
        x5 = TLanes.MultiplyAdd(2, TLanes.Add(x1, x5), TLanes.MultiplyAdd(3, TLanes.Subtract(x4, x2), TLanes.Scale(-4, x3)));
        (x0, x1, x2, x3, x4) = (p, q, r, s, t);
    }

    /// <summary>G g.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Weight<T, TLanes>(T g0, T g1, T g2, out T y0, out T y1, out T y2, out T y3, out T y4, out T y5)
        where TLanes : struct, IWinogradLanes<T> {
        T even = TLanes.Share(1, 6, TLanes.Add(g0, g2)), odd = TLanes.Share(1, 6, g1);
        y0 = TLanes.Scale(0.5f, g0);
        y1 = TLanes.Add(even, odd);
        y2 = TLanes.Subtract(even, odd);
        y3 = TLanes.Share(4, 15, TLanes.Add(TLanes.MultiplyAdd(2, g1, TLanes.Scale(4, g0)), g2));
        y4 = TLanes.Share(1, 30, TLanes.MultiplyAdd(4, g2, TLanes.MultiplyAdd(-2, g1, g0)));
        y5 = TLanes.Scale(0.5f, g2);
    }

    /// <summary>Aᵀ m: the four sums take the place of the first four points.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Output<T, TLanes>(ref T m0, ref T m1, ref T m2, ref T m3, T m4, T m5) where TLanes : struct, IWinogradLanes<T> {
        T sum = TLanes.Add(m1, m2), difference = TLanes.Subtract(m1, m2), third = m3;
        m0 = TLanes.Add(TLanes.Add(m0, sum), TLanes.Add(third, m4));
        m1 = TLanes.MultiplyAdd(0.5f, third, TLanes.MultiplyAdd(-2, m4, difference));
        m2 = TLanes.MultiplyAdd(0.25f, third, TLanes.MultiplyAdd(4, m4, sum));
        m3 = TLanes.Add(TLanes.MultiplyAdd(0.125f, third, TLanes.MultiplyAdd(-8, m4, difference)), m5);
    }

    /// <summary>A e, the adjoint of <see cref="Output"/>, but for its first and last, which are e0 and e3.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void OutputGradient<T, TLanes>(T e0, T e1, T e2, T e3, out T w1, out T w2, out T w3, out T w4)
        where TLanes : struct, IWinogradLanes<T> {
        T even = TLanes.Add(e0, e2), odd = TLanes.Add(e1, e3);
        w1 = TLanes.Add(even, odd);
        w2 = TLanes.Subtract(even, odd);
        w3 = TLanes.MultiplyAdd(0.5f, e1, TLanes.MultiplyAdd(0.25f, e2, TLanes.MultiplyAdd(0.125f, e3, e0)));
        w4 = TLanes.MultiplyAdd(-2, e1, TLanes.MultiplyAdd(4, e2, TLanes.MultiplyAdd(-8, e3, e0)));
    }

    /// <summary>Gᵀ s, the adjoint of <see cref="Weight"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void WeightGradient<T, TLanes>(T s0, T s1, T s2, T s3, T s4, T s5, out T g0, out T g1, out T g2)
        where TLanes : struct, IWinogradLanes<T> {
        T even = TLanes.Share(1, 6, TLanes.Add(s1, s2)), odd = TLanes.Share(1, 6, TLanes.Subtract(s1, s2));
        T a = TLanes.Share(4, 15, s3), b = TLanes.Share(1, 30, s4);
        g0 = TLanes.Add(TLanes.MultiplyAdd(0.5f, s0, even), TLanes.MultiplyAdd(4, a, b));
        g1 = TLanes.Subtract(TLanes.MultiplyAdd(2, a, odd), TLanes.Add(b, b));
        g2 = TLanes.Add(TLanes.MultiplyAdd(0.5f, s5, even), TLanes.MultiplyAdd(4, b, a));
    }
}
