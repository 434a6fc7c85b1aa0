using ILGPU;
using ILGPU.Runtime;

namespace DenseEngine.Ops;

public static partial class Op {
    /// <summary>Lines and columns of a gradient's tile, lanes of channels, and the threads of a group.</summary>
    private const int RoiTile = 4, RoiLanes = 16, RoiThreads = RoiTile * RoiTile * RoiLanes;

    private static void RoiAlignGpu(GpuDevice gpu, Tensor y, Tensor x, Tensor boxes, Tensor? levels, RoiGeometry roi,
        KernelReport report) {
        if (y.Count == 0) return;
        int width = RoiWidth(roi);
        gpu.Kernel(RoiAlignKernel, a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<float>, ArrayView<float>, ArrayView<float>,
            ArrayView<int>, int, RoiGeometry, KernelReport>(RoiAlignKernel))
            (y.Count / width, gpu.Floats(y), gpu.Floats(x), gpu.Floats(boxes), levels is null ? default : gpu.Integers(levels), width, roi,
            report);
    }

    private static void RoiAlignGradientGpu(GpuDevice gpu, Tensor dx, Tensor dy, Tensor boxes, Tensor? levels, RoiGeometry roi) {
        if (dx.Count == 0) return;
        int width = RoiWidth(roi), tiles = roi.Images * RoiTiles(roi.Height) * RoiTiles(roi.Width);
        int parts = (roi.Channels / width + RoiLanes - 1) / RoiLanes;
        gpu.Kernel(RoiAlignGradientKernel, a => a.LoadStreamKernel<ArrayView<float>, ArrayView<float>, ArrayView<float>,
            ArrayView<int>, int, RoiGeometry>(RoiAlignGradientKernel))
            ((checked(tiles * parts), RoiThreads), gpu.Floats(dx), gpu.Floats(dy), gpu.Floats(boxes),
            levels is null ? default : gpu.Integers(levels), width, roi);
    }

    /// <summary>Channels that a thread takes: four where a vector holds no other pixel's.</summary>
    private static int RoiWidth(RoiGeometry roi) => roi.Channels % 4 == 0 ? 4 : 1;

    private static int RoiTiles(int size) => (size + RoiTile - 1) / RoiTile;

    /// <summary>Four channels of a bin a thread, or one.</summary>
    internal static void RoiAlignKernel(Index1D i, ArrayView<float> y, ArrayView<float> x, ArrayView<float> boxes,
        ArrayView<int> levels, int width, RoiGeometry roi, KernelReport report) {
        int lanes = roi.Channels / width, bin = i / lanes, channel = (i - bin * lanes) * width, vectors = width >> 2;
        int line = bin / roi.OutputWidth, bx = bin - line * roi.OutputWidth;
        int box = line / roi.OutputHeight, by = line - box * roi.OutputHeight;
        int level = 0;
        if (levels.IntLength > 0) level = levels[box];
        if (!roi.Has(level)) return;
        float picture = boxes[5 * box];
        int image = roi.Image(picture);
        Float4 sum = default;
        if (image == roi.Images) {
            report.Note(box, (int)picture);
        } else if (image >= 0) {
            RoiAxis rows = roi.Rows(boxes, box), columns = roi.Columns(boxes, box);
            int endRow = rows.EndSample(by, roi.Height), endColumn = columns.EndSample(bx, roi.Width);
            int firstRow = rows.FirstSample(by, -1), firstColumn = columns.FirstSample(bx, -1);
            for (int row = firstRow; row < endRow; row++) {
                (int iy, float down) = rows.Spot(by, row);
                if (iy < 0) continue;
                int above = (image * roi.Height + iy) * roi.Width, below = above;
                if (down > 0) below += roi.Width;
                for (int column = firstColumn; column < endColumn; column++) {
                    (int ix, float across) = columns.Spot(bx, column);
                    if (ix < 0) continue;
                    int right = ix;
                    if (across > 0) right++;
                    Float4.MultiplyAdd(ref sum, (1 - down) * (1 - across),
                        Float4.Load(x, (above + ix) * roi.Channels + channel, width, vectors));
                    Float4.MultiplyAdd(ref sum, (1 - down) * across,
                        Float4.Load(x, (above + right) * roi.Channels + channel, width, vectors));
                    Float4.MultiplyAdd(ref sum, down * (1 - across),
                        Float4.Load(x, (below + ix) * roi.Channels + channel, width, vectors));
                    Float4.MultiplyAdd(ref sum, down * across,
                        Float4.Load(x, (below + right) * roi.Channels + channel, width, vectors));
                }
            }
            if (rows.Samples > 0 && columns.Samples > 0) sum = Float4.Affine(default, sum, RoiGeometry.Share(rows, columns));
        }
        sum.Store(y, i * width, width, vectors);
    }

    /// <summary>A group owns a tile of pixels and some channels: its threads look for the boxes over the tile, as many at a time as there
    /// are threads, and then each pixel adds what those boxes give it, in their order.</summary>
    internal static void RoiAlignGradientKernel(ArrayView<float> dx, ArrayView<float> dy, ArrayView<float> boxes,
        ArrayView<int> levels, int width, RoiGeometry roi) {
        ArrayView<int> near = SharedMemory.Allocate<int>(RoiThreads);
        int lanes = roi.Channels / width, parts = (lanes + RoiLanes - 1) / RoiLanes, tile = Grid.IdxX / parts;
        int line = tile / RoiTiles(roi.Width), left = (tile - line * RoiTiles(roi.Width)) * RoiTile;
        int image = line / RoiTiles(roi.Height), top = (line - image * RoiTiles(roi.Height)) * RoiTile;
        int thread = Group.IdxX, place = thread / RoiLanes, iy = top + place / RoiTile, ix = left + place % RoiTile;
        int lane = (Grid.IdxX - tile * parts) * RoiLanes + thread % RoiLanes, channel = lane * width;
        int inside = 0;
        if (iy < roi.Height && ix < roi.Width && lane < lanes) inside = 1;
        Float4 sum = default;
        for (int first = 0; first < roi.Boxes; first += RoiThreads) {
            int mine = first + thread, hit = 0, level = 0;
            if (levels.IntLength > 0 && mine < roi.Boxes) level = levels[mine];
            if (mine < roi.Boxes && roi.Has(level) && roi.Image(boxes[5 * mine]) == image
                && roi.Rows(boxes, mine).Reaches(top, top + RoiTile) && roi.Columns(boxes, mine).Reaches(left, left + RoiTile)) hit = 1;
            near[thread] = hit;
            Group.Barrier();
            int count = Math.Min(RoiThreads, roi.Boxes - first) * inside;
            for (int other = 0; other < count; other++)
                if (near[other] != 0) AddRoi(ref sum, dy, boxes, first + other, iy, ix, channel, width, roi);
            Group.Barrier();
        }
        if (inside != 0) sum.Store(dx, (((image * roi.Height) + iy) * roi.Width + ix) * roi.Channels + channel, width, width >> 2);
    }

    /// <summary>Adds what the bins of a box give to a pixel.</summary>
    private static void AddRoi(ref Float4 sum, ArrayView<float> dy, ArrayView<float> boxes, int box, int iy, int ix, int channel, int width,
        RoiGeometry roi) {
        RoiAxis rows = roi.Rows(boxes, box), columns = roi.Columns(boxes, box);
        if (rows.Samples == 0 || columns.Samples == 0) return;
        float mean = RoiGeometry.Share(rows, columns);
        int endRow = rows.EndBin(iy + 1), firstColumn = columns.FirstBin(ix - 1), endColumn = columns.EndBin(ix + 1);
        for (int by = rows.FirstBin(iy - 1); by < endRow; by++) {
            float down = rows.Share(by, iy) * mean;
            if (down == 0) continue;
            for (int bx = firstColumn; bx < endColumn; bx++) {
                float share = down * columns.Share(bx, ix);
                int from = ((box * roi.OutputHeight + by) * roi.OutputWidth + bx) * roi.Channels + channel;
                if (share != 0) Float4.MultiplyAdd(ref sum, share, Float4.Load(dy, from, width, width >> 2));
            }
        }
    }
}
