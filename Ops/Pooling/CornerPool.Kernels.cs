using ILGPU;
using ILGPU.Runtime;

namespace DenseEngine.Ops;

public static partial class Op {
    private static void CornerPoolGpu(GpuDevice gpu, Tensor y, Tensor? records, Tensor x, ScanGeometry scan) {
        if (y.Count == 0) return;
        int width = ScanWidth(scan);
        gpu.Kernel(CornerPoolKernel, a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<float>, ArrayView<int>, ArrayView<float>, int,
            int,
            ScanGeometry>(CornerPoolKernel))
            (scan.Outer * scan.Lanes / width, gpu.Floats(y), records is null ? default : gpu.Integers(records), gpu.Floats(x),
            records is null ? 0 : 1, width, scan);
    }

    private static void CornerPoolGradientGpu(GpuDevice gpu, Tensor dx, Tensor dy, Tensor records, ScanGeometry scan) {
        if (dx.Count == 0) return;
        int width = ScanWidth(scan);
        gpu.Kernel(CornerPoolGradientKernel, a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<float>, ArrayView<float>, ArrayView<int>,
            int, ScanGeometry>(CornerPoolGradientKernel))
            (scan.Outer * scan.Lanes / width, gpu.Floats(dx), gpu.Floats(dy), gpu.Integers(records), width, scan);
    }

    /// <summary>Scans that a thread takes: four where a vector holds no other position's.</summary>
    private static int ScanWidth(ScanGeometry scan) => scan.Lanes % 4 == 0 ? 4 : 1;

    /// <summary>A thread walks along its scans; the maxima and the word at hand stay in registers.</summary>
    internal static void CornerPoolKernel(Index1D i, ArrayView<float> y, ArrayView<int> records, ArrayView<float> x, int hasRecords,
        int width, ScanGeometry scan) {
        int quads = scan.Lanes / width, outer = i / quads, lane = (i - outer * quads) * width;
        if (width == 1) {
            float best = x[scan.At(outer, 0) + lane];
            for (int start = 0; start < scan.Length; start += ScanGeometry.WordLength) {
                int word = 0, end = Math.Min(ScanGeometry.WordLength, scan.Length - start);
                for (int k = 0; k < end; k++) {
                    int at = scan.At(outer, start + k) + lane;
                    Record(ref best, ref word, x[at], k);
                    y[at] = best;
                }
                if (hasRecords != 0) records[scan.WordAt(outer, start) + lane] = word;
            }
            return;
        }
        ArrayView<Float4> x4 = x.Cast<Float4>(), y4 = y.Cast<Float4>();
        Float4 largest = x4[(scan.At(outer, 0) + lane) >> 2];
        for (int start = 0; start < scan.Length; start += ScanGeometry.WordLength) {
            Int4 words = default;
            int end = Math.Min(ScanGeometry.WordLength, scan.Length - start);
            for (int k = 0; k < end; k++) {
                int at = (scan.At(outer, start + k) + lane) >> 2;
                Float4 values = x4[at];
                Record(ref largest.X, ref words.X, values.X, k);
                Record(ref largest.Y, ref words.Y, values.Y, k);
                Record(ref largest.Z, ref words.Z, values.Z, k);
                Record(ref largest.W, ref words.W, values.W, k);
                y4[at] = largest;
            }
            if (hasRecords != 0) records.Cast<Int4>()[(scan.WordAt(outer, start) + lane) >> 2] = words;
        }
    }

    /// <summary>A value that is as large, or NaN, is the maximum from here on.</summary>
    private static void Record(ref float best, ref int word, float value, int k) {
        if (!(value >= best) && !float.IsNaN(value)) return;
        best = value;
        word |= 1 << k;
    }

    /// <summary>A thread walks its scans backwards and gives each position that set a maximum what came together since.</summary>
    internal static void CornerPoolGradientKernel(Index1D i, ArrayView<float> dx, ArrayView<float> dy, ArrayView<int> records, int width,
        ScanGeometry scan) {
        int quads = scan.Lanes / width, outer = i / quads, lane = (i - outer * quads) * width;
        ArrayView<Float4> dx4 = dx.Cast<Float4>(), dy4 = dy.Cast<Float4>();
        Float4 sums = default;
        for (int word = scan.Words - 1; word >= 0; word--) {
            int start = word * ScanGeometry.WordLength, from = scan.WordAt(outer, start) + lane;
            Int4 words = default;
            if (width == 1) words.X = records[from];
            else words = records.Cast<Int4>()[from >> 2];
            for (int k = Math.Min(ScanGeometry.WordLength, scan.Length - start) - 1; k >= 0; k--) {
                int at = scan.At(outer, start + k) + lane;
                Float4 given = default, slopes = default;
                if (width == 1) slopes.X = dy[at];
                else slopes = dy4[at >> 2];
                Give(ref given.X, ref sums.X, slopes.X, words.X, k);
                Give(ref given.Y, ref sums.Y, slopes.Y, words.Y, k);
                Give(ref given.Z, ref sums.Z, slopes.Z, words.Z, k);
                Give(ref given.W, ref sums.W, slopes.W, words.W, k);
                if (width == 1) dx[at] = given.X;
                else dx4[at >> 2] = given;
            }
        }
    }

    private static void Give(ref float given, ref float sum, float slope, int word, int k) {
        sum += slope;
        if ((word & (1 << k)) == 0) return;
        given = sum;
        sum = 0;
    }
}
