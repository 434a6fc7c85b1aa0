using ILGPU;
using ILGPU.Runtime;

namespace DenseEngine.Ops;

public static partial class Op {
    /// <summary>The numbers of scores, falling; NaN, as PyTorch sorts, first; of equal ones the lower number.</summary>
    private static Tensor ByScoreGpu(GpuDevice gpu, Tensor scores) {
        using Tensor keys = SortKeys(gpu, scores.Count);
        gpu.Kernel(ScoreKeysKernel, a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<ulong>, ArrayView<float>, int>(ScoreKeysKernel))
            (keys.Shape[0], gpu.Integers(keys).Cast<ulong>(), gpu.Floats(scores), scores.Count);
        return SortedNumbersGpu(gpu, keys, scores.Count);
    }

    /// <summary>The numbers of classes, rising; of equal ones the lower number first.</summary>
    private static Tensor ByClassGpu(GpuDevice gpu, Tensor classes) {
        using Tensor keys = SortKeys(gpu, classes.Count);
        gpu.Kernel(ClassKeysKernel, a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<ulong>, ArrayView<int>, int>(ClassKeysKernel))
            (keys.Shape[0], gpu.Integers(keys).Cast<ulong>(), gpu.Integers(classes), classes.Count);
        return SortedNumbersGpu(gpu, keys, classes.Count);
    }

    /// <summary>Sorts keys; gives the numbers that the first of them hold in their low halves.</summary>
    private static Tensor SortedNumbersGpu(GpuDevice gpu, Tensor keys, int count) {
        SortGpu(gpu, gpu.Integers(keys).Cast<ulong>(), keys.Shape[0]);
        var numbers = new Tensor(gpu, [count], DType.Int32);
        if (count > 0) gpu.Kernel(KeyNumbersKernel, a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<int>, ArrayView<ulong>>(
            KeyNumbersKernel))
            (count, gpu.Integers(numbers), gpu.Integers(keys).Cast<ulong>());
        return numbers;
    }

    /// <summary>The first values of a list whose length the host was told.</summary>
    private static Tensor FirstGpu(GpuDevice gpu, Tensor values, int count) {
        var first = new Tensor(gpu, [count], values.DType);
        if (count > 0) gpu.Kernel(FirstKernel, a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<int>, ArrayView<int>>(FirstKernel))
            (count, gpu.Integers(first), gpu.Integers(values));
        return first;
    }

    internal static void ScoreKeysKernel(Index1D i, ArrayView<ulong> keys, ArrayView<float> scores, int count) {
        ulong key = NoKey;
        if (i < count) key = FallingKey(scores[i], i, int.MaxValue);
        keys[i] = key;
    }

    internal static void ClassKeysKernel(Index1D i, ArrayView<ulong> keys, ArrayView<int> classes, int count) {
        ulong key = NoKey;
        if (i < count) key = (ulong)((uint)classes[i] ^ 0x80000000) << 32 | (uint)i.X;
        keys[i] = key;
    }

    /// <summary>A key that is smaller the higher the score is, of equal scores (both zeros are) the lower the number is.</summary>
    /// <param name="score">The score.</param>
    /// <param name="number">The number.</param>
    /// <param name="ofNaN">Where NaN stands: the largest integer for first, the smallest for last.</param>
    private static ulong FallingKey(float score, int number, int ofNaN) {
        int bits = BitConverter.SingleToInt32Bits(score);
        if (float.IsNaN(score)) bits = ofNaN;
        else if (score == 0) bits = 0;
        else if (bits < 0) bits ^= int.MaxValue;   // from here on as integers are ordered
        return (ulong)~((uint)bits ^ 0x80000000) << 32 | (uint)number;
    }

    internal static void KeyNumbersKernel(Index1D i, ArrayView<int> numbers, ArrayView<ulong> keys) => numbers[i] = (int)(uint)keys[i];

    internal static void FirstKernel(Index1D i, ArrayView<int> first, ArrayView<int> values) => first[i] = values[i];

    internal static void NumbersKernel(Index1D i, ArrayView<int> numbers) => numbers[i] = i;
}
