using ILGPU;
using ILGPU.Runtime;

namespace DenseEngine.Ops;

public static partial class Op {
    /// <summary>y = the sum of parts that stand <paramref name="stride"/> apart, and what follows by <paramref name="channels"/>.</summary>
    private static void SumPartsGpu(GpuDevice gpu, Tensor y, Tensor partial, int parts, int stride, Ending? ending = null,
        int channels = 4) {
        if (y.Count == 0) return;
        ending ??= Ending.None;
        int width = y.Count % 4 == 0 && stride % 4 == 0 && channels % 4 == 0 ? 4 : 1;
        gpu.Kernel(SumPartsKernel, a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<float>, ArrayView<float>, ArrayView<float>,
            ArrayView<float>, ArrayView<float>, TileEnding, int, int, int, int>(SumPartsKernel))
            (y.Count / width, gpu.Floats(y), gpu.Floats(partial), View(gpu, ending.Shift), View(gpu, ending.Scale),
            View(gpu, ending.Added), ending.Steps, parts, stride, channels, width);
    }

    /// <summary>The parts of four results, or one, in order.</summary>
    internal static void SumPartsKernel(Index1D i, ArrayView<float> y, ArrayView<float> partial, ArrayView<float> shift,
        ArrayView<float> scale, ArrayView<float> added, TileEnding ending, int parts, int stride, int channels, int width) {
        int at = i * width, vectors = width >> 2;
        Float4 sums = default;
        for (int part = 0; part < parts; part++) Float4.MultiplyAdd(ref sums, 1, Float4.Load(partial, part * stride + at, width, vectors));
        ending.Apply(ref sums, shift, scale, added, at % channels, at, width, vectors);
        sums.Store(y, at, width, vectors);
    }
}
