using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using V = System.Runtime.Intrinsics.Vector512<float>;

namespace DenseEngine.Ops;

/// <summary>The best of logits by their logistic function, which is computed only of those that may exceed the threshold: most do
/// not.</summary>
internal static unsafe class LikelyPairs {
    /// <summary>Logits of a work item; there are few if one in so many is likely.</summary>
    private const int Block = 1 << 15, Few = 16;

    /// <summary>Finds the highest probabilities above the threshold, of equal ones the first, and their places; the rest is 0 and
    /// -1.</summary>
    /// <returns>False if there are too many for this to pay; then nothing was done.</returns>
    public static bool TryFind(HostDevice host, Span<float> found, Span<int> places, float* logits, int size, float threshold) {
        float least = Least(threshold);
        int[] starts = new int[(size + Block - 1) / Block + 1];
        host.Workers.For(starts.Length - 1, item =>
            starts[item + 1] = CountAbove(logits + (nint)item * Block, Math.Min(Block, size - item * Block), least));
        for (int i = 1; i < starts.Length; i++) starts[i] += starts[i - 1];
        int likely = starts[^1], count = Math.Min(likely, found.Length);
        if (likely > size / Few) return false;
        found.Clear();
        places.Fill(-1);
        if (count == 0) return true;
        using Tensor scores = new(host, [likely]), numbers = new(host, [likely], DType.Int32), best = new(host, [count]),
            index = new(host, [count], DType.Int32);
        float* to = scores.Pointer;
        int* number = numbers.IntPointer;
        host.Workers.For(starts.Length - 1, item => {
            int from = starts[item], end = starts[item + 1];
            Collect(to + from, number + from, logits, item * Block, Math.Min(size, (item + 1) * Block), least);
            Op.UnaryLoop(to, to, from, end, new Op.SigmoidOp());
        });
        TopKHost.Find(host, best.Pointer, index.IntPointer, to, new AxisGeometry(likely), count, largest: true);
        for (int i = 0; i < count && best.Span[i] > threshold; i++) (found[i], places[i]) = (best.Span[i], number[index.IntSpan[i]]);
        return true;
    }

    /// <summary>A logit below those whose probability exceeds the threshold, by more than rounding takes.</summary>
    private static float Least(float threshold) => threshold <= 0 ? float.NegativeInfinity : threshold >= 1 ? float.PositiveInfinity
        : Elementary.Log(threshold / (1 - threshold)) - (threshold > 0.99f ? 2 : 0.01f);

    /// <summary>Values above the bound, and where they stand.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Collect(float* to, int* number, float* x, int i, int end, float least) {
        V bound = Vector512.Create(least);
        for (; i <= end - V.Count; i += V.Count) {
            ulong above = Vector512.GreaterThan(Vector512.Load(x + i), bound).ExtractMostSignificantBits();
            for (; above != 0; above &= above - 1) {
                int at = i + BitOperations.TrailingZeroCount(above);
                (*to++, *number++) = (x[at], at);
            }
        }
        for (; i < end; i++)
            if (x[i] > least) (*to++, *number++) = (x[i], i);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int CountAbove(float* x, int count, float least) {
        V bound = Vector512.Create(least);
        int above = 0, i = 0;
        for (; i <= count - V.Count; i += V.Count)
            above += BitOperations.PopCount(Vector512.GreaterThan(Vector512.Load(x + i), bound).ExtractMostSignificantBits());
        for (; i < count; i++) above += x[i] > least ? 1 : 0;
        return above;
    }
}
