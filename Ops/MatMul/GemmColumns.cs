using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace DenseEngine.Ops;

/// <summary>The right side of a product, packed into panels of columns: [columns/width][k][width], short panels filled up with zeros, and
/// an odd k with a row of zeros. Lives in the device's memory until disposed.</summary>
internal sealed unsafe class GemmColumns : IDisposable {
    /// <summary>Numbers below which the workers are left alone.</summary>
    private const int Small = 1 << 15;

    private readonly Tensor memory;
    private readonly HostWorkers workers;

    public GemmColumns(HostDevice host, GemmKernel kernel, int k, int n) {
        (Kernel, K, N, workers) = (kernel, k, n, host.Workers);
        PaddedK = (k + 1) / 2 * 2;
        int columns = (n + kernel.Lanes - 1) / kernel.Lanes * kernel.Lanes;
        memory = new Tensor(host, [Math.Max(1, checked(columns * PaddedK))]).Persist();
        Pointer = memory.Pointer;
    }

    public GemmKernel Kernel { get; }

    /// <summary>Products summed.</summary>
    public int K { get; }

    /// <summary>Columns.</summary>
    public int N { get; }

    /// <summary><see cref="K"/> made even.</summary>
    public int PaddedK { get; }

    public float* Pointer { get; }

    /// <summary>Packs rows <paramref name="k"/> to <paramref name="k"/>+<paramref name="count"/>-1 of the matrix, row i of which begins at
    /// <c>source + i·stride</c>.</summary>
    public GemmColumns FromRows(float* source, nint stride, int k, int count) {
        Panels(count, (first, width) => {
            float* panel = Pointer + (nint)first * PaddedK + (nint)k * width;
            CopyRows(source + first, stride, count, Math.Min(width, N - first), panel, width);
            if (k + count == K && K < PaddedK) new Span<float>(panel + (nint)count * width, width).Clear();
        });
        return this;
    }

    /// <summary>Packs the whole of the matrix given by its columns: column j begins at <c>source + j·stride</c>.</summary>
    public GemmColumns FromColumns(float* source, nint stride) {
        Panels(K, (first, width) =>
            CopyColumns(source + first * stride, stride, K, Math.Min(width, N - first), Pointer + (nint)first * PaddedK, width, PaddedK));
        return this;
    }

    /// <summary>Multiplies each column by a number of its own.</summary>
    public void Scale(float* factors) => Panels(K, (first, width) =>
        ScalePanel(Pointer + (nint)first * PaddedK, PaddedK, width, factors + first, Math.Min(width, N - first)));

    /// <summary>Multiplies the columns of a panel.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void ScalePanel(float* panel, int rows, int width, float* factors, int valid) {
        for (int k = 0; k < rows; k++, panel += width)
            for (int j = 0; j < valid; j++) panel[j] *= factors[j];
    }

    public void Dispose() => memory.Dispose();

    private void Panels(int rows, Action<int, int> pack) {
        int wide = 2 * Kernel.Lanes, panels = (N + wide - 1) / wide;
        if ((long)rows * N < Small) {
            for (int panel = 0; panel < panels; panel++) pack(panel * wide, Kernel.PanelWidth(N - panel * wide));
        } else {
            workers.For(panels, panel => pack(panel * wide, Kernel.PanelWidth(N - panel * wide)));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void CopyRows(float* from, nint stride, int rows, int valid, float* panel, int width) {
        for (int i = 0; i < rows; i++, from += stride, panel += width) {
            Copy.Run(from, panel, valid);
            for (int j = valid; j < width; j++) panel[j] = 0;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void CopyColumns(float* from, nint stride, int rows, int valid, float* panel, int width, int paddedRows) {
        for (int column = 0; column < width; column += 4, from += 4 * stride) {
            int k = 0;
            if (valid - column >= 4) {
                for (; k + 4 <= rows; k += 4) Transpose4x4(from + k, stride, panel + (nint)k * width + column, width);
            }
            for (; k < paddedRows; k++)
                for (int j = 0; j < 4; j++) panel[(nint)k * width + column + j] = k < rows && column + j < valid ? from[j * stride + k] : 0;
        }
    }

    /// <summary>Turns four by four numbers, whose rows are some numbers apart.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Transpose4x4(float* from, nint fromStride, float* to, nint toStride) {
        Vector128<float> a = Vector128.Load(from), b = Vector128.Load(from + fromStride);
        Vector128<float> c = Vector128.Load(from + 2 * fromStride), d = Vector128.Load(from + 3 * fromStride);
        Vector128<float> ac = Interleave(a, c, false), bd = Interleave(b, d, false);
        Interleave(ac, bd, false).Store(to);
        Interleave(ac, bd, true).Store(to + toStride);
        ac = Interleave(a, c, true);
        bd = Interleave(b, d, true);
        Interleave(ac, bd, false).Store(to + 2 * toStride);
        Interleave(ac, bd, true).Store(to + 3 * toStride);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Interleave(Vector128<float> x, Vector128<float> y, bool upper) {
        if (Sse.IsSupported)
            return upper ? Sse.UnpackHigh(x, y) : Sse.UnpackLow(x, y);
        return upper ? Vector128.Create(x[2], y[2], x[3], y[3]) : Vector128.Create(x[0], y[0], x[1], y[1]);
    }
}
