using System.Buffers;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using V = System.Runtime.Intrinsics.Vector512<float>;

namespace DenseEngine.Ops;

/// <summary>The best k of lines on the processor. An element becomes a key of 64 bits that sorts as wanted: the value's bits made to rise
/// with it, then the complement of its index; no two keys are equal, so that the best k do not depend on how they are found. Keys are
/// collected; when there are twice as many as needed, the better half stays, and its worst bounds what is still looked at.</summary>
internal static unsafe class TopKHost {
    /// <summary>Elements of a long line that one thread looks through; elements worth a thread; room beside the keys wanted.</summary>
    private const int Block = 1 << 18, Grain = 1 << 14, Room = 64;

    /// <summary>Finds values and indices of all lines.</summary>
    public static void Find(HostDevice host, float* value, int* index, float* from, AxisGeometry g, int k, bool largest) {
        int blocks = (g.Size - 1) / Block + 1;
        if (blocks == 1) {
            host.Workers.ForRange(g.Lines, Math.Max(1, Grain / g.Size), (first, end) => {
                var keys = new Keys(k, g.Size);
                for (int line = first; line < end; line++) {
                    keys.Clear(0);
                    Collect(ref keys, from + g.Start(line), g.Inner, 0, g.Size, largest);
                    Write(value, index, keys.Best(), line, g, from);
                }
                keys.Dispose();
            });
            return;
        }
        int most = Math.Min(k, Block);
        ulong[] found = ArrayPool<ulong>.Shared.Rent(checked(blocks * most));
        int[] counts = ArrayPool<int>.Shared.Rent(blocks);
        for (int line = 0; line < g.Lines; line++) {
            float* start = from + g.Start(line);
            // The worst of the first block's best bounds all others.
            ulong bound = 0;
            for (int begin = 0, end = 1; begin < blocks; (begin, end) = (end, blocks)) {
                host.Workers.For(end - begin, item => {
                    int block = begin + item;
                    var keys = new Keys(k, Block);
                    keys.Clear(bound);
                    Collect(ref keys, start, g.Inner, block * Block, Math.Min(g.Size, (block + 1) * Block), largest);
                    ReadOnlySpan<ulong> best = keys.Best();
                    best.CopyTo(found.AsSpan(block * most));
                    counts[block] = best.Length;
                    keys.Dispose();
                });
                if (counts[0] == k) bound = found[0];
            }
            int all = 0;
            for (int block = 0; block < blocks; all += counts[block++]) found.AsSpan(block * most, counts[block]).CopyTo(found.AsSpan(all));
            found.AsSpan(0, all).Sort();
            Write(value, index, found.AsSpan(all - k, k), line, g, from);
        }
        ArrayPool<ulong>.Shared.Return(found);
        ArrayPool<int>.Shared.Return(counts);
    }

    /// <summary>Writes rising keys, last first.</summary>
    private static void Write(float* values, int* indices, ReadOnlySpan<ulong> keys, int line, AxisGeometry g, float* x) {
        int outer = line / g.Inner, at = outer * keys.Length * g.Inner + (line - outer * g.Inner), start = g.Start(line);
        for (int i = keys.Length - 1; i >= 0; i--, at += g.Inner) {
            int index = Index(keys[i]);
            indices[at] = index;
            values[at] = x[start + index * g.Inner];
        }
    }

    /// <summary>Offers all elements of a part of a line; vectors of neighbours without one that beats the bound are skipped.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Collect(ref Keys keys, float* x, int step, int from, int until, bool largest) {
        int i = from;
        if (step == 1) {
            for (; i <= until - V.Count; i += V.Count) {
                // Negated, so that NaN on either side is looked at (the bound is NaN while there is none); equal ones come too late.
                V value = Vector512.Load(x + i), bound = Vector512.Create(keys.Bound == 0 ? float.NaN : x[Index(keys.Bound)]);
                V better = ~(largest ? Vector512.LessThanOrEqual(value, bound) : Vector512.GreaterThanOrEqual(value, bound));
                for (ulong mask = better.ExtractMostSignificantBits(); mask != 0; mask &= mask - 1) {
                    int at = i + BitOperations.TrailingZeroCount(mask);
                    keys.Offer(Key(x[at], at, largest));
                }
            }
        }
        for (; i < until; i++) keys.Offer(Key(x[i * step], i, largest));
    }

    private static int Index(ulong key) => (int)~(uint)key;

    /// <summary>The element's key: better elements have larger ones, and none is 0.</summary>
    private static ulong Key(float value, int index, bool largest) {
        uint bits = float.IsNaN(value) ? 0x7fffffff : BitConverter.SingleToUInt32Bits(value + 0f);   // + 0 turns -0 into 0
        uint rising = (int)bits < 0 ? ~bits : bits | 0x80000000;
        return (ulong)(largest ? rising : ~rising) << 32 | ~(uint)index;
    }

    /// <summary>Collects keys, of which the best k are wanted.</summary>
    private struct Keys(int k, int most) {
        private readonly int length = (int)Math.Min(most, 2L * k + Room);
        private readonly ulong[] keys = ArrayPool<ulong>.Shared.Rent((int)Math.Min(most, 2L * k + Room));
        private int count;

        /// <summary>Keys up to this are not among the best k.</summary>
        public ulong Bound { get; private set; }

        public void Clear(ulong bound) => (count, Bound) = (0, bound);

        public readonly void Dispose() => ArrayPool<ulong>.Shared.Return(keys);

        public void Offer(ulong key) {
            if (key <= Bound) return;
            keys[count++] = key;
            if (count < length || count <= k) return;
            Select(keys.AsSpan(0, length), k);
            (count, Bound) = (k, keys[k - 1]);
        }

        /// <summary>The best k, or as many as there are, rising.</summary>
        public ReadOnlySpan<ulong> Best() {
            Span<ulong> found = keys.AsSpan(0, count);
            if (count > k) Select(found, k);
            found = found[..Math.Min(count, k)];
            found.Sort();
            return found;
        }

        /// <summary>Moves the largest k keys to the front, the least of them last: Hoare's selection.</summary>
        private static void Select(Span<ulong> keys, int k) {
            for (int low = 0, high = keys.Length - 1; low < high;) {
                ulong first = keys[low], middle = keys[(low + high) / 2], last = keys[high];
                ulong pivot = Math.Max(Math.Min(first, middle), Math.Min(Math.Max(first, middle), last));
                int i = low, j = high;
                while (i <= j) {
                    while (keys[i] > pivot) i++;
                    while (keys[j] < pivot) j--;
                    if (i > j) break;
                    (keys[i], keys[j]) = (keys[j], keys[i]);
                    i++;
                    j--;
                }
                if (k - 1 <= j) high = j;
                else if (k - 1 >= i) low = i;
                else return;
            }
        }
    }
}
