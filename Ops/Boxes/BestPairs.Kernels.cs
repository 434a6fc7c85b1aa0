using ILGPU;
using ILGPU.Runtime;

namespace DenseEngine.Ops;

public static partial class Op {
    /// <summary>At least one pair is wanted.</summary>
    private static void BestPairsGpu(GpuDevice gpu, ScoredPairs pairs, Tensor scores, int start, int firstRow,
        float threshold) {
        using var scope = new TensorScope();
        (int anchors, int classes) = (scores.Shape[1], scores.Shape[2]);
        var counting = new Tensor(gpu, [anchors * classes]);
        gpu.Kernel(AboveKernel, a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<float>, ArrayView<float>, int, float>(AboveKernel))
            (counting.Count, gpu.Floats(counting), gpu.Floats(scores), start, threshold);
        (Tensor values, Tensor places) = TopK(counting, pairs.Scores.Count);
        gpu.Kernel(PairsKernel, a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<int>, ArrayView<int>, ArrayView<int>,
            ArrayView<float>, ArrayView<float>, ArrayView<int>, int, int>(PairsKernel))
            (values.Count, gpu.Integers(pairs.Rows), gpu.Integers(pairs.Anchors), gpu.Integers(pairs.Labels), gpu.Floats(pairs.Scores),
            gpu.Floats(values), gpu.Integers(places), firstRow, classes);
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
