using ILGPU;
using ILGPU.Runtime;

namespace DenseEngine.Ops;

public static partial class Op {
    /// <summary>The numbers of things in some order, and on the device how many they are: the rest are absent, and their numbers
    /// are -1.</summary>
    private readonly record struct BoxOrder(Tensor Numbers, Tensor Count);

    /// <summary>Scores, falling; NaN, as PyTorch sorts, first; of equal ones the lower number.</summary>
    private static BoxOrder ByScoreGpu(GpuDevice gpu, Tensor scores, BoxClasses classes) {
        using Tensor keys = SortKeys(gpu, scores.Count);
        gpu.Kernel(ScoreKeysKernel, a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<ulong>, ArrayView<float>, ArrayView<int>, int,
            int>(ScoreKeysKernel))
            (keys.Shape[0], gpu.Integers(keys).Cast<ulong>(), gpu.Floats(scores), gpu.Integers(classes.Of ?? scores), classes.Gaps ? 1 : 0,
            scores.Count);
        return SortedGpu(gpu, keys, scores.Count);
    }

    /// <summary>As given; or, where there are enough to split, class by class.</summary>
    private static BoxOrder ByClassGpu(GpuDevice gpu, int count, BoxClasses classes) {
        Tensor present = Tensor.From([count], [1], gpu);
        if (classes.Gaps && classes.MaySplit(count)) present = ByClassGpu(gpu, count, classes, present, int.MaxValue).Count;
        return ByClassGpu(gpu, count, classes, present, classes.SplitFrom);
    }

    private static BoxOrder ByClassGpu(GpuDevice gpu, int count, BoxClasses classes, Tensor present, int splitFrom) {
        using Tensor keys = SortKeys(gpu, count);
        gpu.Kernel(ClassKeysKernel, a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<ulong>, ArrayView<int>, ArrayView<int>, int, int,
            int>(ClassKeysKernel))
            (keys.Shape[0], gpu.Integers(keys).Cast<ulong>(), gpu.Integers(classes.Of ?? present), gpu.Integers(present),
            classes.Of is null ? int.MaxValue : splitFrom, classes.Gaps ? 1 : 0, count);
        return SortedGpu(gpu, keys, count);
    }

    /// <summary>Sorts keys, whose low halves are numbers.</summary>
    private static BoxOrder SortedGpu(GpuDevice gpu, Tensor keys, int most) {
        SortGpu(gpu, gpu.Integers(keys).Cast<ulong>(), keys.Shape[0]);
        var order = new BoxOrder(new Tensor(gpu, [most], DType.Int32), new Tensor(gpu, [1], DType.Int32));
        gpu.Kernel(KeyNumbersKernel, a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<int>, ArrayView<int>, ArrayView<ulong>>(
            KeyNumbersKernel))
            (most, gpu.Integers(order.Numbers), gpu.Integers(order.Count), gpu.Integers(keys).Cast<ulong>());
        return order;
    }

    internal static void ScoreKeysKernel(Index1D i, ArrayView<ulong> keys, ArrayView<float> scores, ArrayView<int> classes, int gaps,
        int count) {
        ulong key = NoKey;
        if (i < count && (gaps == 0 || classes[i] >= 0)) key = FallingKey(scores[i], i, int.MaxValue);
        keys[i] = key;
    }

    internal static void ClassKeysKernel(Index1D i, ArrayView<ulong> keys, ArrayView<int> classes, ArrayView<int> present, int splitFrom,
        int gaps, int count) {
        ulong key = NoKey;
        if (i < count && (gaps == 0 || classes[i] >= 0)) {
            uint group = 0;
            if (present[0] >= splitFrom) group = (uint)classes[i] ^ 0x80000000;
            key = (ulong)group << 32 | (uint)i.X;
        }
        keys[i] = key;
    }

    /// <summary>The thread at the last key that is one writes how many they are.</summary>
    internal static void KeyNumbersKernel(Index1D i, ArrayView<int> numbers, ArrayView<int> count, ArrayView<ulong> keys) {
        ulong key = keys[i];
        numbers[i] = key == NoKey ? -1 : (int)(uint)key;
        bool last = i + 1 == keys.IntLength;
        if (!last) last = keys[i + 1] == NoKey || i + 1 == numbers.IntLength;
        if (key != NoKey && last) count[0] = i + 1;
        if (key == NoKey && i == 0) count[0] = 0;
    }
}
