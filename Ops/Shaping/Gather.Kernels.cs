using ILGPU;
using ILGPU.Runtime;

namespace DenseEngine.Ops;

public static partial class Op {
    private static void GatherGpu(GpuDevice gpu, Tensor y, Tensor x, Tensor index, IndexGeometry g, KernelReport report) =>
        gpu.Kernel(GatherKernel, a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<float>, ArrayView<float>, ArrayView<int>,
            IndexGeometry,
            KernelReport>(GatherKernel))(index.Count, gpu.Floats(y), gpu.Floats(x), gpu.Integers(index), g, report);

    private static void AddAtIndexGpu(GpuDevice gpu, Tensor target, Tensor index, Tensor source, IndexGeometry g, KernelReport report) {
        using Tensor sorted = SortKeys(gpu, index.Count);
        ArrayView<ulong> keys = gpu.Integers(sorted).Cast<ulong>();
        gpu.Kernel(TargetKeysKernel, a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<ulong>, ArrayView<int>, int, IndexGeometry,
            KernelReport>(TargetKeysKernel))(keys.IntLength, keys, gpu.Integers(index), index.Count, g, report);
        SortGpu(gpu, keys, keys.IntLength);
        gpu.Kernel(SumAtTargetKernel, a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<float>, ArrayView<float>, ArrayView<ulong>,
            IndexGeometry>(SumAtTargetKernel))(index.Count, gpu.Floats(target), gpu.Floats(source), keys, g);
    }

    /// <summary>One element of the index a thread; zero where it is wrong.</summary>
    internal static void GatherKernel(Index1D number, ArrayView<float> y, ArrayView<float> x, ArrayView<int> index, IndexGeometry g,
        KernelReport report) {
        (int atIndex, int atX, int atY) = g.At(number);
        int place = index[atIndex];
        float value = 0;
        if ((uint)place < (uint)g.PickedSize) value = x[atX + place * g.PickedStep];
        else report.Note(atIndex, place);
        y[atY] = value;
    }

    /// <summary>One key a thread: the element of the target that is hit, then the number of the index's element, which rises along the
    /// axis.</summary>
    internal static void TargetKeysKernel(Index1D number, ArrayView<ulong> keys, ArrayView<int> index, int count, IndexGeometry g,
        KernelReport report) {
        ulong key = NoKey;
        if (number < count) {
            (int atIndex, int atTarget, _) = g.At(number);
            int place = index[atIndex];
            if ((uint)place < (uint)g.PickedSize) key = (ulong)(uint)(atTarget + place * g.PickedStep) << 32 | (uint)number.X;
            else report.Note(atIndex, place);
        }
        keys[number] = key;
    }

    /// <summary>One key a thread, in the order of the targets: the first of each adds all to it.</summary>
    internal static void SumAtTargetKernel(Index1D i, ArrayView<float> target, ArrayView<float> source, ArrayView<ulong> keys,
        IndexGeometry g) {
        ulong key = keys[i], place = key >> 32;
        if (key == NoKey || i > 0 && keys[i - 1] >> 32 == place) return;
        float sum = target[(int)place];
        for (int at = i; at < keys.IntLength && keys[at] >> 32 == place; at++) {
            (_, _, int from) = g.At((int)(uint)keys[at]);
            sum += source[from];
        }
        target[(int)place] = sum;
    }
}
