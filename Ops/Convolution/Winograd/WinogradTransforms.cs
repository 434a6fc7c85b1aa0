using System.Runtime.CompilerServices;
using static System.Runtime.Intrinsics.Vector512;
using Lanes = System.Runtime.Intrinsics.Vector512<float>;
using Wide = System.Runtime.Intrinsics.Vector512<double>;

namespace DenseEngine.Ops;

/// <summary>The three transforms of F(4×4, 3×3) (Winograd; Lavin and Gray, 2016): y = Aᵀ[(G g Gᵀ) ⊙ (Bᵀ d B)]A gives 4×4 outputs from a
/// 6×6 window with 36 products instead of 144. The matrices are in <see cref="WinogradLines"/>. Each function does 16 channels at once,
/// which lie together.</summary>
internal static unsafe class WinogradTransforms {
    /// <summary>The side of an input window, of an output tile, and the number of products.</summary>
    public const int Window = 6, Tile = 4, Points = Window * Window;

    /// <summary>Channels done at once.</summary>
    public const int Block = GemmKernel.Block;

    /// <summary>Bᵀ d B: window pixel (i, j) lies at <c>d + i·lineStride + j·pixelStride</c>; point p goes to
    /// <c>v + p·pointStride</c>.</summary>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Input(float* d, nint lineStride, nint pixelStride, float* v, nint pointStride) {
        float* half = stackalloc float[Points * Block];
        float* to = half;
        for (int j = 0; j < Window; j++, d += pixelStride, to += Block) {
            Lanes x0 = Load(d), x1 = Load(d + lineStride), x2 = Load(d + 2 * lineStride);
            Lanes x3 = Load(d + 3 * lineStride), x4 = Load(d + 4 * lineStride), x5 = Load(d + 5 * lineStride);
            InputLine(ref x0, ref x1, ref x2, ref x3, ref x4, ref x5);
            x0.Store(to);
            x1.Store(to + Window * Block);
            x2.Store(to + 2 * Window * Block);
            x3.Store(to + 3 * Window * Block);
            x4.Store(to + 4 * Window * Block);
            x5.Store(to + 5 * Window * Block);
        }
        for (int i = 0; i < Window; i++, half += Window * Block) {
            Lanes x0 = Load(half), x1 = Load(half + Block), x2 = Load(half + 2 * Block);
            Lanes x3 = Load(half + 3 * Block), x4 = Load(half + 4 * Block), x5 = Load(half + 5 * Block);
            InputLine(ref x0, ref x1, ref x2, ref x3, ref x4, ref x5);
            x0.Store(v); v += pointStride;
            x1.Store(v); v += pointStride;
            x2.Store(v); v += pointStride;
            x3.Store(v); v += pointStride;
            x4.Store(v); v += pointStride;
            x5.Store(v); v += pointStride;
        }
    }

    /// <summary>G g Gᵀ, in double precision: tap (ky, kx) lies at <c>g + ky·lineStride + kx·tapStride</c>; point p goes to
    /// <c>u + p·pointStride</c>.</summary>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Weight(float* g, nint lineStride, nint tapStride, float* u, nint pointStride) {
        double* half = stackalloc double[3 * Window * Block];
        for (int kx = 0; kx < 3; kx++, g += tapStride) {
            (Wide a0, Wide b0) = Widen(Load(g));
            (Wide a1, Wide b1) = Widen(Load(g + lineStride));
            (Wide a2, Wide b2) = Widen(Load(g + 2 * lineStride));
            WeightLine(a0, a1, a2, half + kx * Block, 3 * Block);
            WeightLine(b0, b1, b2, half + kx * Block + Block / 2, 3 * Block);
        }
        double* line = stackalloc double[Window * Block];
        for (int i = 0; i < Window; i++, half += 3 * Block) {
            for (int part = 0; part < Block; part += Block / 2)
                WeightLine(Load(half + part), Load(half + Block + part), Load(half + 2 * Block + part), line + part, Block);
            for (int j = 0; j < Window; j++, u += pointStride)
                Narrow(Load(line + j * Block), Load(line + j * Block + Block / 2)).Store(u);
        }
    }

    /// <summary>start + Aᵀ m A, ended: point p lies at <c>m + p·pointStride</c>; output (i, j) goes to
    /// <c>y + i·lineStride + j·pixelStride</c>.</summary>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Output(float* m, nint pointStride, Lanes start, float* y, nint lineStride, nint pixelStride, GemmEnding ending) {
        float* half = stackalloc float[Tile * Window * Block];
        float* to = half;
        for (int j = 0; j < Window; j++, m += pointStride, to += Block) {
            float* at = m;
            Lanes m0 = Load(at), m1 = Load(at += Window * pointStride), m2 = Load(at += Window * pointStride);
            Lanes m3 = Load(at += Window * pointStride), m4 = Load(at += Window * pointStride), m5 = Load(at + Window * pointStride);
            OutputLine(ref m0, ref m1, ref m2, ref m3, m4, m5);
            m0.Store(to);
            m1.Store(to + Window * Block);
            m2.Store(to + 2 * Window * Block);
            m3.Store(to + 3 * Window * Block);
        }
        for (int i = 0; i < Tile; i++, half += Window * Block, y += lineStride) {
            Lanes m0 = Load(half), m1 = Load(half + Block), m2 = Load(half + 2 * Block), m3 = Load(half + 3 * Block);
            OutputLine(ref m0, ref m1, ref m2, ref m3, Load(half + 4 * Block), Load(half + 5 * Block));
            float* at = y;
            ending.Apply(m0 + start, at).Store(at);
            at += pixelStride;
            ending.Apply(m1 + start, at).Store(at);
            at += pixelStride;
            ending.Apply(m2 + start, at).Store(at);
            at += pixelStride;
            ending.Apply(m3 + start, at).Store(at);
        }
    }

    /// <summary>A e Aᵀ, the adjoint of <see cref="Output"/>: pixel (i, j) of a tile lies at <c>e + i·lineStride + j·pixelStride</c>;
    /// point p goes to <c>w + p·pointStride</c>.</summary>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void OutputGradient(float* e, nint lineStride, nint pixelStride, float* w, nint pointStride) {
        float* half = stackalloc float[Window * Tile * Block];
        float* to = half;
        for (int j = 0; j < Tile; j++, e += pixelStride, to += Block) {
            SpreadLine(Load(e), Load(e + lineStride), Load(e + 2 * lineStride), Load(e + 3 * lineStride), to, Tile * Block);
        }
        for (int i = 0; i < Window; i++, half += Tile * Block, w += Window * pointStride)
            SpreadLine(Load(half), Load(half + Block), Load(half + 2 * Block), Load(half + 3 * Block), w, pointStride);
    }

    /// <summary>Gᵀ s G, the adjoint of <see cref="Weight"/>: point p lies at <c>s + p·pointStride</c>; tap (ky, kx) goes to
    /// <c>dg + (3·ky + kx)·tapStride</c>.</summary>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void WeightGradient(float* s, nint pointStride, float* dg, nint tapStride) {
        float* half = stackalloc float[3 * Window * Block];
        float* to = half;
        for (int j = 0; j < Window; j++, s += pointStride, to += Block) {
            float* at = s;
            Lanes s0 = Load(at), s1 = Load(at += Window * pointStride), s2 = Load(at += Window * pointStride);
            Lanes s3 = Load(at += Window * pointStride), s4 = Load(at += Window * pointStride), s5 = Load(at + Window * pointStride);
            GatherLine(s0, s1, s2, s3, s4, s5, to, Window * Block);
        }
        for (int i = 0; i < 3; i++, half += Window * Block, dg += 3 * tapStride) {
            GatherLine(Load(half), Load(half + Block), Load(half + 2 * Block), Load(half + 3 * Block), Load(half + 4 * Block),
                Load(half + 5 * Block), dg, tapStride);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void InputLine(ref Lanes x0, ref Lanes x1, ref Lanes x2, ref Lanes x3, ref Lanes x4, ref Lanes x5) =>
        WinogradLines.Input<Lanes, HostLanes>(ref x0, ref x1, ref x2, ref x3, ref x4, ref x5);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void WeightLine(Wide g0, Wide g1, Wide g2, double* to, nint stride) {
        WinogradLines.Weight<Wide, HostWideLanes>(g0, g1, g2, out Wide y0, out Wide y1, out Wide y2, out Wide y3, out Wide y4,
            out Wide y5);
        y0.Store(to);
        y1.Store(to + stride);
        y2.Store(to + 2 * stride);
        y3.Store(to + 3 * stride);
        y4.Store(to + 4 * stride);
        y5.Store(to + 5 * stride);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void OutputLine(ref Lanes m0, ref Lanes m1, ref Lanes m2, ref Lanes m3, Lanes m4, Lanes m5) =>
        WinogradLines.Output<Lanes, HostLanes>(ref m0, ref m1, ref m2, ref m3, m4, m5);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void SpreadLine(Lanes e0, Lanes e1, Lanes e2, Lanes e3, float* to, nint stride) {
        WinogradLines.OutputGradient<Lanes, HostLanes>(e0, e1, e2, e3, out Lanes w1, out Lanes w2, out Lanes w3, out Lanes w4);
        e0.Store(to);
        w1.Store(to += stride);
        w2.Store(to += stride);
        w3.Store(to += stride);
        w4.Store(to += stride);
        e3.Store(to + stride);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void GatherLine(Lanes s0, Lanes s1, Lanes s2, Lanes s3, Lanes s4, Lanes s5, float* to, nint stride) {
        WinogradLines.WeightGradient<Lanes, HostLanes>(s0, s1, s2, s3, s4, s5, out Lanes g0, out Lanes g1, out Lanes g2);
        g0.Store(to);
        g1.Store(to + stride);
        g2.Store(to + 2 * stride);
    }
}
