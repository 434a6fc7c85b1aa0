using ILGPU;
using ILGPU.Runtime;

namespace DenseEngine.Ops;

public static partial class Op {
    private static void IndexSelectGpu(GpuDevice gpu, Tensor y, Tensor x, Tensor index, AxisGeometry g, KernelReport report) {
        if (g.Inner % 4 == 0)
            IndexSelectGpu(gpu, gpu.Floats(y).Cast<Float4>(), gpu.Floats(x).Cast<Float4>(), gpu.Integers(index), g.Quads, report);
        else IndexSelectGpu(gpu, gpu.Floats(y), gpu.Floats(x), gpu.Integers(index), g, report);
    }

    private static void IndexSelectGpu<T>(GpuDevice gpu, ArrayView<T> y, ArrayView<T> x, ArrayView<int> index, AxisGeometry g,
        KernelReport report) where T : unmanaged =>
        gpu.Kernel(IndexSelectKernel<T>, a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<T>, ArrayView<T>, ArrayView<int>,
            AxisGeometry,
            KernelReport>(IndexSelectKernel))(y.IntLength, y, x, index, g, report);

    private static void IndexSelectGradientGpu(GpuDevice gpu, Tensor dx, Tensor dy, Tensor index, AxisGeometry g) {
        gpu.Fill(dx, 0);
        if (dy.Count == 0) return;
        using Tensor sorted = SortKeys(gpu, index.Count);
        ArrayView<ulong> keys = gpu.Integers(sorted).Cast<ulong>();
        gpu.Kernel(PickKeysKernel, a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<ulong>, ArrayView<int>, int>(PickKeysKernel))(
            keys.IntLength, keys, gpu.Integers(index), g.Size);
        SortGpu(gpu, keys, keys.IntLength);
        gpu.Kernel(SumPickedKernel, a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<float>, ArrayView<float>, ArrayView<ulong>, int,
            AxisGeometry>(SumPickedKernel))(g.Outer * index.Count * ((g.Inner + 3) / 4), gpu.Floats(dx), gpu.Floats(dy), keys, index.Count,
                g);
    }

    /// <summary>One element (or four) of the result a thread; zero where the index is wrong.</summary>
    internal static void IndexSelectKernel<T>(Index1D i, ArrayView<T> y, ArrayView<T> x, ArrayView<int> index, AxisGeometry g,
        KernelReport report) where T : unmanaged {
        int row = i / g.Inner, outer = row / index.IntLength, pick = row - outer * index.IntLength, place = index[pick];
        T value = default;
        if ((uint)place < (uint)g.Size) value = x[(outer * g.Size + place) * g.Inner + i - row * g.Inner];
        else report.Note(pick, place);
        y[i] = value;
    }

    /// <summary>One key a thread: the place that is picked, then the number of the pick.</summary>
    internal static void PickKeysKernel(Index1D i, ArrayView<ulong> keys, ArrayView<int> index, int size) {
        ulong key = NoKey;
        if (i < index.IntLength && (uint)index[i] < (uint)size) key = (ulong)(uint)index[i] << 32 | (uint)i.X;
        keys[i] = key;
    }

    /// <summary>Four elements of a pick a thread, in the order of the places: the first pick of each place sums all of that
    /// place.</summary>
    internal static void SumPickedKernel(Index1D i, ArrayView<float> dx, ArrayView<float> dy, ArrayView<ulong> keys, int count,
        AxisGeometry g) {
        int fours = (g.Inner + 3) >> 2, row = i / fours, k = 4 * (i - row * fours), outer = row / count, at = row - outer * count;
        ulong key = keys[at], place = key >> 32;
        if (key == NoKey || at > 0 && keys[at - 1] >> 32 == place) return;
        Float4 sum = default;
        for (; at < count && keys[at] >> 32 == place; at++) {
            int pick = outer * count + (int)(uint)keys[at];
            Float4.MultiplyAdd(ref sum, 1, Float4.Load(dy, pick * g.Inner + k, g.Inner - k, g.Vectors));
        }
        sum.Store(dx, (outer * g.Size + (int)place) * g.Inner + k, g.Inner - k, g.Vectors);
    }
}
