using ILGPU;
using ILGPU.Runtime;

namespace DenseEngine.Ops;

public static partial class Op {
    /// <summary>Numbers of a region for <see cref="RoiAlign(Tensor, Tensor, Pair, float, int, bool)"/>.</summary>
    private const int RegionFields = 5;

    /// <summary>Detections of several pictures as regions of a batch. No gradient.</summary>
    /// <param name="rows">[N·M,7]: rows of <see cref="SelectDetections"/>, picture after picture, as many of each.</param>
    /// <param name="pictures">N, at least one.</param>
    /// <returns>[N·M,5]: the picture's number, then x1, y1, x2, y2; for rows without a detection the number is -1.</returns>
    /// <exception cref="ShapeException">Shapes differ from these.</exception>
    public static Tensor Regions(Tensor rows, int pictures) {
        const string name = nameof(Regions);
        int count = Check.Rank(name, "rows", rows, 2).Shape[0];
        Check.Shape(name, "rows", rows, [count, DetectionFields]);
        Check.That(pictures > 0 && count % pictures == 0, $"{name}: {count} rows are not as many for each of {pictures} pictures.");
        var regions = new Tensor(rows.Device, [count, RegionFields]);
        int each = count / pictures;
        if (count > 0) Run(rows.Device, _ => {
            for (int i = 0; i < count; i++) {
                ReadOnlySpan<float> row = rows.Span.Slice(i * DetectionFields, DetectionFields);
                regions.Span[i * RegionFields] = row[5] < 0 ? -1 : i / each;
                row[..4].CopyTo(regions.Span[(i * RegionFields + 1)..]);
            }
        }, gpu => gpu.Kernel(RegionsKernel, a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<float>, ArrayView<float>, int>(
            RegionsKernel))(count, gpu.Floats(regions), gpu.Floats(rows), each));
        return regions;
    }

    internal static void RegionsKernel(Index1D i, ArrayView<float> regions, ArrayView<float> rows, int each) {
        int from = i * DetectionFields, to = i * RegionFields;
        float picture = i / each;
        if (rows[from + 5] < 0) picture = -1f;
        regions[to] = picture;
        for (int side = 0; side < 4; side++) regions[to + 1 + side] = rows[from + side];
    }
}
