using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using V = System.Runtime.Intrinsics.Vector512<float>;

namespace DenseEngine.Ops;

/// <summary>Corner pools on the processor. A strip of neighbouring scans goes from position to position together: what each carries on
/// stays in the first cache, and memory is read and written in long pieces.</summary>
internal static unsafe class CornerPoolHost {
    /// <summary>Scans of a strip, and values worth a thread.</summary>
    private const int StripLanes = 2048, Grain = 1 << 15;

    /// <summary>The running maxima, and which positions set them unless <paramref name="records"/> is null.</summary>
    public static void Forward(HostDevice host, Tensor y, Tensor? records, Tensor x, ScanGeometry scan) {
        float* to = y.Pointer, from = x.Pointer;
        int* words = records is null ? null : records.IntPointer;
        bool past = Gemm.IsPast(to, (long)scan.Outer * scan.Length, scan.Lanes);
        Strips(host, scan, past, (outer, lane, lanes) => {
            if (words == null) Maxima(to, from, scan, outer, lane, lanes, past);
            else MaximaAndRecords(to, words, from, scan, outer, lane, lanes, past);
        });
    }

    /// <summary>Each position that set a maximum gathers from those that it was the maximum of.</summary>
    public static void Gradient(HostDevice host, Tensor dx, Tensor dy, Tensor records, ScanGeometry scan) {
        float* to = dx.Pointer, from = dy.Pointer;
        int* words = records.IntPointer;
        bool past = Gemm.IsPast(to, (long)scan.Outer * scan.Length, scan.Lanes);
        Strips(host, scan, past, (outer, lane, lanes) => Gathered(to, from, words, scan, outer, lane, lanes, past));
    }

    private static void Strips(HostDevice host, ScanGeometry scan, bool past, Action<int, int, int> strip) {
        if (scan.Length == 0 || scan.Lanes == 0) return;
        int strips = (scan.Lanes + StripLanes - 1) / StripLanes;
        long work = (long)scan.Length * Math.Min(scan.Lanes, StripLanes);
        host.Workers.ForRange(scan.Outer * strips, (int)Math.Max(1, Grain / work), (first, end) => {
            for (int item = first; item < end; item++) {
                (int outer, int lane) = Math.DivRem(item, strips);
                strip(outer, lane * StripLanes, Math.Min(StripLanes, scan.Lanes - lane * StripLanes));
            }
            if (past) Gemm.Fence();
        });
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Maxima(float* y, float* x, ScanGeometry scan, int outer, int firstLane, int lanes, bool past) {
        float* best = stackalloc float[StripLanes];
        new Span<float>(x + scan.At(outer, 0) + firstLane, lanes).CopyTo(new(best, lanes));   // the first is its own maximum
        for (int k = 0; k < scan.Length; k++) {
            int at = scan.At(outer, k) + firstLane, lane = 0;
            float* from = x + at, to = y + at, next = x + scan.At(outer, Math.Min(k + 1, scan.Length - 1)) + firstLane;
            for (; lane <= lanes - V.Count; lane += V.Count) {
                Fetch(next + lane);
                V value = Vector512.Load(from + lane), largest = Vector512.Load(best + lane);
                largest = Vector512.ConditionalSelect(Sets(value, largest), value, largest);
                largest.Store(best + lane);
                Store(largest, to + lane, past);
            }
            for (; lane < lanes; lane++) to[lane] = best[lane] = Sets(from[lane], best[lane]) ? from[lane] : best[lane];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void MaximaAndRecords(float* y, int* words, float* x, ScanGeometry scan, int outer, int firstLane, int lanes,
        bool past) {
        float* best = stackalloc float[StripLanes];
        new Span<float>(x + scan.At(outer, 0) + firstLane, lanes).CopyTo(new(best, lanes));
        for (int k = 0; k < scan.Length; k++) {
            int at = scan.At(outer, k) + firstLane, lane = 0, bit = 1 << k % ScanGeometry.WordLength, kept = bit == 1 ? 0 : ~bit;
            float* from = x + at, to = y + at, next = x + scan.At(outer, Math.Min(k + 1, scan.Length - 1)) + firstLane;
            int* word = words + scan.WordAt(outer, k) + firstLane;
            Vector512<int> bits = Vector512.Create(bit), others = Vector512.Create(kept);
            for (; lane <= lanes - V.Count; lane += V.Count) {
                Fetch(next + lane);
                V value = Vector512.Load(from + lane), largest = Vector512.Load(best + lane), sets = Sets(value, largest);
                largest = Vector512.ConditionalSelect(sets, value, largest);
                largest.Store(best + lane);
                Store(largest, to + lane, past);
                (Vector512.Load(word + lane) & others | sets.AsInt32() & bits).Store(word + lane);
            }
            for (; lane < lanes; lane++) {
                bool sets = Sets(from[lane], best[lane]);
                to[lane] = best[lane] = sets ? from[lane] : best[lane];
                word[lane] = word[lane] & kept | (sets ? bit : 0);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Gathered(float* dx, float* dy, int* words, ScanGeometry scan, int outer, int firstLane, int lanes,
        bool past) {
        float* sums = stackalloc float[StripLanes];
        new Span<float>(sums, lanes).Clear();
        for (int k = scan.Length - 1; k >= 0; k--) {
            int at = scan.At(outer, k) + firstLane, lane = 0, bit = 1 << k % ScanGeometry.WordLength;
            float* from = dy + at, to = dx + at, next = dy + scan.At(outer, Math.Max(k - 1, 0)) + firstLane;
            int* word = words + scan.WordAt(outer, k) + firstLane;
            Vector512<int> bits = Vector512.Create(bit);
            for (; lane <= lanes - V.Count; lane += V.Count) {
                Fetch(next + lane);
                V sum = Vector512.Load(sums + lane) + Vector512.Load(from + lane);
                V set = Vector512.Equals(Vector512.Load(word + lane) & bits, bits).AsSingle();
                Store(set & sum, to + lane, past);
                Vector512.AndNot(sum, set).Store(sums + lane);
            }
            for (; lane < lanes; lane++) {
                float sum = sums[lane] + from[lane];
                bool set = (word[lane] & bit) != 0;
                to[lane] = set ? sum : 0;
                sums[lane] = set ? 0 : sum;
            }
        }
    }

    /// <summary>Asks for what is read next: no machine foresees that a strip goes on elsewhere.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Fetch(float* place) {
        if (Sse.IsSupported) Sse.Prefetch0(place);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(V value, float* to, bool past) {
        if (past) value.StoreAlignedNonTemporal(to);
        else value.Store(to);
    }

    /// <summary>Whether a value becomes the maximum: if it is as large, or NaN; nothing but a NaN follows a NaN.</summary>
    private static bool Sets(float value, float largest) => value >= largest || float.IsNaN(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Sets(V value, V largest) => Vector512.GreaterThanOrEqual(value, largest) | ~Vector512.Equals(value, value);
}
