using System.Numerics;
using ILGPU;
using ILGPU.Runtime;

namespace DenseEngine.Ops;

public static partial class Op {
    /// <summary>Boxes whose bits share a word of the mask.</summary>
    private const int WordBits = 32;

    /// <summary>Threads of the one group that goes through the mask.</summary>
    private const int ScanThreads = 256;

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
        var mask = new Tensor(gpu, [words, words * WordBits], DType.Int32);
        gpu.Kernel(OverlapMaskKernel, a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<int>, ArrayView<Box>, ArrayView<float>,
            ArrayView<int>, ArrayView<int>, int, float, float, int>(OverlapMaskKernel))
            (mask.Count, gpu.Integers(mask), Boxes(gpu, placed.Boxes), gpu.Floats(placed.Areas), gpu.Integers(placed.Groups),
            gpu.Integers(order.Count), words * WordBits, threshold, offset, 0);
        Tensor dropped = new(gpu, [words], DType.Int32), kept = new(gpu, [most], DType.Int32), total = new(gpu, [1], DType.Int32);
        gpu.Kernel(KeepKernel, a => a.LoadStreamKernel<ArrayView<int>, ArrayView<int>, ArrayView<int>, ArrayView<int>, ArrayView<int>,
            ArrayView<int>, int>(KeepKernel))
            ((1, ScanThreads), gpu.Integers(kept), gpu.Integers(total), gpu.Integers(dropped), gpu.Integers(mask),
            gpu.Integers(order.Numbers), gpu.Integers(order.Count), words * WordBits);
        return new KeptBoxes(kept, null, total);
    }

    /// <summary>Which of the 32 boxes of a word a box suppresses: later ones only. A box' words before its own are never read. What is
    /// missing of the last 32 boxes suppresses none.</summary>
    internal static void OverlapMaskKernel(Index1D i, ArrayView<int> mask, ArrayView<Box> boxes, ArrayView<float> areas,
        ArrayView<int> groups, ArrayView<int> count, int pitch, float threshold, float offset, int zero) {
        int word = i / pitch, row = i - word * pitch, first = word * WordBits, end = first + WordBits, bits = 0;
        if (end <= row || (row & -WordBits) >= count[0]) return;
        if (end > count[0]) end = count[0];
        if (row < count[0]) {
            Box box = boxes[row];
            float area = areas[row];
            int group = groups[row], j = first;
            if (j <= row) j = row + 1;
            for (; j < end; j++)
                if (groups[j] == group && Overlap(box, area, boxes[j], areas[j], offset, zero) > threshold) bits |= 1 << (j - first);
        }
        mask[i] = bits;
    }

    /// <summary>The words of 32 boxes, one after the other.</summary>
    private struct Words {
        public Int4 A, B, C, D, E, F, G, H;

        /// <summary>The words from a place on: eight loads at once.</summary>
        public static Words Load(ArrayView<Int4> mask, int at) {
            Words words;
            words.A = mask[at];
            words.B = mask[at + 1];
            words.C = mask[at + 2];
            words.D = mask[at + 3];
            words.E = mask[at + 4];
            words.F = mask[at + 5];
            words.G = mask[at + 6];
            words.H = mask[at + 7];
            return words;
        }
    }

    /// <summary>One group takes word after word of boxes. Every thread decides which of its boxes stay, as each that does decides about the
    /// next; then the threads share what those suppress in later words, whose masks are on their way meanwhile.</summary>
    internal static void KeepKernel(ArrayView<int> kept, ArrayView<int> total, ArrayView<int> dropped, ArrayView<int> mask,
        ArrayView<int> order, ArrayView<int> present, int pitch) {
        ArrayView<Int4> mask4 = mask.Cast<Int4>();
        int thread = Group.IdxX, count = present[0], words = (count + WordBits - 1) / WordBits, done = 0;
        for (int word = thread; word < words; word += ScanThreads) dropped[word] = 0;
        for (int word = 0; word < words; word++) {
            Group.Barrier();
            int first = word * WordBits, later = word + 1 + thread, gone = dropped[word], keep = 0;
            Words within = Words.Load(mask4, (word * pitch + first) >> 2), ahead = default;
            if (later < words) ahead = Words.Load(mask4, (later * pitch + first) >> 2);
            if (count - first < WordBits) gone |= -1 << (count - first);
            Decide(ref gone, ref keep, within.A, 0);
            Decide(ref gone, ref keep, within.B, 4);
            Decide(ref gone, ref keep, within.C, 8);
            Decide(ref gone, ref keep, within.D, 12);
            Decide(ref gone, ref keep, within.E, 16);
            Decide(ref gone, ref keep, within.F, 20);
            Decide(ref gone, ref keep, within.G, 24);
            Decide(ref gone, ref keep, within.H, 28);
            if (thread < WordBits && ((keep >> thread) & 1) != 0)
                kept[done + BitOperations.PopCount((uint)(keep & ((1 << thread) - 1)))] = order[first + thread];
            done += BitOperations.PopCount((uint)keep);
            if (later < words) dropped[later] |= Suppressed(ahead, keep);
            for (later += ScanThreads; later < words; later += ScanThreads)
                dropped[later] |= Suppressed(Words.Load(mask4, (later * pitch + first) >> 2), keep);
        }
        if (thread == 0) total[0] = done;
    }

    /// <summary>Four boxes stay unless they are gone; what they suppress goes.</summary>
    private static void Decide(ref int gone, ref int keep, Int4 four, int row) {
        Decide(ref gone, ref keep, four.X, row);
        Decide(ref gone, ref keep, four.Y, row + 1);
        Decide(ref gone, ref keep, four.Z, row + 2);
        Decide(ref gone, ref keep, four.W, row + 3);
    }

    private static void Decide(ref int gone, ref int keep, int suppresses, int row) {
        int stays = ~(gone >> row) & 1;
        keep |= stays << row;
        gone |= suppresses & -stays;
    }

    private static int Suppressed(Words words, int keep) => Of(words.A, keep) | Of(words.B, keep >> 4) | Of(words.C, keep >> 8)
        | Of(words.D, keep >> 12) | Of(words.E, keep >> 16) | Of(words.F, keep >> 20) | Of(words.G, keep >> 24) | Of(words.H, keep >> 28);

    private static int Of(Int4 four, int keep) =>
        (four.X & -(keep & 1)) | (four.Y & -((keep >> 1) & 1)) | (four.Z & -((keep >> 2) & 1)) | (four.W & -((keep >> 3) & 1));
}
