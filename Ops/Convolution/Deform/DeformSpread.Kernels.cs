using ILGPU;
using ILGPU.Runtime;

namespace DenseEngine.Ops;

/// <summary>The input's gradient of deformable convolutions on the device, without atomic additions of floats.</summary>
public static partial class Op {
    /// <summary>The samples of all pictures in the order of the cells between four pixels that they lie in; a pixel then gathers from the
    /// four cells around it.</summary>
    /// <param name="Shares">What each corner gets of a sample.</param>
    /// <param name="Places">Where its column begins.</param>
    /// <param name="Starts">The first sample of each cell, and of one more.</param>
    private sealed record DeformOrder(Tensor Shares, Tensor Places, Tensor Starts) : IDisposable {
        public void Dispose() {
            Shares.Dispose();
            Places.Dispose();
            Starts.Dispose();
        }
    }

    private static DeformOrder OrderSamples(GpuDevice gpu, DeformGeometry deform, DeformInputs given) {
        int samples = deform.Samples, cells = checked(deform.Conv.Images * deform.ImageCells);
        var order = new DeformOrder(new(gpu, [4 * samples]), new(gpu, [samples], DType.Int32), new(gpu, [cells + 1], DType.Int32));
        using Tensor sorted = SortKeys(gpu, samples);
        ArrayView<ulong> keys = gpu.Integers(sorted).Cast<ulong>();
        gpu.Kernel(DeformCellKernel, a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<ulong>, ArrayView<float>, DeformGeometry>(
            DeformCellKernel))(keys.IntLength, keys, gpu.Floats(given.Offset), deform);
        SortGpu(gpu, keys, keys.IntLength);
        gpu.Kernel(DeformStartKernel, a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<int>, ArrayView<ulong>>(DeformStartKernel))
            (cells + 1, gpu.Integers(order.Starts), keys);
        gpu.Kernel(DeformShareKernel, a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<float>, ArrayView<int>, ArrayView<ulong>,
            ArrayView<float>, ArrayView<float>, DeformGeometry>(DeformShareKernel))
            (samples, gpu.Floats(order.Shares), gpu.Integers(order.Places), keys, gpu.Floats(given.Offset), View(gpu, given.Mask), deform);
        return order;
    }

    private static void SpreadGpu(GpuDevice gpu, DeformGeometry deform, DeformOrder order, Tensor columns, Tensor dx, int first,
        int pixels) {
        ConvGeometry conv = deform.Conv;
        int picture = conv.OutputHeight * conv.OutputWidth, width = DeformWidth(deform);
        gpu.Kernel(DeformSpreadKernel, a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<float>, ArrayView<float>, ArrayView<int>,
            ArrayView<float>, ArrayView<int>, DeformGeometry, int, int>(DeformSpreadKernel))
            (pixels / picture * (conv.Height * conv.Width * conv.Channels / width), gpu.Floats(dx), gpu.Floats(columns),
            gpu.Integers(order.Places), gpu.Floats(order.Shares), gpu.Integers(order.Starts), deform, first / picture, width);
    }

    /// <summary>One key a thread: the cell that a sample lies in, then its number.</summary>
    internal static void DeformCellKernel(Index1D i, ArrayView<ulong> keys, ArrayView<float> offset, DeformGeometry deform) {
        ulong key = NoKey;
        if (i < deform.Samples) {
            int pixel = i / deform.PixelSamples, places = i - pixel * deform.PixelSamples, moved = places / deform.Conv.Taps;
            DeformSpot spot = deform.Spot(pixel, places - moved * deform.Conv.Taps, offset[2 * i], offset[2 * i + 1]);
            if (spot.Corners != 0) key = (ulong)(uint)deform.Cell(deform.Image(pixel), moved, spot.Y, spot.X) << 32 | (uint)i.X;
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

    /// <summary>The four corners' shares of a sample, and where its column begins, in the order of the keys.</summary>
    internal static void DeformShareKernel(Index1D i, ArrayView<float> shares, ArrayView<int> places, ArrayView<ulong> keys,
        ArrayView<float> offset, ArrayView<float> mask, DeformGeometry deform) {
        Float4 share = default;
        int place = 0;
        if (keys[i] != NoKey) {
            int sample = (int)(uint)keys[i], pixel = sample / deform.PixelSamples;
            int tap = (sample - pixel * deform.PixelSamples) % deform.Conv.Taps;
            DeformSpot spot = deform.Spot(pixel, tap, offset[2 * sample], offset[2 * sample + 1]);
            float scale = 1;
            if (mask.IntLength > 0) scale = mask[sample];
            share = Float4.Of(spot.UpperLeft * scale, spot.UpperRight * scale, spot.LowerLeft * scale, spot.LowerRight * scale);
            place = deform.Column(pixel, 0, tap);
        }
        shares.Cast<Float4>()[i] = share;
        places[i] = place;
    }

    /// <summary>Four channels of a pixel's gradient a thread, or one. Places of columns count from the first picture's: they may wrap
    /// round, their differences do not.</summary>
    internal static void DeformSpreadKernel(Index1D i, ArrayView<float> dx, ArrayView<float> columns, ArrayView<int> places,
        ArrayView<float> shares, ArrayView<int> starts, DeformGeometry deform, int firstImage, int width) {
        int lanes = deform.Conv.Channels / width, pixel = i / lanes, channel = (i - pixel * lanes) * width;
        int line = pixel / deform.Conv.Width, x = pixel - line * deform.Conv.Width, inPart = line / deform.Conv.Height;
        int image = firstImage + inPart, y = line - inPart * deform.Conv.Height, up = deform.Conv.Width + 1;
        int cell = deform.Cell(image, channel / deform.OffsetChannels, y, x);
        int column = deform.Column(-firstImage * deform.Conv.OutputHeight * deform.Conv.OutputWidth, channel, 0);
        Float4 sum = default;
        AddCell(ref sum, columns, places, shares, starts, cell, 0, column, width);
        AddCell(ref sum, columns, places, shares, starts, cell - 1, 1, column, width);
        AddCell(ref sum, columns, places, shares, starts, cell - up, 2, column, width);
        AddCell(ref sum, columns, places, shares, starts, cell - up - 1, 3, column, width);
        int start = firstImage * deform.Conv.Height * deform.Conv.Width * deform.Conv.Channels;
        sum.Store(dx, start + i * width, width, width >> 2);
    }

    /// <summary>Adds what the samples of a cell give to one of its corners.</summary>
    private static void AddCell(ref Float4 sum, ArrayView<float> columns, ArrayView<int> places, ArrayView<float> shares,
        ArrayView<int> starts, int cell, int corner, int column, int width) {
        int end = starts[cell + 1];
        if (width == 4) {
            ArrayView<Float4> columns4 = columns.Cast<Float4>();
            for (int at = starts[cell]; at < end; at++)
                Float4.MultiplyAdd(ref sum, shares[4 * at + corner], columns4[(places[at] + column) >> 2]);
        } else {
            for (int at = starts[cell]; at < end; at++) sum.X += shares[4 * at + corner] * columns[places[at] + column];
        }
    }
}
