using System.Numerics;
using ILGPU;
using ILGPU.Runtime;

namespace DenseEngine.Ops;

public static partial class Op {
    /// <summary>Boxes whose bits share a word of the mask.</summary>
    private const int WordBits = 32;

    /// <summary>Threads of the one group that goes through the mask.</summary>
    private const int ScanThreads = 128;

    /// <summary>What suppression left, on the device: numbers by falling score, for soft suppression the new scores, and how many they
    /// are; what follows in the lists has no meaning.</summary>
    private readonly record struct KeptBoxes(Tensor Numbers, Tensor? Scores, Tensor Count);

    private static Tensor NmsGpu(GpuDevice gpu, Tensor boxes, Tensor scores, BoxClasses classes, float threshold, float offset) {
        if (scores.Count == 0) return new Tensor(gpu, [0], DType.Int32);
        using var scope = new TensorScope();
        KeptBoxes kept = SuppressGpu(gpu, boxes, scores, classes, threshold, offset);
        return scope.Keep(Sliced(kept.Numbers, 0, 0, kept.Count.ToIntArray()[0], 1));   // the one number that the host waits for
    }

    /// <summary>At least one box.</summary>
    private static KeptBoxes SuppressGpu(GpuDevice gpu, Tensor boxes, Tensor scores, BoxClasses classes, float threshold, float offset) {
        int most = boxes.Shape[0], words = (most + WordBits - 1) / WordBits;
        BoxOrder order = ByScoreGpu(gpu, scores, classes);
        PlacedBoxes placed = PlaceGpu(gpu, boxes, order, classes, offset);
        var mask = new Tensor(gpu, [words, most], DType.Int32);
        gpu.Kernel(OverlapMaskKernel, a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<int>, ArrayView<Box>, ArrayView<float>,
            ArrayView<int>, ArrayView<int>, int, float, float, int>(OverlapMaskKernel))
            (mask.Count, gpu.Integers(mask), Boxes(gpu, placed.Boxes), gpu.Floats(placed.Areas), gpu.Integers(placed.Groups),
            gpu.Integers(order.Count), most, threshold, offset, 0);
        Tensor dropped = new(gpu, [words], DType.Int32), kept = new(gpu, [most], DType.Int32), total = new(gpu, [1], DType.Int32);
        gpu.Kernel(KeepKernel, a => a.LoadStreamKernel<ArrayView<int>, ArrayView<int>, ArrayView<int>, ArrayView<int>, ArrayView<int>,
            ArrayView<int>, int>(KeepKernel))
            ((1, ScanThreads), gpu.Integers(kept), gpu.Integers(total), gpu.Integers(dropped), gpu.Integers(mask),
            gpu.Integers(order.Numbers), gpu.Integers(order.Count), most);
        return new KeptBoxes(kept, null, total);
    }

    /// <summary>Which of the 32 boxes of a word a box suppresses: later ones only. A box' words before its own are never read.</summary>
    internal static void OverlapMaskKernel(Index1D i, ArrayView<int> mask, ArrayView<Box> boxes, ArrayView<float> areas,
        ArrayView<int> groups, ArrayView<int> count, int most, float threshold, float offset, int zero) {
        int word = i / most, row = i - word * most, first = word * WordBits, end = first + WordBits, bits = 0;
        if (end <= row || row >= count[0]) return;
        if (end > count[0]) end = count[0];
        Box box = boxes[row];
        float area = areas[row];
        int group = groups[row], j = first;
        if (j <= row) j = row + 1;
        for (; j < end; j++)
            if (groups[j] == group && Overlap(box, area, boxes[j], areas[j], offset, zero) > threshold) bits |= 1 << (j - first);
        mask[i] = bits;
    }

    /// <summary>One group takes word after word. Within a word one thread decides, as each box kept decides about the next; then all
    /// write down the kept and mark what these suppress in later words, which others read two barriers later.</summary>
    internal static void KeepKernel(ArrayView<int> kept, ArrayView<int> total, ArrayView<int> dropped, ArrayView<int> mask,
        ArrayView<int> order, ArrayView<int> present, int most) {
        ArrayView<int> within = SharedMemory.Allocate<int>(WordBits), decided = SharedMemory.Allocate<int>(1);
        int thread = Group.IdxX, count = present[0], words = (count + WordBits - 1) / WordBits, done = 0;
        for (int word = thread; word < words; word += ScanThreads) dropped[word] = 0;
        for (int word = 0; word < words; word++) {
            int first = word * WordBits, rows = count - first;
            if (rows > WordBits) rows = WordBits;
            if (thread < rows) within[thread] = mask[word * most + first + thread];
            Group.Barrier();
            if (thread == 0) {
                int gone = dropped[word], stay = 0;
                for (int row = 0; row < rows; row++) {
                    if (((gone >> row) & 1) != 0) continue;
                    stay |= 1 << row;
                    gone |= within[row];
                }
                decided[0] = stay;
            }
            Group.Barrier();
            int keep = decided[0];
            if (thread < rows && ((keep >> thread) & 1) != 0)
                kept[done + BitOperations.PopCount((uint)(keep & ((1 << thread) - 1)))] = order[first + thread];
            done += BitOperations.PopCount((uint)keep);
            for (int later = word + 1 + thread; later < words; later += ScanThreads) {
                int gone = dropped[later];
                for (int row = 0; row < rows; row++)
                    if (((keep >> row) & 1) != 0) gone |= mask[later * most + first + row];
                dropped[later] = gone;
            }
        }
        if (thread == 0) total[0] = done;
    }
}
