using ILGPU;
using ILGPU.Runtime;

namespace DenseEngine.Ops;

/// <summary>Pairs of a region and a class, in their order; behind those that count, label -1, score 0 and the first region.</summary>
/// <param name="Places">Int32 [K]: region · C + class.</param>
/// <param name="Rows">Int32 [K]: the regions.</param>
/// <param name="Labels">Int32 [K]: the classes.</param>
/// <param name="Scores">[K].</param>
public sealed record ClassPairs(Tensor Places, Tensor Rows, Tensor Labels, Tensor Scores);

public static partial class Op {
    /// <summary>The pairs of region and class whose score exceeds a threshold, region after region; NaN does not. Differs from
    /// <see cref="BestPairs"/> in the order, and knows a background. No gradient.</summary>
    /// <param name="scores">[R,C+1]; the last column is the background's and is not read.</param>
    /// <param name="threshold">Only scores above this count.</param>
    /// <param name="most">How many pairs there may be; the rest is not taken.</param>
    /// <param name="present">Int32 [R]: regions of a negative number are not there; null if all are.</param>
    /// <exception cref="ShapeException">Shapes differ from these, or there are no classes.</exception>
    public static ClassPairs PairsAbove(Tensor scores, float threshold, int most, Tensor? present = null) {
        const string name = nameof(PairsAbove);
        Check.Type(name, "scores", Check.Rank(name, "scores", scores, 2), DType.Float32);
        (int rows, int classes) = (scores.Shape[0], scores.Shape[1] - 1);
        Check.That(classes > 0 && most >= 0, $"{name}: {most} pairs of scores of shape {scores.Shape}; it needs a class and a background.");
        if (present is not null) Check.Shape(name, "present", Check.Type(name, "present", present, DType.Int32), [rows]);
        Device device = Check.SameDevice(name, [scores, present]);
        Shape shape = [Math.Min(most, rows * classes)];
        var pairs = new ClassPairs(new Tensor(device, shape, DType.Int32), new Tensor(device, shape, DType.Int32),
            new Tensor(device, shape, DType.Int32), new Tensor(device, shape));
        if (shape.Count > 0) Run(device, _ => PairsAboveHost(pairs, scores, threshold, present),
            gpu => PairsAboveGpu(gpu, pairs, scores, threshold, present));
        return pairs;
    }

    private static void PairsAboveHost(ClassPairs pairs, Tensor scores, float threshold, Tensor? present) {
        (int rows, int classes, int most, int count) = (scores.Shape[0], scores.Shape[1] - 1, pairs.Places.Count, 0);
        for (int row = 0; row < rows; row++) {
            if (present is not null && present.IntSpan[row] < 0) continue;
            ReadOnlySpan<float> given = scores.Span.Slice(row * (classes + 1), classes);
            for (int label = 0; label < classes && count < most; label++)
                if (given[label] > threshold) Put(row, label, given[label]);
        }
        while (count < most) Put(0, -1, 0);

        void Put(int row, int label, float score) {
            (pairs.Places.IntSpan[count], pairs.Rows.IntSpan[count]) = (row * classes + Math.Max(label, 0), row);
            (pairs.Labels.IntSpan[count], pairs.Scores.Span[count]) = (label, score);
            count++;
        }
    }

    private static void PairsAboveGpu(GpuDevice gpu, ClassPairs pairs, Tensor scores, float threshold, Tensor? present) {
        using var scope = new TensorScope();
        int classes = scores.Shape[1] - 1, count = scores.Shape[0] * classes;
        Tensor keys = SortKeys(gpu, count);
        gpu.Kernel(PairKeysKernel, a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<ulong>, ArrayView<float>, ArrayView<int>, float,
            int, int>(PairKeysKernel))
            (keys.Shape[0], gpu.Integers(keys).Cast<ulong>(), gpu.Floats(scores), present is null ? default : gpu.Integers(present),
            threshold, classes, count);
        BoxOrder order = SortedGpu(gpu, keys, pairs.Places.Count);
        gpu.Kernel(PairsAboveKernel, a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<int>, ArrayView<int>, ArrayView<int>,
            ArrayView<float>, ArrayView<int>, ArrayView<float>, int>(PairsAboveKernel))
            (pairs.Places.Count, gpu.Integers(pairs.Places), gpu.Integers(pairs.Rows), gpu.Integers(pairs.Labels),
            gpu.Floats(pairs.Scores), gpu.Integers(order.Numbers), gpu.Floats(scores), classes);
    }

    internal static void PairKeysKernel(Index1D i, ArrayView<ulong> keys, ArrayView<float> scores, ArrayView<int> present, float threshold,
        int classes, int count) {
        ulong key = NoKey;
        if (i < count) {
            int row = i / classes;
            bool there = scores[i + row] > threshold;
            if (present.IntLength > 0) there &= present[row] >= 0;
            if (there) key = (uint)i.X;
        }
        keys[i] = key;
    }

    internal static void PairsAboveKernel(Index1D i, ArrayView<int> places, ArrayView<int> rows, ArrayView<int> labels,
        ArrayView<float> scores, ArrayView<int> numbers, ArrayView<float> given, int classes) {
        int place = numbers[i], row = 0, label = -1;
        float score = 0;
        if (place >= 0) {
            row = place / classes;
            label = place - row * classes;
            score = given[place + row];
        } else {
            place = 0;
        }
        places[i] = place;
        rows[i] = row;
        labels[i] = label;
        scores[i] = score;
    }
}
