using System.Numerics;
using ILGPU;
using ILGPU.Runtime;

namespace DenseEngine.Ops;

public static partial class Op {
    /// <summary>Boxes whose bits share a word of the mask.</summary>
    private const int WordBits = 32;

    /// <summary>Threads of the one group that goes through the mask; the most that make it.</summary>
    private const int ScanThreads = 256, MaskThreads = 1 << 18;

    /// <summary>What suppression left, on the device: numbers by falling score, for soft suppression the new scores, and how many they
    /// are; what follows in the lists has no meaning.</summary>
    private readonly record struct KeptBoxes(Tensor Numbers, Tensor? Scores, Tensor Count);

    private static Tensor NmsGpu(GpuDevice gpu, Tensor boxes, Tensor scores, BoxClasses classes, float threshold, float offset) {
        if (scores.Count == 0) return new Tensor(gpu, [0], DType.Int32);
        using var scope = new TensorScope();
        KeptBoxes kept = SuppressGpu(gpu, boxes, scores, classes, threshold, offset, int.MaxValue);
        return scope.Keep(Sliced(kept.Numbers, 0, 0, kept.Count.ToIntArray()[0], 1));   // the one number that the host waits for
    }

    /// <summary>At least one box. The best decide first, a strip of them after the other: which of all boxes they suppress, and then which
    /// of them stay. Nothing is done in strips in which no box is, or after as many have stayed as are wanted.</summary>
    private static KeptBoxes SuppressGpu(GpuDevice gpu, Tensor boxes, Tensor scores, BoxClasses classes, float threshold, float offset,
        int wanted) {
        int most = boxes.Shape[0], words = (most + WordBits - 1) / WordBits, strip = MaskStrip.Boxes(words);
        BoxOrder order = ByScoreGpu(gpu, scores, classes);
        PlacedBoxes placed = PlaceGpu(gpu, boxes, order, classes, offset);
        Tensor mask = new(gpu, [words * strip], DType.Int32), dropped = new(gpu, [words], DType.Int32),
            kept = new(gpu, [most], DType.Int32), total = Tensor.Zeros([1], DType.Int32, gpu);
        for (int first = 0; first < most; first += strip) {
            var part = new MaskPart(first, strip, Math.Min(MaskThreads, words * strip), wanted);
            gpu.Kernel(OverlapMaskKernel, a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<int>, ArrayView<Box>, ArrayView<float>,
                ArrayView<int>, ArrayView<int>, ArrayView<int>, ArrayView<int>, MaskPart, float, float, int>(OverlapMaskKernel))
                (part.Threads, gpu.Integers(mask), Boxes(gpu, placed.Boxes), gpu.Floats(placed.Areas), gpu.Integers(placed.Groups),
                gpu.Integers(order.Count), gpu.Integers(total), gpu.Integers(dropped), part, threshold, offset, 0);
            gpu.Kernel(KeepKernel, a => a.LoadStreamKernel<ArrayView<int>, ArrayView<int>, ArrayView<int>, ArrayView<int>, ArrayView<int>,
                ArrayView<int>, MaskPart>(KeepKernel))
                ((1, ScanThreads), gpu.Integers(kept), gpu.Integers(total), gpu.Integers(dropped), gpu.Integers(mask),
                gpu.Integers(order.Numbers), gpu.Integers(order.Count), part);
        }
        return new KeptBoxes(kept, null, total);
    }

    /// <summary>The strip that begins at a box, the threads that make its mask, and how many boxes are wanted of all.</summary>
    internal readonly record struct MaskPart(int First, int Strip, int Threads, int Wanted);

    /// <summary>Which of the 32 boxes of a word each box of the strip suppresses: later ones only. A box' words before its own are never
    /// read. What is missing of the last 32 boxes suppresses none, nor does what earlier strips dropped.</summary>
    internal static void OverlapMaskKernel(Index1D i, ArrayView<int> mask, ArrayView<Box> boxes, ArrayView<float> areas,
        ArrayView<int> groups, ArrayView<int> count, ArrayView<int> total, ArrayView<int> dropped, MaskPart part, float threshold,
        float offset, int zero) {
        int present = count[0], rows = (present - part.First + WordBits - 1) & -WordBits;
        if (rows > part.Strip) rows = part.Strip;
        if (rows <= 0 || total[0] >= part.Wanted) return;
        int words = (present - part.First + WordBits - 1) / WordBits;
        for (int at = i; at < words * rows; at += part.Threads) {
            int word = at / rows, row = at - word * rows + part.First;
            int first = part.First + word * WordBits, end = first + WordBits, bits = 0;
            if (end <= row) continue;
            if (end > present) end = present;
            bool decides = row < present;
            if (decides & part.First > 0) decides = ((dropped[row / WordBits] >> (row % WordBits)) & 1) == 0;
            if (decides) {
                Box box = boxes[row];
                float area = areas[row];
                int group = groups[row], j = first;
                if (j <= row) j = row + 1;
                for (; j < end; j++)
                    if (groups[j] == group && Overlap(box, area, boxes[j], areas[j], offset, zero) > threshold) bits |= 1 << (j - first);
            }
            mask[word * part.Strip + row - part.First] = bits;
        }
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

    /// <summary>One group takes word after word of the strip's boxes. Every thread decides which of its boxes stay, as each that does
    /// decides about the next; then the threads share what those suppress in later words, whose masks are on their way meanwhile.</summary>
    internal static void KeepKernel(ArrayView<int> kept, ArrayView<int> total, ArrayView<int> dropped, ArrayView<int> mask,
        ArrayView<int> order, ArrayView<int> present, MaskPart part) {
        ArrayView<Int4> mask4 = mask.Cast<Int4>();
        int thread = Group.IdxX, count = present[0], words = (count - part.First + WordBits - 1) / WordBits, done = total[0];
        int own = part.Strip / WordBits, before = part.First / WordBits;
        if (own > words) own = words;
        if (part.First == 0)
            for (int word = thread; word < words; word += ScanThreads) dropped[word] = 0;
        for (int word = 0; word < own && done < part.Wanted; word++) {
            Group.Barrier();
            int first = word * WordBits, later = word + 1 + thread, gone = dropped[before + word], keep = 0;
            Words within = Words.Load(mask4, (word * part.Strip + first) >> 2), ahead = default;
            if (later < words) ahead = Words.Load(mask4, (later * part.Strip + first) >> 2);
            if (count - part.First - first < WordBits) gone |= -1 << (count - part.First - first);
            Decide(ref gone, ref keep, within.A, 0);
            Decide(ref gone, ref keep, within.B, 4);
            Decide(ref gone, ref keep, within.C, 8);
            Decide(ref gone, ref keep, within.D, 12);
            Decide(ref gone, ref keep, within.E, 16);
            Decide(ref gone, ref keep, within.F, 20);
            Decide(ref gone, ref keep, within.G, 24);
            Decide(ref gone, ref keep, within.H, 28);
            if (thread < WordBits && ((keep >> thread) & 1) != 0)
                kept[done + BitOperations.PopCount((uint)(keep & ((1 << thread) - 1)))] = order[part.First + first + thread];
            done += BitOperations.PopCount((uint)keep);
            if (later < words) dropped[before + later] |= Suppressed(ahead, keep);
            for (later += ScanThreads; later < words; later += ScanThreads)
                dropped[before + later] |= Suppressed(Words.Load(mask4, (later * part.Strip + first) >> 2), keep);
        }
        Group.Barrier();
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
