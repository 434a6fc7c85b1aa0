using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace DenseEngine.Ops;

/// <summary>The register-blocked inner loops of one vector width, and the memory layouts they read.
/// <para>A product tile: rows come as panels [k/16][<see cref="Rows"/>][16], columns as panels [k][2·<see cref="Lanes"/>] (the last one
/// [k][Lanes] if that is enough); k is even. The tile starts from what <c>start</c> points at (zeros, a bias, a residual, or
/// itself).</para>
/// <para>An outer-product tile adds, over the steps, <see cref="OuterRows"/> numbers at <c>a</c> times 1 to <see cref="OuterBlocks"/>
/// blocks of 16 columns at <c>b</c>.</para></summary>
internal sealed unsafe class GemmKernel {
    /// <summary>Numbers of a row that lie together in a panel.</summary>
    public const int Block = 16;

    private readonly delegate*<float*, float*, float*, float*, nint, nint, nint, void> wide, narrow;
    private readonly delegate*<float*, nint, float*, nint, nint, nint, float*, nint, void>[] outer;
    private readonly delegate*<GemmStrip*, void> wideStrip, narrowStrip;

    private GemmKernel(string name, int rows, int lanes, int outerRows,
        delegate*<float*, float*, float*, float*, nint, nint, nint, void> wide,
        delegate*<float*, float*, float*, float*, nint, nint, nint, void> narrow,
        delegate*<GemmStrip*, void> wideStrip, delegate*<GemmStrip*, void> narrowStrip,
        params delegate*<float*, nint, float*, nint, nint, nint, float*, nint, void>[] outer) {
        (Name, Rows, Lanes, OuterRows) = (name, rows, lanes, outerRows);
        this.wide = wide;
        this.narrow = narrow;
        this.wideStrip = wideStrip;
        this.narrowStrip = narrowStrip;
        this.outer = outer;
    }

    /// <summary>512-bit registers.</summary>
    public static GemmKernel Avx512 { get; } = new("AVX-512", 14, 16, 8, &GemmAvx512.Tile14x32, &GemmAvx512.Tile14x16,
        &StripsAvx512.Tile14x32, &StripsAvx512.Tile14x16, &OuterAvx512.Tile8x16, &OuterAvx512.Tile8x32, &OuterAvx512.Tile8x48);

    /// <summary>256-bit registers with fused multiply-add.</summary>
    public static GemmKernel Avx2 { get; } = new("AVX2", 6, 8, 6, &GemmAvx2.Tile6x16, &GemmAvx2.Tile6x8,
        &StripsAvx2.Tile6x16, &StripsAvx2.Tile6x8, &OuterAvx2.Tile6x16);

    /// <summary>128-bit registers of any make.</summary>
    public static GemmKernel Portable { get; } =
        new("128-bit", 4, 4, 2, &GemmPortable.Tile4x8, &GemmPortable.Tile4x4, null, null, &OuterPortable.Tile2x16);

    /// <summary>No vector registers.</summary>
    public static GemmKernel Scalar { get; } = new("scalar", 4, 4, 2, &GemmScalar.Tile4x8, &GemmScalar.Tile4x4, null, null,
        &GemmScalar.Outer2x16);

    /// <summary>Those that run on this machine, fastest first.</summary>
    public static IReadOnlyList<GemmKernel> Supported { get; } = [
        .. Vector512.IsHardwareAccelerated && Avx512F.IsSupported ? [Avx512] : Array.Empty<GemmKernel>(),
        .. Vector256.IsHardwareAccelerated && Fma.IsSupported ? [Avx2] : Array.Empty<GemmKernel>(),
        .. Vector128.IsHardwareAccelerated ? [Portable] : Array.Empty<GemmKernel>(), Scalar];

    /// <summary>The one that operations use.</summary>
    public static GemmKernel Best { get; } = Supported[0];

    /// <summary>For messages.</summary>
    public string Name { get; }

    /// <summary>Rows of a product tile.</summary>
    public int Rows { get; }

    /// <summary>Columns of a narrow product tile; a wide one has twice as many.</summary>
    public int Lanes { get; }

    /// <summary>Rows of an outer-product tile.</summary>
    public int OuterRows { get; }

    /// <summary>Blocks of 16 columns in the widest outer-product tile.</summary>
    public int OuterBlocks => outer.Length;

    /// <summary>Columns of the panel that begins where so many are left.</summary>
    public int PanelWidth(int left) => left > Lanes ? 2 * Lanes : Lanes;

    /// <summary>Computes a product tile of <paramref name="width"/> columns: <c>c = start + a·b</c>.</summary>
    public void Tile(int width, float* a, float* b, float* c, float* start, nint k, nint ldc, nint startStride) {
        if (width > Lanes) wide(a, b, c, start, k, ldc, startStride);
        else narrow(a, b, c, start, k, ldc, startStride);
    }

    /// <summary>Whether there are tiles that read the left side in place.</summary>
    public bool HasStrips => wideStrip != null;

    /// <summary>Computes a tile of <paramref name="width"/> columns and <see cref="Rows"/> rows whose left side is read in place.</summary>
    public void Strip(int width, GemmStrip* strip) {
        if (width > Lanes) wideStrip(strip);
        else narrowStrip(strip);
    }

    /// <summary>Adds to an outer-product tile: <c>c += Σ a·b</c> over <paramref name="steps"/> of at least 1.</summary>
    /// <param name="blocks">Blocks of 16 columns.</param>
    /// <param name="a">The rows' numbers of the first step; the next are <paramref name="lda"/> further.</param>
    /// <param name="lda">Distance between steps.</param>
    /// <param name="b">The first block of the first step.</param>
    /// <param name="ldb">Distance between steps.</param>
    /// <param name="blockStride">Distance between blocks.</param>
    /// <param name="steps">How many products are summed.</param>
    /// <param name="c">The tile.</param>
    /// <param name="ldc">Distance between its rows.</param>
    public void OuterTile(int blocks, float* a, nint lda, float* b, nint ldb, nint blockStride, nint steps, float* c, nint ldc) =>
        outer[blocks - 1](a, lda, b, ldb, blockStride, steps, c, ldc);
}
