using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using V = System.Runtime.Intrinsics.Vector512<float>;

namespace DenseEngine.Ops;

/// <summary>The best k of lines on the processor. An element becomes a key of 64 bits that sorts as wanted: the value's bits made to rise
/// with it, then the complement of its index; no two keys are equal, so that the best k do not depend on how they are found. A heap holds
/// the best k so far, and vectors skip what cannot be among them; where k is not small, all keys are sorted.</summary>
internal static unsafe class TopKHost {
    /// <summary>Elements of a long line that one thread looks through; elements to each of the k below which a heap does not pay.</summary>
    private const int Block = 1 << 15, HeapShare = 8, Grain = 1 << 14;

    /// <summary>Finds values and indices of all lines.</summary>
    public static void Find(HostDevice host, Tensor values, Tensor indices, Tensor x, AxisGeometry g, int k, bool largest) {
        float* from = x.Pointer, value = values.Pointer;
        int* index = indices.IntPointer;
        int blocks = k <= Block / HeapShare ? (g.Size + Block - 1) / Block : 1;
        if (blocks == 1) {
            host.Workers.ForRange(g.Lines, Math.Max(1, Grain / g.Size), (first, end) => {
                for (int line = first; line < end; line++)
                    Write(value, index, Best(from + g.Start(line), g, 0, g.Size, k, largest), line, g, k, from);
            });
            return;
        }
        for (int line = 0; line < g.Lines; line++) {
            var found = new ulong[blocks][];
            float* start = from + g.Start(line);
            host.Workers.For(blocks, block =>
                found[block] = Best(start, g, block * Block, Math.Min(g.Size, (block + 1) * Block), k, largest));
            ulong[] all = [.. found.SelectMany(keys => keys)];
            Array.Sort(all);
            Write(value, index, all, line, g, k, from);
        }
    }

    /// <summary>Writes the last k of rising keys, last first.</summary>
    private static void Write(float* values, int* indices, ulong[] keys, int line, AxisGeometry g, int k, float* x) {
        int outer = line / g.Inner, at = outer * k * g.Inner + (line - outer * g.Inner), start = g.Start(line);
        for (int i = 0; i < k; i++, at += g.Inner) {
            int index = (int)~(uint)keys[keys.Length - 1 - i];
            indices[at] = index;
            values[at] = x[start + index * g.Inner];
        }
    }

    /// <summary>The keys of the best k elements from <paramref name="from"/> to <paramref name="until"/>, rising;
    /// all, if there are fewer.</summary>
    private static ulong[] Best(float* x, AxisGeometry g, int from, int until, int k, bool largest) {
        int count = Math.Min(k, until - from);
        if ((long)count * HeapShare >= until - from) {
            var all = new ulong[until - from];
            for (int i = from; i < until; i++) all[i - from] = Key(x[i * g.Inner], i, largest);
            Array.Sort(all);
            return all[^count..];
        }
        var heap = new ulong[count];
        for (int i = 0; i < count; i++) heap[i] = Key(x[(from + i) * g.Inner], from + i, largest);
        Array.Sort(heap);   // a rising array is a heap
        if (g.Inner == 1) Scan(heap, x, from + count, until, largest);
        else for (int i = from + count; i < until; i++) Offer(heap, Key(x[i * g.Inner], i, largest));
        Array.Sort(heap);
        return heap;
    }

    /// <summary>Offers neighbours to the heap; a vector without one that beats the heap's worst is skipped.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Scan(ulong[] heap, float* x, int from, int until, bool largest) {
        int i = from;
        float worst = x[(int)~(uint)heap[0]];
        for (; i <= until - V.Count; i += V.Count) {
            V value = Vector512.Load(x + i), bound = Vector512.Create(worst);
            // Negated, so that NaN on either side is looked at; equal ones come too late.
            V better = ~(largest ? Vector512.LessThanOrEqual(value, bound) : Vector512.GreaterThanOrEqual(value, bound));
            ulong mask = better.ExtractMostSignificantBits();
            if (mask == 0) continue;
            for (; mask != 0; mask &= mask - 1) {
                int at = i + System.Numerics.BitOperations.TrailingZeroCount(mask);
                Offer(heap, Key(x[at], at, largest));
            }
            worst = x[(int)~(uint)heap[0]];
        }
        for (; i < until; i++) Offer(heap, Key(x[i], i, largest));
    }

    /// <summary>Replaces the heap's worst key by a better one.</summary>
    private static void Offer(ulong[] heap, ulong key) {
        if (key <= heap[0]) return;
        int hole = 0;
        for (int child = 1; child < heap.Length; child = 2 * hole + 1) {
            if (child + 1 < heap.Length && heap[child + 1] < heap[child]) child++;
            if (heap[child] >= key) break;
            heap[hole] = heap[child];
            hole = child;
        }
        heap[hole] = key;
    }

    /// <summary>The element's key: better elements have larger ones.</summary>
    private static ulong Key(float value, int index, bool largest) {
        uint bits = float.IsNaN(value) ? 0x7fffffff : BitConverter.SingleToUInt32Bits(value + 0f);   // + 0 turns -0 into 0
        uint rising = (int)bits < 0 ? ~bits : bits | 0x80000000;
        return (ulong)(largest ? rising : ~rising) << 32 | ~(uint)index;
    }
}
