using ILGPU;
using ILGPU.Runtime;

namespace DenseEngine.Ops;

public static partial class Op {
    /// <summary>At least one pair is wanted.</summary>
    private static void BestPairsGpu(GpuDevice gpu, ScoredPairs pairs, Tensor scores, int start, int firstRow,
        float threshold) {
        using var scope = new TensorScope();
        (int anchors, int classes) = (scores.Shape[1], scores.Shape[2]);
        if (pairs.Scores.Count <= (anchors * classes <= SortTile ? SortTile : SortTile / 2)) {
            LikelyPairsGpu(gpu, pairs, scores, start, firstRow, threshold);
            return;
        }
        var counting = new Tensor(gpu, [anchors * classes]);
        gpu.Kernel(AboveKernel, a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<float>, ArrayView<float>, int, float>(AboveKernel))
            (counting.Count, gpu.Floats(counting), gpu.Floats(scores), start, threshold);
        (Tensor values, Tensor places) = TopK(counting, pairs.Scores.Count);
        gpu.Kernel(PairsKernel, a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<int>, ArrayView<int>, ArrayView<int>,
            ArrayView<float>, ArrayView<float>, ArrayView<int>, int, int>(PairsKernel))
            (values.Count, gpu.Integers(pairs.Rows), gpu.Integers(pairs.Anchors), gpu.Integers(pairs.Labels), gpu.Floats(pairs.Scores),
            gpu.Floats(values), gpu.Integers(places), firstRow, classes);
    }

    /// <summary>The pairs above the threshold, mostly few, become a list of keys; of that the best are sorted out, tile by tile. How long
    /// the list is only the device knows: tiles beyond its end do nothing.</summary>
    private static void LikelyPairsGpu(GpuDevice gpu, ScoredPairs pairs, Tensor scores, int start, int firstRow, float threshold) {
        int classes = scores.Shape[2], count = scores.Shape[1] * classes, k = pairs.Scores.Count, pitch = count;
        ArrayView<int> found = gpu.Integers(Tensor.Zeros([1], DType.Int32, gpu));
        ArrayView<ulong> keys = Keys(gpu, count);
        gpu.Kernel(LikelyKeysKernel, a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<ulong>, ArrayView<int>, ArrayView<float>, int,
            int, float>(LikelyKeysKernel))(Fours(count), keys, found, gpu.Floats(scores), start, count, threshold);
        for (int pass = 0, tiles = 0; tiles != 1; pass++, pitch = tiles * k) {
            tiles = (pitch + SortTile - 1) / SortTile;
            ArrayView<ulong> best = Keys(gpu, (long)tiles * k);
            gpu.Kernel(BestOfListKernel, a => a.LoadStreamKernel<ArrayView<ulong>, ArrayView<ulong>, ArrayView<int>, int,
                int>(BestOfListKernel))((tiles, SortThreads), best, keys, found, pass, k);
            keys = best;
        }
        gpu.Kernel(PairsOfKeysKernel, a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<int>, ArrayView<int>, ArrayView<int>,
            ArrayView<float>, ArrayView<ulong>, ArrayView<float>, int, int, int>(PairsOfKeysKernel))
            (k, gpu.Integers(pairs.Rows), gpu.Integers(pairs.Anchors), gpu.Integers(pairs.Labels), gpu.Floats(pairs.Scores), keys,
            gpu.Floats(scores), start, firstRow, classes);
    }

    /// <summary>The keys of what is above the threshold, in no order: a thread looks at four scores, a quarter of all apart, and takes
    /// places in the list for those that are.</summary>
    internal static void LikelyKeysKernel(Index1D i, ArrayView<ulong> keys, ArrayView<int> found, ArrayView<float> scores, int start,
        int count, float threshold) {
        int second = i + Fours(count), third = second + Fours(count), fourth = third + Fours(count), last = count - 1;
        float a = scores[start + i], b = scores[start + Math.Min(second, last)], c = scores[start + Math.Min(third, last)],
            d = scores[start + Math.Min(fourth, last)];
        int isA = IsLikely(a, threshold), isB = second > last ? 0 : IsLikely(b, threshold),
            isC = third > last ? 0 : IsLikely(c, threshold), isD = fourth > last ? 0 : IsLikely(d, threshold);
        if (isA + isB + isC + isD == 0) return;
        int place = Atomic.Add(ref found[0], isA + isB + isC + isD);
        if (isA != 0) keys[place++] = FallingKey(a, i, int.MaxValue);
        if (isB != 0) keys[place++] = FallingKey(b, second, int.MaxValue);
        if (isC != 0) keys[place++] = FallingKey(c, third, int.MaxValue);
        if (isD != 0) keys[place] = FallingKey(d, fourth, int.MaxValue);
    }

    /// <summary>1 for a score above the threshold. NaN is not: the choice of a value keeps that on OpenCL, where a branch does
    /// not.</summary>
    private static int IsLikely(float score, float threshold) {
        float counting = score > threshold ? score : float.NegativeInfinity;
        return BitConverter.SingleToInt32Bits(counting) == BitConverter.SingleToInt32Bits(float.NegativeInfinity) ? 0 : 1;
    }

    /// <summary>A group for each tile of the list: its best k, and <see cref="NoKey"/> behind them. Each pass before left the best k of
    /// each of its tiles, in order.</summary>
    internal static void BestOfListKernel(ArrayView<ulong> best, ArrayView<ulong> keys, ArrayView<int> found, int pass, int k) {
        ArrayView<ulong> tile = SharedMemory.Allocate<ulong>(SortTile);
        int held = found[0], sorted = 0, first = Grid.IdxX * SortTile;
        for (int before = 0; before < pass; before++) {
            int tiles = (held + SortTile - 1) / SortTile;
            if (tiles <= 1) sorted = 1;
            held = tiles <= 1 ? Math.Min(held, k) : tiles * k;
        }
        int here = Math.Min(SortTile, held - first), size = 2;
        if (here <= 0 && first > 0) return;
        while (size < here) size *= 2;
        for (int i = Group.IdxX; i < size; i += Group.DimX) {
            ulong key = NoKey;
            if (i < here) key = keys[first + i];
            tile[i] = key;
        }
        if (sorted == 0) SortShared(tile, 0, size, size, 2, size);
        for (int i = Group.IdxX; i < k; i += Group.DimX) {
            ulong key = NoKey;
            if (i < size) key = tile[i];
            best[Grid.IdxX * k + i] = key;
        }
    }

    internal static void PairsOfKeysKernel(Index1D i, ArrayView<int> rows, ArrayView<int> anchors, ArrayView<int> labels,
        ArrayView<float> scores, ArrayView<ulong> keys, ArrayView<float> from, int start, int firstRow, int classes) {
        ulong key = keys[i];
        int anchor = 0, label = -1;
        float score = 0;
        if (key != NoKey) {
            int place = (int)(uint)key;
            anchor = place / classes;
            label = place - anchor * classes;
            score = from[start + place];
        }
        rows[i] = firstRow + anchor;
        anchors[i] = anchor;
        labels[i] = label;
        scores[i] = score;
    }

    /// <summary>What is not above the threshold becomes the lowest of all.</summary>
    internal static void AboveKernel(Index1D i, ArrayView<float> counting, ArrayView<float> scores, int start, float threshold) {
        float score = scores[start + i];
        counting[i] = score > threshold ? score : float.NegativeInfinity;
    }

    internal static void PairsKernel(Index1D i, ArrayView<int> rows, ArrayView<int> anchors, ArrayView<int> labels, ArrayView<float> scores,
        ArrayView<float> values, ArrayView<int> places, int firstRow, int classes) {
        float score = values[i];
        int place = places[i], anchor = place / classes, label = place - anchor * classes;
        if (score == float.NegativeInfinity) {
            (anchor, label) = (0, -1);
            score = 0;
        }
        rows[i] = firstRow + anchor;
        anchors[i] = anchor;
        labels[i] = label;
        scores[i] = score;
    }
}
