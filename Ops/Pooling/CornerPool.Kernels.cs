using ILGPU;
using ILGPU.Runtime;

namespace DenseEngine.Ops;

/// <summary>Corner pools on the device. A group scans some lanes, each four scans side by side: a thread has eight positions of a lane in
/// registers, all loaded at once; what came before reaches it through shared memory. So memory is read once, and waited for once in as many
/// positions as the group's threads have together.</summary>
public static partial class Op {
    private static void CornerPoolGpu(GpuDevice gpu, Tensor y, Tensor? records, Tensor x, ScanGeometry scan) {
        if (y.Count == 0) return;
        if (scan.Lanes % 4 == 0) CornerPoolWith<WholeQuads>(gpu, y, records, x, scan);
        else CornerPoolWith<OddQuads>(gpu, y, records, x, scan);
    }

    private static void CornerPoolWith<TQuads>(GpuDevice gpu, Tensor y, Tensor? records, Tensor x, ScanGeometry scan)
        where TQuads : struct, IQuads {
        var cut = new ScanCut(scan);
        gpu.Kernel(CornerPoolKernel<TQuads>, a => a.LoadStreamKernel<ArrayView<float>, ArrayView<int>, ArrayView<float>, int, ScanCut,
            ScanGeometry>(CornerPoolKernel<TQuads>))
            ((cut.Groups, ScanCut.Threads), gpu.Floats(y), records is null ? default : gpu.Integers(records), gpu.Floats(x),
            records is null ? 0 : 1, cut, scan);
    }

    private static void CornerPoolGradientGpu(GpuDevice gpu, Tensor dx, Tensor dy, Tensor records, ScanGeometry scan) {
        if (dx.Count == 0) return;
        if (scan.Lanes % 4 == 0) CornerPoolGradientWith<WholeQuads>(gpu, dx, dy, records, scan);
        else CornerPoolGradientWith<OddQuads>(gpu, dx, dy, records, scan);
    }

    private static void CornerPoolGradientWith<TQuads>(GpuDevice gpu, Tensor dx, Tensor dy, Tensor records, ScanGeometry scan)
        where TQuads : struct, IQuads {
        var cut = new ScanCut(scan);
        gpu.Kernel(CornerPoolGradientKernel<TQuads>, a => a.LoadStreamKernel<ArrayView<float>, ArrayView<float>, ArrayView<int>, ScanCut,
            ScanGeometry>(CornerPoolGradientKernel<TQuads>))
            ((cut.Groups, ScanCut.Threads), gpu.Floats(dx), gpu.Floats(dy), gpu.Integers(records), cut, scan);
    }

    /// <summary>Each thread's largest values first; then, from the largest before them on, the running ones, and which positions set
    /// them.</summary>
    internal static void CornerPoolKernel<TQuads>(ArrayView<float> y, ArrayView<int> records, ArrayView<float> x, int hasRecords,
        ScanCut cut, ScanGeometry scan) where TQuads : struct, IQuads {
        ArrayView<Float4> bests = SharedMemory.Allocate<Float4>(ScanCut.Threads);
        ArrayView<Int4> marks = SharedMemory.Allocate<Int4>(ScanCut.Threads);
        int thread = Group.IdxX, segment = thread / cut.Lanes, beside = thread - segment * cut.Lanes;
        (int outer, int lane) = cut.Place(Grid.IdxX, beside);
        bool works = lane < cut.Quads;
        int channel = 4 * lane, count = scan.Lanes - channel;
        Float4 before = default;
        for (int pass = 0; pass < scan.Length; pass += cut.Positions) {
            int first = pass + segment * ScanCut.PerThread;
            ScanEight own = default;
            if (works) {
                if (pass == 0) before = TQuads.Load(x, scan.Near(outer, 0) + channel, count);
                own = ScanEight.Load<TQuads>(x, scan, outer, first, channel, count);
            }
            Float4 best = own.A;
            Int4 marked = default;
            Record(ref best, ref marked, own.B, 0);
            Record(ref best, ref marked, own.C, 0);
            Record(ref best, ref marked, own.D, 0);
            Record(ref best, ref marked, own.E, 0);
            Record(ref best, ref marked, own.F, 0);
            Record(ref best, ref marked, own.G, 0);
            Record(ref best, ref marked, own.H, 0);
            bests[thread] = best;
            Group.Barrier();
            best = before;
            for (int other = 0; other < cut.Segments; other++) {
                if (other == segment) best = before;
                Record(ref before, ref marked, bests[other * cut.Lanes + beside], 0);
            }
            marked = default;
            int bit = first % ScanGeometry.WordLength, left = scan.Length - first;
            if (!works) left = 0;
            Step<TQuads>(y, scan, outer, first, channel, count, left, ref best, ref marked, own.A, bit);
            Step<TQuads>(y, scan, outer, first + 1, channel, count, left - 1, ref best, ref marked, own.B, bit + 1);
            Step<TQuads>(y, scan, outer, first + 2, channel, count, left - 2, ref best, ref marked, own.C, bit + 2);
            Step<TQuads>(y, scan, outer, first + 3, channel, count, left - 3, ref best, ref marked, own.D, bit + 3);
            Step<TQuads>(y, scan, outer, first + 4, channel, count, left - 4, ref best, ref marked, own.E, bit + 4);
            Step<TQuads>(y, scan, outer, first + 5, channel, count, left - 5, ref best, ref marked, own.F, bit + 5);
            Step<TQuads>(y, scan, outer, first + 6, channel, count, left - 6, ref best, ref marked, own.G, bit + 6);
            Step<TQuads>(y, scan, outer, first + 7, channel, count, left - 7, ref best, ref marked, own.H, bit + 7);
            marks[thread] = marked;
            Group.Barrier();
            if (hasRecords == 0 || bit != 0 || left <= 0) continue;
            // A word is four neighbouring segments'.
            for (int other = 1; other < ScanGeometry.WordLength / ScanCut.PerThread; other++) {
                Int4 more = marks[thread + other * cut.Lanes];
                marked.X |= more.X;
                marked.Y |= more.Y;
                marked.Z |= more.Z;
                marked.W |= more.W;
            }
            marked.Store(records, scan.WordAt(outer, first) + channel, count, scan.Lanes % 4 == 0 ? 1 : 0);
        }
    }

    /// <summary>A position's running maximum, written if the position is there.</summary>
    private static void Step<TQuads>(ArrayView<float> y, ScanGeometry scan, int outer, int k, int channel, int count, int left,
        ref Float4 best, ref Int4 marked, Float4 value, int bit) where TQuads : struct, IQuads {
        if (left <= 0) return;
        Record(ref best, ref marked, value, 1 << bit);
        TQuads.Store(best, y, scan.At(outer, k) + channel, count);
    }

    private static void Record(ref Float4 best, ref Int4 marked, Float4 value, int mark) {
        Record(ref best.X, ref marked.X, value.X, mark);
        Record(ref best.Y, ref marked.Y, value.Y, mark);
        Record(ref best.Z, ref marked.Z, value.Z, mark);
        Record(ref best.W, ref marked.W, value.W, mark);
    }

    /// <summary>A value that is as large, or NaN, is the maximum from here on.</summary>
    private static void Record(ref float best, ref int marked, float value, int mark) {
        if (!(value >= best) && !float.IsNaN(value)) return;
        best = value;
        marked |= mark;
    }

    /// <summary>A scan backwards, that gives each position that set a maximum what came together since: each thread first finds what of its
    /// own goes on beyond its positions, and whether what comes to them does.</summary>
    internal static void CornerPoolGradientKernel<TQuads>(ArrayView<float> dx, ArrayView<float> dy, ArrayView<int> records, ScanCut cut,
        ScanGeometry scan) where TQuads : struct, IQuads {
        ArrayView<Float4> tails = SharedMemory.Allocate<Float4>(ScanCut.Threads);
        ArrayView<Int4> stops = SharedMemory.Allocate<Int4>(ScanCut.Threads);
        int thread = Group.IdxX, segment = thread / cut.Lanes, beside = thread - segment * cut.Lanes;
        (int outer, int lane) = cut.Place(Grid.IdxX, beside);
        int channel = 4 * lane, count = scan.Lanes - channel, last = (scan.Length - 1) / cut.Positions * cut.Positions;
        Float4 after = default;
        for (int pass = last; pass >= 0; pass -= cut.Positions) {
            int first = pass + segment * ScanCut.PerThread, left = scan.Length - first;
            if (lane >= cut.Quads) left = 0;
            Int4 marked = default;
            ScanEight own = default;
            if (left > 0) {
                marked = Int4.Load(records, scan.WordAt(outer, first) + channel, count, scan.Lanes % 4 == 0 ? 1 : 0);
                own = ScanEight.Load<TQuads>(dy, scan, outer, first, channel, count);
                int shift = first % ScanGeometry.WordLength;
                marked.X = (marked.X >> shift) & 255;
                marked.Y = (marked.Y >> shift) & 255;
                marked.Z = (marked.Z >> shift) & 255;
                marked.W = (marked.W >> shift) & 255;
                if (left < 2) own.B = default;
                if (left < 3) own.C = default;
                if (left < 4) own.D = default;
                if (left < 5) own.E = default;
                if (left < 6) own.F = default;
                if (left < 7) own.G = default;
                if (left < 8) own.H = default;
            }
            Float4 sum = default;
            Give(ref sum, own.H, marked, 7);
            Give(ref sum, own.G, marked, 6);
            Give(ref sum, own.F, marked, 5);
            Give(ref sum, own.E, marked, 4);
            Give(ref sum, own.D, marked, 3);
            Give(ref sum, own.C, marked, 2);
            Give(ref sum, own.B, marked, 1);
            Give(ref sum, own.A, marked, 0);
            tails[thread] = sum;
            stops[thread] = marked;
            Group.Barrier();
            for (int other = cut.Segments - 1; other >= 0; other--) {
                if (other == segment) sum = after;
                int from = other * cut.Lanes + beside;
                Int4 stop = stops[from];
                if (stop.X != 0) after.X = 0;
                if (stop.Y != 0) after.Y = 0;
                if (stop.Z != 0) after.Z = 0;
                if (stop.W != 0) after.W = 0;
                Float4.MultiplyAdd(ref after, 1, tails[from]);
            }
            Group.Barrier();
            if (left <= 0) continue;
            own.H = Give(ref sum, own.H, marked, 7);
            own.G = Give(ref sum, own.G, marked, 6);
            own.F = Give(ref sum, own.F, marked, 5);
            own.E = Give(ref sum, own.E, marked, 4);
            own.D = Give(ref sum, own.D, marked, 3);
            own.C = Give(ref sum, own.C, marked, 2);
            own.B = Give(ref sum, own.B, marked, 1);
            own.A = Give(ref sum, own.A, marked, 0);
            TQuads.Store(own.A, dx, scan.At(outer, first) + channel, count);
            if (left > 1) TQuads.Store(own.B, dx, scan.At(outer, first + 1) + channel, count);
            if (left > 2) TQuads.Store(own.C, dx, scan.At(outer, first + 2) + channel, count);
            if (left > 3) TQuads.Store(own.D, dx, scan.At(outer, first + 3) + channel, count);
            if (left > 4) TQuads.Store(own.E, dx, scan.At(outer, first + 4) + channel, count);
            if (left > 5) TQuads.Store(own.F, dx, scan.At(outer, first + 5) + channel, count);
            if (left > 6) TQuads.Store(own.G, dx, scan.At(outer, first + 6) + channel, count);
            if (left > 7) TQuads.Store(own.H, dx, scan.At(outer, first + 7) + channel, count);
        }
    }

    private static Float4 Give(ref Float4 sum, Float4 slope, Int4 marked, int k) {
        Float4 given = default;
        Give(ref given.X, ref sum.X, slope.X, marked.X, k);
        Give(ref given.Y, ref sum.Y, slope.Y, marked.Y, k);
        Give(ref given.Z, ref sum.Z, slope.Z, marked.Z, k);
        Give(ref given.W, ref sum.W, slope.W, marked.W, k);
        return given;
    }

    private static void Give(ref float given, ref float sum, float slope, int marked, int k) {
        sum += slope;
        if (((marked >> k) & 1) == 0) return;
        given = sum;
        sum = 0;
    }

    /// <summary>Eight positions of four lanes.</summary>
    private struct ScanEight {
        public Float4 A, B, C, D, E, F, G, H;

        /// <summary>Those from one on; beyond the last position, that again.</summary>
        public static ScanEight Load<TQuads>(ArrayView<float> values, ScanGeometry scan, int outer, int first, int channel, int count)
            where TQuads : struct, IQuads {
            ScanEight eight = default;
            eight.A = TQuads.Load(values, scan.Near(outer, first) + channel, count);
            eight.B = TQuads.Load(values, scan.Near(outer, first + 1) + channel, count);
            eight.C = TQuads.Load(values, scan.Near(outer, first + 2) + channel, count);
            eight.D = TQuads.Load(values, scan.Near(outer, first + 3) + channel, count);
            eight.E = TQuads.Load(values, scan.Near(outer, first + 4) + channel, count);
            eight.F = TQuads.Load(values, scan.Near(outer, first + 5) + channel, count);
            eight.G = TQuads.Load(values, scan.Near(outer, first + 6) + channel, count);
            eight.H = TQuads.Load(values, scan.Near(outer, first + 7) + channel, count);
            return eight;
        }
    }
}
