using ILGPU;
using ILGPU.Runtime;

namespace DenseEngine.Ops;

public static partial class Op {
    /// <summary>Threads of a group that suppresses softly.</summary>
    private const int SoftThreads = 128;

    private static (Tensor Kept, Tensor Scores) SoftNmsGpu(GpuDevice gpu, Tensor boxes, Tensor scores, BoxClasses classes, Softening rule) {
        if (scores.Count == 0) return (new Tensor(gpu, [0], DType.Int32), new Tensor(gpu, [0]));
        using var scope = new TensorScope();
        KeptBoxes kept = SuppressSoftlyGpu(gpu, boxes, scores, classes, rule);
        int count = kept.Count.ToIntArray()[0];   // the one number that the host waits for
        return (scope.Keep(Sliced(kept.Numbers, 0, 0, count, 1)), scope.Keep(Sliced(kept.Scores!, 0, 0, count, 1)));
    }

    /// <summary>At least one box.</summary>
    private static KeptBoxes SuppressSoftlyGpu(GpuDevice gpu, Tensor boxes, Tensor scores, BoxClasses classes, Softening rule) {
        int most = boxes.Shape[0];
        BoxOrder order = ByClassGpu(gpu, most, classes);
        PlacedBoxes placed = PlaceGpu(gpu, boxes, order, classes, rule.Offset);
        Tensor slots = new(gpu, [most], DType.Int32), lowered = new(gpu, [most]), holes = new(gpu, [most], DType.Int32),
            total = Tensor.Zeros([1], DType.Int32, gpu);
        gpu.Kernel(SoftKernel, a => a.LoadStreamKernel<ArrayView<int>, ArrayView<float>, ArrayView<int>, ArrayView<int>, ArrayView<int>,
            ArrayView<int>, ArrayView<float>, ArrayView<Box>, ArrayView<float>, ArrayView<int>, Softening, int>(SoftKernel))
            ((classes.MaySplit(most) ? most : 1, SoftThreads), gpu.Integers(slots), gpu.Floats(lowered), gpu.Integers(holes),
            gpu.Integers(total), gpu.Integers(order.Numbers), gpu.Integers(order.Count), gpu.Floats(scores), Boxes(gpu, placed.Boxes),
            gpu.Floats(placed.Areas), gpu.Integers(placed.Groups), rule, 0);
        var kept = new KeptBoxes(slots, lowered, total);
        return classes.MaySplit(most) ? JoinedGpu(gpu, kept, order.Count, classes.SplitFrom) : kept;
    }

    /// <summary>What the classes kept, if there were enough to split: by falling score, of equal ones the lower number first.</summary>
    private static KeptBoxes JoinedGpu(GpuDevice gpu, KeptBoxes kept, Tensor present, int splitFrom) {
        int most = kept.Numbers.Count;
        Tensor keys = SortKeys(gpu, most), ofBoxes = new(gpu, [most]), sorted = new(gpu, [most]);
        gpu.Fill(keys, -1);   // all of them NoKey
        gpu.Kernel(SoftKeysKernel, a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<ulong>, ArrayView<float>, ArrayView<int>,
            ArrayView<float>, ArrayView<int>, int>(SoftKeysKernel))
            (most, gpu.Integers(keys).Cast<ulong>(), gpu.Floats(ofBoxes), gpu.Integers(kept.Numbers), gpu.Floats(kept.Scores!),
            gpu.Integers(present), splitFrom);
        BoxOrder order = SortedGpu(gpu, keys, most);
        gpu.Kernel(ChosenKernel, a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<float>, ArrayView<float>, ArrayView<int>>(
            ChosenKernel))
            (most, gpu.Floats(sorted), gpu.Floats(ofBoxes), gpu.Integers(order.Numbers));
        return new KeptBoxes(order.Numbers, sorted, order.Count);
    }

    /// <summary>A group suppresses the run of equal groups that starts at its own number, if one does, just as the host does: the best is
    /// swapped to the front; the dropped are overwritten from the end.</summary>
    internal static void SoftKernel(ArrayView<int> slots, ArrayView<float> lowered, ArrayView<int> holes, ArrayView<int> total,
        ArrayView<int> order, ArrayView<int> count, ArrayView<float> scores, ArrayView<Box> boxes, ArrayView<float> areas,
        ArrayView<int> groups, Softening rule, int zero) {
        ArrayView<float> bests = SharedMemory.Allocate<float>(SoftThreads);
        ArrayView<int> places = SharedMemory.Allocate<int>(SoftThreads);
        int thread = Group.IdxX, start = Grid.IdxX, whole = EndOfRun(groups, start, count[0]), end = whole;
        for (int i = start + thread; i < end; i += SoftThreads) {
            slots[i] = i;
            lowered[i] = scores[order[i]];
        }
        for (int front = start; front < end; front++) {
            int best = BestPlace(bests, places, lowered, front, end);
            if (thread == 0) {
                (slots[front], slots[best]) = (slots[best], slots[front]);
                (lowered[front], lowered[best]) = (lowered[best], lowered[front]);
            }
            Group.Barrier();
            int slot = slots[front];
            Box box = boxes[slot];
            float area = areas[slot];
            bool drops = false;
            for (int i = front + 1 + thread; i < end; i += SoftThreads) {
                int other = slots[i];
                float score = lowered[i] * rule.Weight(Overlap(box, area, boxes[other], areas[other], rule.Offset, zero));
                lowered[i] = score;
                drops |= IsBelow(score, rule.MinScore);
            }
            if (Group.BarrierOr(drops)) end = CloseRanks(places, slots, lowered, holes, front + 1, end, rule.MinScore);
        }
        for (int i = start + thread; i < end; i += SoftThreads) slots[i] = order[slots[i]];
        for (int i = end + thread; i < whole; i += SoftThreads) slots[i] = -1;   // dropped
        if (thread == 0 && end > start) Atomic.Add(ref total[0], end - start);
    }

    /// <summary>Where the equal numbers end of which the first stands at a place; the place itself if it is not the first.</summary>
    private static int EndOfRun(ArrayView<int> rising, int start, int count) {
        if (start >= count) return start;
        int own = rising[start], low = start, high = count;
        if (start > 0)
            if (rising[start - 1] == own) return start;
        while (low < high) {
            int middle = low + (high - low) / 2;
            if (rising[middle] > own) high = middle;
            else low = middle + 1;
        }
        return low;
    }

    /// <summary>The first place of the highest score, the same for all threads. NaN is never higher, but nothing is higher than a NaN in
    /// front.</summary>
    private static int BestPlace(ArrayView<float> bests, ArrayView<int> places, ArrayView<float> scores, int front, int end) {
        int thread = Group.IdxX, place = int.MaxValue;
        float best = float.NegativeInfinity;
        for (int i = front + thread; i < end; i += SoftThreads) {
            float score = scores[i];
            if (i == front && float.IsNaN(score)) score = float.PositiveInfinity;
            if (!(score > best) && !(score == best && i < place)) continue;
            best = score;
            place = i;
        }
        bests[thread] = best;
        places[thread] = place;
        Group.Barrier();
        for (int half = SoftThreads / 2; half > 0; half /= 2) {
            if (thread < half) {
                float other = bests[thread + half];
                int there = places[thread + half];
                if (other > best || (other == best && there < place)) {
                    bests[thread] = best = other;
                    places[thread] = place = there;
                }
            }
            Group.Barrier();
        }
        return places[0];
    }

    /// <summary>Moves those that stay from the end into the places of the dropped, the last to the first place; gives the new end. Each
    /// thread has a stretch of its own.</summary>
    private static int CloseRanks(ArrayView<int> staying, ArrayView<int> slots, ArrayView<float> scores, ArrayView<int> holes, int start,
        int end, float minScore) {
        int thread = Group.IdxX, share = (end - start + SoftThreads - 1) / SoftThreads, first = start + thread * share,
            last = first + share, own = 0;
        if (last > end) last = end;
        for (int i = first; i < last; i++)
            if (!IsBelow(scores[i], minScore)) own++;
        staying[thread] = own;
        Group.Barrier();
        for (int step = 1; step < SoftThreads; step *= 2) {
            int before = 0;
            if (thread >= step) before = staying[thread - step];
            Group.Barrier();
            staying[thread] += before;
            Group.Barrier();
        }
        int stay = staying[SoftThreads - 1], seen = staying[thread] - own, place = first;
        for (; place < last && place < start + stay; place++) {
            if (IsBelow(scores[place], minScore)) holes[place - seen] = place;
            else seen++;
        }
        Group.Barrier();
        for (; place < last; place++) {
            if (IsBelow(scores[place], minScore)) continue;
            int hole = holes[start + stay - 1 - seen++];
            slots[hole] = slots[place];
            scores[hole] = scores[place];
        }
        Group.Barrier();
        return start + stay;
    }

    /// <summary>NaN is not below anything; on OpenCL, ILGPU takes a branch on two floats for the opposite of its negation.</summary>
    private static bool IsBelow(float score, float least) => !float.IsNaN(score) && score < least;

    internal static void SoftKeysKernel(Index1D i, ArrayView<ulong> keys, ArrayView<float> ofBoxes, ArrayView<int> numbers,
        ArrayView<float> scores, ArrayView<int> present, int splitFrom) {
        if (i >= present[0]) return;
        int number = numbers[i];
        if (number < 0) return;
        float score = scores[i];
        keys[i] = present[0] < splitFrom ? (ulong)(uint)i.X << 32 | (uint)number : FallingKey(score, number, int.MinValue);
        ofBoxes[number] = score;
    }

    internal static void ChosenKernel(Index1D i, ArrayView<float> chosen, ArrayView<float> values, ArrayView<int> places) {
        int place = places[i];
        if (place >= 0) chosen[i] = values[place];
    }
}
