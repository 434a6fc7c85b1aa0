using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using ILGPU;
using ILGPU.Runtime;

namespace DenseEngine.Ops;

public static partial class Op {
    /// <summary>The gradient of rows' losses: their slopes [N, C], which forward saved for this alone, times the rows' gradients
    /// [N].</summary>
    private static Tensor[] ScaleRows(Tensor factor, Saved saved) {
        Tensor x = saved[0], y = saved.IsLast ? x : new Tensor(x.Device, x.Shape);
        Run(x.Device, host => ScaleRowsHost(host, y, x, factor), gpu => ScaleRowsGpu(gpu, y, x, factor));
        return [y];
    }

    private static unsafe void ScaleRowsHost(HostDevice host, Tensor y, Tensor x, Tensor factor) {
        if (y.Count == 0) return;
        int columns = x.Count / factor.Count;
        float* to = y.Pointer, from = x.Pointer, factors = factor.Pointer;
        host.Workers.ForRange(factor.Count, Math.Max(1, ElementwiseGrain / columns),
            (first, end) => ScaleRows(to + first * columns, from + first * columns, factors + first, end - first, columns));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static unsafe void ScaleRows(float* y, float* x, float* factor, int rows, int columns) {
        for (int row = 0; row < rows; row++, x += columns, y += columns) {
            int i = 0;
            var scale = Vector512.Create(factor[row]);
            for (; i <= columns - 16; i += 16) (Vector512.Load(x + i) * scale).Store(y + i);
            for (; i < columns; i++) y[i] = x[i] * factor[row];
        }
    }

    private static void ScaleRowsGpu(GpuDevice gpu, Tensor y, Tensor x, Tensor factor) {
        if (y.Count == 0) return;
        gpu.Kernel(ScaleRowsKernel,
            a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<float>, ArrayView<float>, ArrayView<float>, int>(ScaleRowsKernel))
            (Fours(y.Count), gpu.Floats(y), gpu.Floats(x), gpu.Floats(factor), y.Count / factor.Count);
    }

    /// <summary>Four neighbouring elements a thread, whichever rows they lie in.</summary>
    internal static void ScaleRowsKernel(Index1D i, ArrayView<float> y, ArrayView<float> x, ArrayView<float> factor, int columns) {
        int at = 4 * i, count = y.IntLength - at, last = y.IntLength - 1;
        Float4 v = Float4.Load(x, at, count, 1);
        Float4.Of(v.X * factor[at / columns], v.Y * factor[Math.Min(at + 1, last) / columns],
            v.Z * factor[Math.Min(at + 2, last) / columns], v.W * factor[Math.Min(at + 3, last) / columns]).Store(y, at, count, 1);
    }
}
