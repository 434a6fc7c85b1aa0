using ILGPU;
using ILGPU.Runtime;

namespace DenseEngine.Ops;

public static partial class Op {
    /// <summary>The key of an element that has no place in an order.</summary>
    private const int Absent = int.MinValue;

    /// <summary>The numbers 0 to count - 1 by falling key, of equal keys the lower first. Each counts how many go before it: as much work
    /// as comparing all pairs of boxes, which is done anyway.</summary>
    private static Tensor OrderGpu(GpuDevice gpu, Tensor keys) {
        var order = new Tensor(gpu, keys.Shape, DType.Int32);
        OrderGpu(gpu, order, keys, skip: false);
        return order;
    }

    /// <summary>The same; absent ones are left out if <paramref name="skip"/>, and the end of the order is left as it is.</summary>
    private static void OrderGpu(GpuDevice gpu, Tensor order, Tensor keys, bool skip) =>
        gpu.Kernel(RankKernel, a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<int>, ArrayView<int>, int, int>(RankKernel))
            (keys.Count, gpu.Integers(order), gpu.Integers(keys), keys.Count, skip ? 1 : 0);

    /// <summary>Keys in the order of scores; NaN, as PyTorch sorts, above all.</summary>
    private static Tensor KeysOfScoresGpu(GpuDevice gpu, Tensor scores) {
        var keys = new Tensor(gpu, scores.Shape, DType.Int32);
        gpu.Kernel(ScoreKeysKernel, a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<int>, ArrayView<float>>(ScoreKeysKernel))
            (scores.Count, gpu.Integers(keys), gpu.Floats(scores));
        return keys;
    }

    /// <summary>The first values of a list whose length the device knows: asking it waits for the device.</summary>
    private static Tensor FirstGpu(GpuDevice gpu, Tensor values, int count) {
        var first = new Tensor(gpu, [count], values.DType);
        if (count > 0) gpu.Kernel(FirstKernel, a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<int>, ArrayView<int>>(FirstKernel))
            (count, gpu.Integers(first), gpu.Integers(values));
        return first;
    }

    internal static void RankKernel(Index1D i, ArrayView<int> order, ArrayView<int> keys, int count, int skip) {
        int own = keys[i], rank = 0, whole = count & ~3;
        if (skip != 0 && own == Absent) return;
        ArrayView<Int4> keys4 = keys.Cast<Int4>();
        for (int j = 0; j < whole; j += 4) {
            Int4 four = keys4[j >> 2];
            rank += GoesBefore(four.X, j, own, i) + GoesBefore(four.Y, j + 1, own, i)
                + GoesBefore(four.Z, j + 2, own, i) + GoesBefore(four.W, j + 3, own, i);
        }
        for (int j = whole; j < count; j++) rank += GoesBefore(keys[j], j, own, i);
        order[rank] = i;
    }

    private static int GoesBefore(int key, int number, int own, int ownNumber) =>
        key > own || (key == own && number < ownNumber) ? 1 : 0;

    internal static void ScoreKeysKernel(Index1D i, ArrayView<int> keys, ArrayView<float> scores) =>
        keys[i] = KeyOf(scores[i], int.MaxValue);

    /// <summary>An integer for each number, in the numbers' order; both zeros get the same.</summary>
    private static int KeyOf(float score, int ofNaN) {
        int bits = BitConverter.SingleToInt32Bits(score);
        if (float.IsNaN(score)) return ofNaN;
        if (score == 0) return 0;
        return bits < 0 ? bits ^ int.MaxValue : bits;
    }

    internal static void FirstKernel(Index1D i, ArrayView<int> first, ArrayView<int> values) => first[i] = values[i];

    internal static void NumbersKernel(Index1D i, ArrayView<int> numbers) => numbers[i] = i;

    internal static void ClassKeysKernel(Index1D i, ArrayView<int> keys, ArrayView<int> classes) => keys[i] = ~classes[i];
}
