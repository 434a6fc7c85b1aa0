using ILGPU;
using ILGPU.Runtime;

namespace DenseEngine.Ops;

/// <summary>Deformable convolutions on the device: samples are laid out as columns, some pictures at a time, for products in
/// tiles.</summary>
public static partial class Op {
    /// <summary>Numbers of columns that are there at once, about (512 MB); at least a picture's.</summary>
    private const int DeformPart = 1 << 27;

    /// <summary>Threads that share a sample at least, and the most vectors of it for each: where it lies is found once for all of
    /// them.</summary>
    private const int SampleLanes = 8, SampleVectors = 8;

    /// <summary>Threads of a group, and those that share a sample's channels.</summary>
    private const int SlopeThreads = 256, SlopeLanes = 8;

    private static void DeformConv2dGpu(GpuDevice gpu, DeformGeometry deform, Tensor x, Tensor offset, Tensor? mask, Tensor weight,
        Tensor y, Ending ending) {
        ConvGeometry conv = deform.Conv;
        DeformParts(gpu, deform, (columns, first, pixels) => {
            SampleGpu(gpu, deform, columns, x, offset, mask, first, pixels);
            var to = new TileOutput(pixels, conv.GroupOutputs, conv.PatchSize, conv.Groups, first * conv.OutputChannels,
                conv.OutputChannels, conv.GroupOutputs);
            TiledProduct(gpu, to, y, columns, new RowsSide(pixels, conv.Groups * conv.PatchSize, 0, conv.PatchSize), weight,
                new RowsSide(conv.GroupOutputs, conv.PatchSize, 0, conv.GroupOutputs * conv.PatchSize), ending);
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
        using DeformOrder? order = dx is null || deform.Samples == 0 || conv.Channels == 0 ? null : OrderSamples(gpu, deform, given);
        DeformParts(gpu, deform, (columns, first, pixels) => {
            var to = new TileOutput(pixels, conv.PatchSize, conv.GroupOutputs, conv.Groups, 0, conv.Groups * conv.PatchSize,
                conv.PatchSize);
            TiledProduct(gpu, to, columns, dy,
                new RowsSide(pixels, conv.OutputChannels, first * conv.OutputChannels, conv.GroupOutputs), given.Weight,
                new ColumnsSide(conv.PatchSize, conv.PatchSize, 0, conv.GroupOutputs * conv.PatchSize), Ending.None);
            if (dOffset is not null || dMask is not null) SlopesGpu(gpu, deform, given, columns, dOffset, dMask, first, pixels);
            if (dx is not null) SpreadGpu(gpu, deform, order!, columns, dx, first, pixels);
        });
    }

    /// <summary>Goes through the pictures with room for their columns, [pixel][group][tap][channel].</summary>
    private static void DeformParts(GpuDevice gpu, DeformGeometry deform, Action<Tensor, int, int> part) {
        ConvGeometry conv = deform.Conv;
        int row = conv.Groups * conv.PatchSize, picture = conv.OutputHeight * conv.OutputWidth;
        if (conv.OutputPixels == 0 || row == 0) return;
        int images = (int)Math.Clamp(ConvForce.Part(DeformPart) / ((long)row * picture), 1, conv.Images), most = images * picture;
        using var columns = new Tensor(gpu, [checked(row * most)]);
        for (int first = 0; first < conv.OutputPixels; first += most) part(columns, first, Math.Min(most, conv.OutputPixels - first));
    }

    /// <summary>Channels that a thread takes at once: four where they move together and meet the same weights.</summary>
    private static int DeformWidth(in DeformGeometry deform) => deform.RunChannels % 4 == 0 ? 4 : 1;

    private static void SampleGpu(GpuDevice gpu, DeformGeometry deform, Tensor columns, Tensor x, Tensor offset, Tensor? mask, int first,
        int pixels) {
        int width = DeformWidth(deform), run = deform.RunChannels, runs = deform.Conv.Channels / run;
        int vectors = run / width, lanes = Math.Max(Math.Min(SampleLanes, vectors), vectors / SampleVectors);
        gpu.Kernel(DeformSampleKernel, a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<float>, ArrayView<float>, ArrayView<float>,
            ArrayView<float>, DeformGeometry, int, int, int, int>(DeformSampleKernel))
            (checked(pixels * deform.Conv.Taps * runs * lanes), gpu.Floats(columns), gpu.Floats(x), gpu.Floats(offset), View(gpu, mask),
            deform, first, run, lanes, width);
    }

    private static void SlopesGpu(GpuDevice gpu, DeformGeometry deform, DeformInputs given, Tensor columns, Tensor? dOffset, Tensor? dMask,
        int first, int pixels) {
        int samples = pixels * deform.PixelSamples, together = SlopeThreads / SlopeLanes;
        gpu.Kernel(DeformSlopeKernel, a => a.LoadStreamKernel<ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>,
            ArrayView<float>, ArrayView<float>, DeformGeometry, int, int, int, int>(DeformSlopeKernel))
            (((samples + together - 1) / together, SlopeThreads), View(gpu, dOffset), View(gpu, dMask), gpu.Floats(columns),
            gpu.Floats(given.X!), gpu.Floats(given.Offset), View(gpu, given.Mask), deform, first, samples, deform.RunChannels,
            DeformWidth(deform));
    }

    /// <summary>Some threads share the channels of a tap that move together and meet the same weights, and take every so many vectors of
    /// them, or single ones.</summary>
    internal static void DeformSampleKernel(Index1D i, ArrayView<float> columns, ArrayView<float> x, ArrayView<float> offset,
        ArrayView<float> mask, DeformGeometry deform, int first, int run, int lanes, int width) {
        int row = i / lanes, runs = deform.Conv.Channels / run, place = row / runs, inPart = place / deform.Conv.Taps;
        int channel = (row - place * runs) * run, tap = place - inPart * deform.Conv.Taps, pixel = first + inPart;
        int sample = deform.Sample(pixel, channel, tap), to = deform.Column(inPart, channel, tap);
        DeformSpot spot = deform.Spot(pixel, tap, offset[2 * sample], offset[2 * sample + 1]);
        float scale = 1;
        if (mask.IntLength > 0) scale = mask[sample];
        if (spot.Corners == 0) scale = 0;   // not even a NaN of the mask shows
        float a = spot.UpperLeft * scale, b = spot.UpperRight * scale, c = spot.LowerLeft * scale, d = spot.LowerRight * scale;
        int corner = deform.Corner(pixel, spot) + channel, right = deform.Conv.Channels, below = deform.Conv.Width * right;
        if (width == 4) {
            ArrayView<Float4> to4 = columns.Cast<Float4>();
            for (int at = (i - row * lanes) * 4; at < run; at += lanes * 4) {
                FourCorners seen = FourCorners.Load(x, corner + at, right, below, spot.Corners);
                Float4 sum = default;
                Float4.MultiplyAdd(ref sum, a, seen.UpperLeft);
                Float4.MultiplyAdd(ref sum, b, seen.UpperRight);
                Float4.MultiplyAdd(ref sum, c, seen.LowerLeft);
                Float4.MultiplyAdd(ref sum, d, seen.LowerRight);
                to4[(to + at) >> 2] = sum;
            }
        } else {
            for (int at = i - row * lanes; at < run; at += lanes) {
                float sum = 0;
                if ((spot.Corners & 1) != 0) sum += a * x[corner + at];
                if ((spot.Corners & 2) != 0) sum += b * x[corner + at + right];
                if ((spot.Corners & 4) != 0) sum += c * x[corner + at + below];
                if ((spot.Corners & 8) != 0) sum += d * x[corner + at + below + right];
                columns[to + at] = sum;
            }
        }
    }

    /// <summary>The gradients of a sample's offsets and mask: some threads take every so many of its channels, the first of them adds what
    /// they found, in order.</summary>
    internal static void DeformSlopeKernel(ArrayView<float> dOffset, ArrayView<float> dMask, ArrayView<float> columns, ArrayView<float> x,
        ArrayView<float> offset, ArrayView<float> mask, DeformGeometry deform, int first, int samples, int run, int width) {
        ArrayView<Float4> found = SharedMemory.Allocate<Float4>(SlopeThreads);
        int thread = Group.IdxX, lane = thread % SlopeLanes, inPart = Grid.IdxX * (SlopeThreads / SlopeLanes) + thread / SlopeLanes;
        int sample = first * deform.PixelSamples + inPart, pixel = sample / deform.PixelSamples;
        int places = sample - pixel * deform.PixelSamples, moved = places / deform.Conv.Taps, tap = places - moved * deform.Conv.Taps;
        float down = 0, across = 0, value = 0;
        if (inPart < samples) {
            DeformSpot spot = deform.Spot(pixel, tap, offset[2 * sample], offset[2 * sample + 1]);
            int right = deform.Conv.Channels, below = deform.Conv.Width * right, pictured = deform.Corner(pixel, spot);
            float a = 0, b = 0, c = 0, d = 0;
            for (int part = 0; part < deform.OffsetChannels; part += run) {
                int channel = moved * deform.OffsetChannels + part, slopes = deform.Column(pixel - first, channel, tap);
                int corner = pictured + channel;
                if (width == 4) {
                    ArrayView<Float4> columns4 = columns.Cast<Float4>();
                    for (int at = lane * 4; at < run; at += SlopeLanes * 4) {
                        FourCorners seen = FourCorners.Load(x, corner + at, right, below, spot.Corners);
                        Float4 slope = columns4[(slopes + at) >> 2];
                        a += Float4.Dot(slope, seen.UpperLeft);
                        b += Float4.Dot(slope, seen.UpperRight);
                        c += Float4.Dot(slope, seen.LowerLeft);
                        d += Float4.Dot(slope, seen.LowerRight);
                    }
                } else {
                    for (int at = lane; at < run; at += SlopeLanes) {
                        float slope = columns[slopes + at];
                        if ((spot.Corners & 1) != 0) a += slope * x[corner + at];
                        if ((spot.Corners & 2) != 0) b += slope * x[corner + at + right];
                        if ((spot.Corners & 4) != 0) c += slope * x[corner + at + below];
                        if ((spot.Corners & 8) != 0) d += slope * x[corner + at + below + right];
                    }
                }
            }
            down = spot.SlopeDown(a, b, c, d);
            across = spot.SlopeAcross(a, b, c, d);
            value = spot.Between(a, b, c, d);
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
}
