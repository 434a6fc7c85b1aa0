using ILGPU;
using ILGPU.Runtime;

namespace DenseEngine.Ops;

/// <summary>Deformable convolutions on the device: samples are laid out as columns, some pictures at a time, for products in
/// tiles.</summary>
public static partial class Op {
    /// <summary>Numbers of columns that are there at once, at least a picture's.</summary>
    private const int DeformPart = 1 << 24;

    /// <summary>Threads of a group, and those that share a sample's channels.</summary>
    private const int SlopeThreads = 256, SlopeLanes = 8;

    private static void DeformConv2dGpu(GpuDevice gpu, DeformGeometry deform, Tensor x, Tensor offset, Tensor? mask, Tensor weight,
        Tensor? bias, Tensor y) {
        ConvGeometry conv = deform.Conv;
        DeformParts(gpu, deform, (columns, first, pixels) => {
            SampleGpu(gpu, deform, columns, x, offset, mask, first, pixels);
            var to = new TileOutput(pixels, conv.GroupOutputs, conv.PatchSize, conv.Groups, first * conv.OutputChannels,
                conv.OutputChannels, conv.GroupOutputs);
            TiledProduct(gpu, to, y, columns, new RowsSide(pixels, conv.Groups * conv.PatchSize, 0, conv.PatchSize), weight,
                new RowsSide(conv.GroupOutputs, conv.PatchSize, 0, conv.GroupOutputs * conv.PatchSize), new Ending(bias));
        });
    }

    private static void DeformWeightGradientGpu(GpuDevice gpu, DeformGeometry deform, Tensor x, Tensor offset, Tensor? mask, Tensor dy,
        Tensor dWeight) {
        ConvGeometry conv = deform.Conv;
        if (conv.OutputPixels == 0) gpu.Fill(dWeight, 0);
        DeformParts(gpu, deform, (columns, first, pixels) => {
            SampleGpu(gpu, deform, columns, x, offset, mask, first, pixels);
            var to = new TileOutput(conv.GroupOutputs, conv.PatchSize, pixels, conv.Groups, 0, conv.PatchSize,
                conv.GroupOutputs * conv.PatchSize);
            TiledProduct(gpu, to, dWeight, dy,
                new ColumnsSide(conv.GroupOutputs, conv.OutputChannels, first * conv.OutputChannels, conv.GroupOutputs), columns,
                new ColumnsSide(conv.PatchSize, conv.Groups * conv.PatchSize, 0, conv.PatchSize),
                first > 0 ? new Ending(Added: dWeight) : Ending.None);
        });
    }

    private static void DeformColumnGradientGpu(GpuDevice gpu, DeformGeometry deform, DeformInputs given, Tensor dy, Tensor? dx,
        Tensor? dOffset, Tensor? dMask) {
        ConvGeometry conv = deform.Conv;
        if (dx is not null && conv.OutputPixels == 0) gpu.Fill(dx, 0);
        DeformParts(gpu, deform, (columns, first, pixels) => {
            var to = new TileOutput(pixels, conv.PatchSize, conv.GroupOutputs, conv.Groups, 0, conv.Groups * conv.PatchSize,
                conv.PatchSize);
            TiledProduct(gpu, to, columns, dy,
                new RowsSide(pixels, conv.OutputChannels, first * conv.OutputChannels, conv.GroupOutputs), given.Weight,
                new ColumnsSide(conv.PatchSize, conv.PatchSize, 0, conv.GroupOutputs * conv.PatchSize), Ending.None);
            if (dOffset is not null || dMask is not null) SlopesGpu(gpu, deform, given, columns, dOffset, dMask, first, pixels);
            if (dx is not null) SpreadGpu(gpu, deform, given, columns, dx, first, pixels);
        });
    }

    /// <summary>Goes through the pictures with room for their columns, [pixel][group][tap][channel].</summary>
    private static void DeformParts(GpuDevice gpu, DeformGeometry deform, Action<Tensor, int, int> part) {
        ConvGeometry conv = deform.Conv;
        int row = conv.Groups * conv.PatchSize, picture = conv.OutputHeight * conv.OutputWidth;
        if (conv.OutputPixels == 0 || row == 0) return;
        int images = (int)Math.Clamp(DeformPart / ((long)row * picture), 1, conv.Images), most = images * picture;
        using var columns = new Tensor(gpu, [checked(row * most)]);
        for (int first = 0; first < conv.OutputPixels; first += most) part(columns, first, Math.Min(most, conv.OutputPixels - first));
    }

    /// <summary>Channels that a thread takes: four where they move together and meet the same weights.</summary>
    private static int DeformWidth(in DeformGeometry deform) => deform.Conv.GroupChannels % 4 == 0 && deform.OffsetChannels % 4 == 0 ? 4
        : 1;

    private static void SampleGpu(GpuDevice gpu, DeformGeometry deform, Tensor columns, Tensor x, Tensor offset, Tensor? mask, int first,
        int pixels) {
        int width = DeformWidth(deform), count = checked(pixels * deform.Conv.Groups * deform.Conv.PatchSize);
        gpu.Kernel(DeformSampleKernel, a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<float>, ArrayView<float>, ArrayView<float>,
            ArrayView<float>, DeformGeometry, int, int>(DeformSampleKernel))
            (count / width, gpu.Floats(columns), gpu.Floats(x), gpu.Floats(offset), View(gpu, mask), deform, first, width);
    }

    private static void SlopesGpu(GpuDevice gpu, DeformGeometry deform, DeformInputs given, Tensor columns, Tensor? dOffset, Tensor? dMask,
        int first, int pixels) {
        int samples = pixels * deform.PixelSamples, together = SlopeThreads / SlopeLanes;
        gpu.Kernel(DeformSlopeKernel, a => a.LoadStreamKernel<ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>,
            ArrayView<float>, ArrayView<float>, DeformGeometry, int, int, int>(DeformSlopeKernel))
            (((samples + together - 1) / together, SlopeThreads), View(gpu, dOffset), View(gpu, dMask), gpu.Floats(columns),
            gpu.Floats(given.X!), gpu.Floats(given.Offset), View(gpu, given.Mask), deform, first, samples, DeformWidth(deform));
    }

    /// <summary>Samples are sorted by the cell between four pixels that they lie in; a pixel then gathers from the four cells around
    /// it.</summary>
    private static void SpreadGpu(GpuDevice gpu, DeformGeometry deform, DeformInputs given, Tensor columns, Tensor dx, int first,
        int pixels) {
        ConvGeometry conv = deform.Conv;
        int images = pixels / (conv.OutputHeight * conv.OutputWidth), samples = pixels * deform.PixelSamples;
        int cells = checked(images * deform.ImageCells);
        using Tensor sorted = SortKeys(gpu, samples), shares = new(gpu, [4 * samples]), starts = new(gpu, [cells + 1], DType.Int32);
        ArrayView<ulong> keys = gpu.Integers(sorted).Cast<ulong>();
        gpu.Kernel(DeformCellKernel, a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<ulong>, ArrayView<float>, DeformGeometry, int,
            int>(DeformCellKernel))(keys.IntLength, keys, gpu.Floats(given.Offset), deform, first, samples);
        SortGpu(gpu, keys, keys.IntLength);
        gpu.Kernel(DeformStartKernel, a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<int>, ArrayView<ulong>>(DeformStartKernel))
            (cells + 1, gpu.Integers(starts), keys);
        gpu.Kernel(DeformShareKernel, a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<float>, ArrayView<ulong>, ArrayView<float>,
            ArrayView<float>, DeformGeometry, int>(DeformShareKernel))
            (samples, gpu.Floats(shares), keys, gpu.Floats(given.Offset), View(gpu, given.Mask), deform, first);
        int width = DeformWidth(deform), image = conv.Height * conv.Width * conv.Channels;
        gpu.Kernel(DeformSpreadKernel, a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<float>, ArrayView<float>, ArrayView<ulong>,
            ArrayView<float>, ArrayView<int>, DeformGeometry, int, int>(DeformSpreadKernel))
            (images * (image / width), gpu.Floats(dx), gpu.Floats(columns), keys, gpu.Floats(shares), gpu.Integers(starts), deform,
            first / (conv.OutputHeight * conv.OutputWidth) * image, width);
    }

    /// <summary>Four channels of a sample a thread, or one.</summary>
    internal static void DeformSampleKernel(Index1D i, ArrayView<float> columns, ArrayView<float> x, ArrayView<float> offset,
        ArrayView<float> mask, DeformGeometry deform, int first, int width) {
        int lanes = deform.Conv.GroupChannels / width, row = i / lanes, place = row / deform.Conv.Taps,
            tap = row - place * deform.Conv.Taps;
        int inPart = place / deform.Conv.Groups, group = place - inPart * deform.Conv.Groups, pixel = first + inPart;
        int channel = group * deform.Conv.GroupChannels + (i - row * lanes) * width, sample = deform.Sample(pixel, channel, tap);
        DeformSpot spot = deform.Spot(pixel, tap, offset[2 * sample], offset[2 * sample + 1]);
        float scale = 1;
        if (mask.IntLength > 0) scale = mask[sample];
        int corner = deform.Corner(pixel, spot) + channel, right = deform.Conv.Channels, below = deform.Conv.Width * right;
        int vectors = width >> 2;
        Float4 sum = default;
        if ((spot.Corners & 1) != 0) Float4.MultiplyAdd(ref sum, spot.UpperLeft * scale, Float4.Load(x, corner, width, vectors));
        if ((spot.Corners & 2) != 0) Float4.MultiplyAdd(ref sum, spot.UpperRight * scale, Float4.Load(x, corner + right, width, vectors));
        if ((spot.Corners & 4) != 0) Float4.MultiplyAdd(ref sum, spot.LowerLeft * scale, Float4.Load(x, corner + below, width, vectors));
        if ((spot.Corners & 8) != 0)
            Float4.MultiplyAdd(ref sum, spot.LowerRight * scale, Float4.Load(x, corner + below + right, width, vectors));
        sum.Store(columns, i * width, width, vectors);
    }

    /// <summary>The gradients of a sample's offsets and mask: some threads take every so many of its channels, the first of them adds what
    /// they found, in order.</summary>
    internal static void DeformSlopeKernel(ArrayView<float> dOffset, ArrayView<float> dMask, ArrayView<float> columns, ArrayView<float> x,
        ArrayView<float> offset, ArrayView<float> mask, DeformGeometry deform, int first, int samples, int width) {
        ArrayView<Float4> found = SharedMemory.Allocate<Float4>(SlopeThreads);
        int thread = Group.IdxX, lane = thread % SlopeLanes, inPart = Grid.IdxX * (SlopeThreads / SlopeLanes) + thread / SlopeLanes;
        int sample = first * deform.PixelSamples + inPart, pixel = sample / deform.PixelSamples;
        int places = sample - pixel * deform.PixelSamples, moved = places / deform.Conv.Taps, tap = places - moved * deform.Conv.Taps;
        float down = 0, across = 0, value = 0;
        if (inPart < samples) {
            DeformSpot spot = deform.Spot(pixel, tap, offset[2 * sample], offset[2 * sample + 1]);
            int right = deform.Conv.Channels, below = deform.Conv.Width * right, pictured = deform.Corner(pixel, spot);
            int start = moved * deform.OffsetChannels, end = start + deform.OffsetChannels, vectors = width >> 2;
            Float4 a = default, b = default, c = default, d = default;
            for (int channel = start + lane * width; channel < end; channel += SlopeLanes * width) {
                Float4 slope = Float4.Load(columns, deform.Column(pixel - first, channel, tap), width, vectors);
                int corner = pictured + channel;
                if ((spot.Corners & 1) != 0) Float4.MultiplyAdd(ref a, slope, Float4.Load(x, corner, width, vectors));
                if ((spot.Corners & 2) != 0) Float4.MultiplyAdd(ref b, slope, Float4.Load(x, corner + right, width, vectors));
                if ((spot.Corners & 4) != 0) Float4.MultiplyAdd(ref c, slope, Float4.Load(x, corner + below, width, vectors));
                if ((spot.Corners & 8) != 0) Float4.MultiplyAdd(ref d, slope, Float4.Load(x, corner + below + right, width, vectors));
            }
            float sumA = a.X + a.Y + (a.Z + a.W), sumB = b.X + b.Y + (b.Z + b.W), sumC = c.X + c.Y + (c.Z + c.W),
                sumD = d.X + d.Y + (d.Z + d.W);
            down = spot.SlopeDown(sumA, sumB, sumC, sumD);
            across = spot.SlopeAcross(sumA, sumB, sumC, sumD);
            value = spot.Between(sumA, sumB, sumC, sumD);
        }
        found[thread] = Float4.Of(down, across, value, 0);
        Group.Barrier();
        if (lane != 0 || inPart >= samples) return;
        Float4 total = default;
        for (int other = 0; other < SlopeLanes; other++) Float4.MultiplyAdd(ref total, 1, found[thread + other]);
        float scale = 1;
        if (mask.IntLength > 0) scale = mask[sample];
        if (dOffset.IntLength > 0) {
            dOffset[2 * sample] = total.X * scale;
            dOffset[2 * sample + 1] = total.Y * scale;
        }
        if (dMask.IntLength > 0) dMask[sample] = total.Z;
    }

    /// <summary>One key a thread: the cell that a sample lies in, then its number.</summary>
    internal static void DeformCellKernel(Index1D i, ArrayView<ulong> keys, ArrayView<float> offset, DeformGeometry deform, int first,
        int samples) {
        ulong key = NoKey;
        if (i < samples) {
            int sample = first * deform.PixelSamples + i, pixel = sample / deform.PixelSamples;
            int places = sample - pixel * deform.PixelSamples, moved = places / deform.Conv.Taps;
            DeformSpot spot = deform.Spot(pixel, places - moved * deform.Conv.Taps, offset[2 * sample], offset[2 * sample + 1]);
            int image = deform.Image(pixel) - deform.Image(first);
            if (spot.Corners != 0) key = (ulong)(uint)deform.Cell(image, moved, spot.Y, spot.X) << 32 | (uint)i.X;
        }
        keys[i] = key;
    }

    /// <summary>Where the keys of a cell, or of those after it, begin.</summary>
    internal static void DeformStartKernel(Index1D cell, ArrayView<int> starts, ArrayView<ulong> keys) {
        ulong key = (ulong)(uint)cell.X << 32;
        int low = 0, high = keys.IntLength;
        while (low < high) {
            int middle = (low + high) >> 1;
            if (keys[middle] < key) low = middle + 1;
            else high = middle;
        }
        starts[cell] = low;
    }

    /// <summary>The four corners' shares of a sample, in the order of the keys.</summary>
    internal static void DeformShareKernel(Index1D i, ArrayView<float> shares, ArrayView<ulong> keys, ArrayView<float> offset,
        ArrayView<float> mask, DeformGeometry deform, int first) {
        Float4 share = default;
        if (keys[i] != NoKey) {
            int sample = first * deform.PixelSamples + (int)(uint)keys[i], pixel = sample / deform.PixelSamples;
            int tap = (sample - pixel * deform.PixelSamples) % deform.Conv.Taps;
            DeformSpot spot = deform.Spot(pixel, tap, offset[2 * sample], offset[2 * sample + 1]);
            float scale = 1;
            if (mask.IntLength > 0) scale = mask[sample];
            share = Float4.Of(spot.UpperLeft * scale, spot.UpperRight * scale, spot.LowerLeft * scale, spot.LowerRight * scale);
        }
        shares.Cast<Float4>()[i] = share;
    }

    /// <summary>Four channels of a pixel's gradient a thread, or one.</summary>
    internal static void DeformSpreadKernel(Index1D i, ArrayView<float> dx, ArrayView<float> columns, ArrayView<ulong> keys,
        ArrayView<float> shares, ArrayView<int> starts, DeformGeometry deform, int start, int width) {
        int lanes = deform.Conv.Channels / width, pixel = i / lanes, channel = (i - pixel * lanes) * width;
        int line = pixel / deform.Conv.Width, x = pixel - line * deform.Conv.Width, image = line / deform.Conv.Height;
        int cell = deform.Cell(image, channel / deform.OffsetChannels, line - image * deform.Conv.Height, x), up = deform.Conv.Width + 1;
        Float4 sum = default;
        AddCell(ref sum, columns, keys, shares, starts, deform, cell, 0, channel, width);
        AddCell(ref sum, columns, keys, shares, starts, deform, cell - 1, 1, channel, width);
        AddCell(ref sum, columns, keys, shares, starts, deform, cell - up, 2, channel, width);
        AddCell(ref sum, columns, keys, shares, starts, deform, cell - up - 1, 3, channel, width);
        sum.Store(dx, start + i * width, width, width >> 2);
    }

    /// <summary>Adds what the samples of a cell give to one of its corners.</summary>
    private static void AddCell(ref Float4 sum, ArrayView<float> columns, ArrayView<ulong> keys, ArrayView<float> shares,
        ArrayView<int> starts, DeformGeometry deform, int cell, int corner, int channel, int width) {
        int end = starts[cell + 1];
        for (int at = starts[cell]; at < end; at++) {
            int sample = (int)(uint)keys[at], pixel = sample / deform.PixelSamples, tap = sample % deform.Conv.Taps;
            Float4.MultiplyAdd(ref sum, shares[4 * at + corner],
                Float4.Load(columns, deform.Column(pixel, channel, tap), width, width >> 2));
        }
    }
}
