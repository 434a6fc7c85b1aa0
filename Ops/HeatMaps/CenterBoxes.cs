using ILGPU;
using ILGPU.Runtime;

namespace DenseEngine.Ops;

public static partial class Op {
    /// <summary>The boxes around some points of a map (Zhou and others, Objects as Points, 2019, section 4), in a picture's pixels. No
    /// gradient.</summary>
    /// <param name="peaks">[n,6], as <see cref="HeatPeaks.Rows"/>; x and y are read.</param>
    /// <param name="sizes">[n,2]: widths and heights in cells.</param>
    /// <param name="grid">How cells lie in the picture.</param>
    /// <returns>[n,4].</returns>
    /// <exception cref="ShapeException">Shapes differ from these.</exception>
    public static Tensor CenterBoxes(Tensor peaks, Tensor sizes, CellGrid grid) {
        const string name = nameof(CenterBoxes);
        int count = Check.Rank(name, "peaks", peaks, 2).Shape[0];
        Check.Shape(name, "peaks", peaks, [count, PeakFields]);
        Check.Shape(name, "sizes", sizes, [count, 2]);
        Device device = Check.SameDevice(name, peaks, sizes);
        var boxes = new Tensor(device, [count, 4]);
        if (count > 0) Run(device, _ => {
            for (int i = 0; i < count; i++) {
                ReadOnlySpan<float> peak = peaks.Span.Slice(i * PeakFields, 2), size = sizes.Span.Slice(2 * i, 2);
                Boxes(boxes)[i] = Around(peak[0], peak[1], size[0], size[1], grid, 0);
            }
        }, gpu => gpu.Kernel(CenterBoxesKernel, a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<Box>, ArrayView<float>,
            ArrayView<float>, CellGrid, int>(CenterBoxesKernel))
            (count, Boxes(gpu, boxes), gpu.Floats(peaks), gpu.Floats(sizes), grid, 0));
        return boxes;
    }

    internal static void CenterBoxesKernel(Index1D i, ArrayView<Box> boxes, ArrayView<float> peaks, ArrayView<float> sizes, CellGrid grid,
        int zero) {
        int at = i * PeakFields;
        boxes[i] = Around(peaks[at], peaks[at + 1], sizes[2 * i], sizes[2 * i + 1], grid, zero);
    }

    private static Box Around(float x, float y, float width, float height, CellGrid grid, int zero) {
        float across = Unfused(width / 2, zero), down = Unfused(height / 2, zero);
        return new Box(grid.X(x - across, zero), grid.Y(y - down, zero), grid.X(x + across, zero), grid.Y(y + down, zero));
    }
}
