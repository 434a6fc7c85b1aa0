using System.Numerics;
using ILGPU;
using ILGPU.Runtime;

namespace DenseEngine.Ops;

public static partial class Op {
    /// <summary>Boxes whose bits share a word of the mask.</summary>
    private const int WordBits = 32;

    /// <summary>Threads of the one group that goes through the mask.</summary>
    private const int ScanThreads = 128;

    /// <summary>Suppression on the device. The host learns one number, when all is done: how many were kept.</summary>
    private static Tensor NmsGpu(GpuDevice gpu, Tensor boxes, Tensor scores, Classes? classes, float threshold, float offset) {
        int count = boxes.Shape[0];
        if (count == 0) return new Tensor(gpu, [0], DType.Int32);
        using var scope = new TensorScope();
        Tensor order = ByScoreGpu(gpu, scores);
        PlacedBoxes placed = PlaceGpu(gpu, boxes, order, classes, offset);
        int words = (count + WordBits - 1) / WordBits;
        var mask = new Tensor(gpu, [words, count], DType.Int32);
        gpu.Kernel(OverlapMaskKernel, a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<int>, ArrayView<Box>, ArrayView<float>,
            ArrayView<int>, int, float, float, int>(OverlapMaskKernel))
            (mask.Count, gpu.Integers(mask), Boxes(gpu, placed.Boxes), gpu.Floats(placed.Areas), gpu.Integers(placed.Groups), count,
            threshold, offset, 0);
        Tensor dropped = new(gpu, [words], DType.Int32), kept = new(gpu, [count], DType.Int32), total = new(gpu, [1], DType.Int32);
        gpu.Kernel(KeepKernel, a => a.LoadStreamKernel<ArrayView<int>, ArrayView<int>, ArrayView<int>, ArrayView<int>, ArrayView<int>,
            int>(KeepKernel))
            ((1, ScanThreads), gpu.Integers(kept), gpu.Integers(total), gpu.Integers(dropped), gpu.Integers(mask), gpu.Integers(order),
            count);
        return scope.Keep(FirstGpu(gpu, kept, total.ToIntArray()[0]));
    }

    /// <summary>Boxes in an order, with their areas; equal groups suppress one another.</summary>
    private readonly record struct PlacedBoxes(Tensor Boxes, Tensor Areas, Tensor Groups);

    private static PlacedBoxes PlaceGpu(GpuDevice gpu, Tensor boxes, Tensor order, Classes? classes, float offset) {
        int count = boxes.Shape[0];
        var placed = new PlacedBoxes(new Tensor(gpu, boxes.Shape), new Tensor(gpu, [count]), new Tensor(gpu, [count], DType.Int32));
        var shifts = new Tensor(gpu, [count]);
        if (classes is { Move: true })
            gpu.Kernel(ShiftKernel, a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<float>, ArrayView<int>, ArrayView<float>>(
                ShiftKernel))
                (count, gpu.Floats(shifts), gpu.Integers(classes.Of), gpu.Floats(Amax(boxes.Detach())));
        else
            gpu.Fill(shifts, 0);
        gpu.Kernel(PlaceBoxesKernel, a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<Box>, ArrayView<float>, ArrayView<int>,
            ArrayView<Box>, ArrayView<int>, ArrayView<float>, ArrayView<int>, int, float>(PlaceBoxesKernel))
            (count, Boxes(gpu, placed.Boxes), gpu.Floats(placed.Areas), gpu.Integers(placed.Groups), Boxes(gpu, boxes),
            gpu.Integers(order), gpu.Floats(shifts), gpu.Integers(classes?.Of ?? order), classes is { Split: true } ? 1 : 0, offset);
        return placed;
    }

    /// <summary>How far each box is moved. A kernel of its own, so that no device fuses the product with the sum that follows.</summary>
    internal static void ShiftKernel(Index1D i, ArrayView<float> shifts, ArrayView<int> classes, ArrayView<float> largest) =>
        shifts[i] = classes[i] * (largest[0] + 1);

    internal static void PlaceBoxesKernel(Index1D i, ArrayView<Box> placed, ArrayView<float> areas, ArrayView<int> groups,
        ArrayView<Box> boxes, ArrayView<int> order, ArrayView<float> shifts, ArrayView<int> classes, int split, float offset) {
        int from = order[i], group = 0;
        float shift = shifts[from];
        Box box = boxes[from];
        box = new Box(box.X1 + shift, box.Y1 + shift, box.X2 + shift, box.Y2 + shift);
        if (split != 0) group = classes[from];
        placed[i] = box;
        areas[i] = AreaOf(box, offset);
        groups[i] = group;
    }

    /// <summary>Which of the 32 boxes of a word a box suppresses: later ones only. A box' words before its own are never read.</summary>
    internal static void OverlapMaskKernel(Index1D i, ArrayView<int> mask, ArrayView<Box> boxes, ArrayView<float> areas,
        ArrayView<int> groups, int count, float threshold, float offset, int zero) {
        int word = i / count, row = i - word * count, first = word * WordBits, end = first + WordBits, bits = 0;
        if (end <= row) return;
        if (end > count) end = count;
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
        ArrayView<int> order, int count) {
        ArrayView<int> within = SharedMemory.Allocate<int>(WordBits), decided = SharedMemory.Allocate<int>(1);
        int thread = Group.IdxX, words = (count + WordBits - 1) / WordBits, done = 0;
        for (int word = thread; word < words; word += ScanThreads) dropped[word] = 0;
        for (int word = 0; word < words; word++) {
            int first = word * WordBits, rows = count - first;
            if (rows > WordBits) rows = WordBits;
            if (thread < rows) within[thread] = mask[word * count + first + thread];
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
                    if (((keep >> row) & 1) != 0) gone |= mask[later * count + first + row];
                dropped[later] = gone;
            }
        }
        if (thread == 0) total[0] = done;
    }
}
