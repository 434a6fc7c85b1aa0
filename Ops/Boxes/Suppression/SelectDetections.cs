using System.Buffers;
using System.Runtime.InteropServices;
using ILGPU;
using ILGPU.Runtime;

namespace DenseEngine.Ops;

public static partial class Op {
    /// <summary>Numbers of a detection: see <see cref="SelectDetections"/>.</summary>
    public const int DetectionFields = 7;

    /// <summary>Candidates whose number a float holds.</summary>
    private const int MostCandidates = 1 << 24;

    /// <summary>What is left of candidates after <see cref="BatchedNms"/>, or after <see cref="BatchedSoftNms"/>, the best first. No device
    /// tells the host anything: all has a size that is known before. No gradient.</summary>
    /// <param name="boxes">[N,4], corners.</param>
    /// <param name="scores">[N].</param>
    /// <param name="labels">Int32 [N]: classes; the candidates of negative ones are not there.</param>
    /// <param name="iouThreshold">From 0 to 1.</param>
    /// <param name="most">How many are wanted, M.</param>
    /// <param name="soft">How scores fall; null for dropping boxes.</param>
    /// <param name="classAgnostic">As in <see cref="BatchedNms"/>.</param>
    /// <param name="splitThreshold">See there.</param>
    /// <returns>[M,7]: x1, y1, x2, y2, score, label, the candidate's number; in rows that are too many the label is -1 and the rest
    /// 0.</returns>
    /// <exception cref="ShapeException">Shapes differ from these, or there are more than 2²⁴ candidates.</exception>
    public static Tensor SelectDetections(Tensor boxes, Tensor scores, Tensor labels, float iouThreshold, int most, SoftNms? soft = null,
        bool classAgnostic = false, int splitThreshold = 10_000) {
        const string name = nameof(SelectDetections);
        int count = CheckBoxes(name, "boxes", boxes);
        Check.Shape(name, "scores", scores, [count]);
        Check.Shape(name, "labels", labels, [count]);
        Check.Type(name, "labels", labels, DType.Int32);
        Check.That(most >= 0 && count <= MostCandidates, $"{name}: {most} detections of {count} candidates are wanted.");
        Device device = Check.SameDevice(name, boxes, scores, labels);
        var found = new Tensor(device, [most, DetectionFields]);
        if (most > 0) Run(device, host => {
            using var scope = new TensorScope();
            int[] there = ArrayPool<int>.Shared.Rent(count);
            int chosen = 0;
            for (int i = 0; i < count; i++)
                if (labels.IntSpan[i] >= 0) there[chosen++] = i;
            using Tensor index = OfNumbers(host, there.AsSpan(0, chosen));
            ArrayPool<int>.Shared.Return(there);
            (Tensor some, Tensor ofSome, Tensor classes) = (IndexSelect(boxes.Detach(), index, 0), IndexSelect(scores.Detach(), index, 0),
                IndexSelect(labels, index, 0));
            (Tensor kept, Tensor lowered) = soft is null
                ? (BestOfNms(some, ofSome, classes, iouThreshold, classAgnostic, splitThreshold, most), ofSome)
                : BatchedSoftNms(some, ofSome, classes, iouThreshold, soft, classAgnostic, splitThreshold);
            found.Span.Clear();
            for (int i = 0; i < most; i++) {
                Span<float> row = found.Span.Slice(i * DetectionFields, DetectionFields);
                row[5] = -1;
                if (i >= kept.Count) continue;
                int number = kept.IntSpan[i];
                MemoryMarshal.Cast<float, Box>(row[..4])[0] = Boxes(some)[number];
                row[4] = soft is null ? ofSome.Span[number] : lowered.Span[i];
                (row[5], row[6]) = (classes.IntSpan[number], index.IntSpan[number]);
            }
        }, gpu => SelectDetectionsGpu(gpu, found, boxes, scores, iouThreshold, soft,
            new BoxClasses(labels, Move: !classAgnostic, splitThreshold, Gaps: true)));
        return found;
    }

    private static void SelectDetectionsGpu(GpuDevice gpu, Tensor found, Tensor boxes, Tensor scores, float threshold, SoftNms? soft,
        BoxClasses classes) {
        using var scope = new TensorScope();
        int most = found.Shape[0];
        if (scores.Count == 0) {
            gpu.Kernel(NoDetectionKernel, a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<float>>(NoDetectionKernel))
                (most, gpu.Floats(found));
            return;
        }
        KeptBoxes kept = soft is null ? SuppressGpu(gpu, boxes, scores, classes, threshold, 0, most)
            : SuppressSoftlyGpu(gpu, boxes, scores, classes, new Softening(soft, threshold, 0));
        gpu.Kernel(DetectionsKernel, a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<float>, ArrayView<int>, ArrayView<int>,
            ArrayView<float>, ArrayView<Box>, ArrayView<int>, int>(DetectionsKernel))
            (most, gpu.Floats(found), gpu.Integers(kept.Numbers), gpu.Integers(kept.Count), gpu.Floats(kept.Scores ?? scores),
            Boxes(gpu, boxes), gpu.Integers(classes.Of!), kept.Scores is null ? 0 : 1);
    }

    internal static void NoDetectionKernel(Index1D i, ArrayView<float> found) => Write(found, i, default, 0, -1, 0);

    /// <summary>One row a thread. Scores are those of the candidates, or, if soft, of the kept.</summary>
    internal static void DetectionsKernel(Index1D i, ArrayView<float> found, ArrayView<int> kept, ArrayView<int> count,
        ArrayView<float> scores, ArrayView<Box> boxes, ArrayView<int> labels, int soft) {
        if (i >= count[0]) {
            Write(found, i, default, 0, -1, 0);
            return;
        }
        int number = kept[i];
        Write(found, i, boxes[number], scores[soft != 0 ? i.X : number], labels[number], number);
    }

    private static void Write(ArrayView<float> found, int row, Box box, float score, int label, int number) {
        int at = row * DetectionFields;
        found[at] = box.X1;
        found[at + 1] = box.Y1;
        found[at + 2] = box.X2;
        found[at + 3] = box.Y2;
        found[at + 4] = score;
        found[at + 5] = label;
        found[at + 6] = number;
    }
}
