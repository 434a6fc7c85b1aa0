using ILGPU;
using ILGPU.Runtime;

namespace DenseEngine.Ops;

public static partial class Op {
    /// <summary>Output pixels, and output channels, of a tile; input values of a pixel that a step takes; threads, of 4 by 4 results
    /// each.</summary>
    internal const int ConvTile = 64, ConvStep = 16, ConvThreads = 256;

    /// <summary>Vectors between the lines of a tile in shared memory: one more than a line holds, so that a warp's stores spread over
    /// the banks.</summary>
    private const int ConvPitch = ConvTile / 4 + 1;

    private static void Conv2dGpu(GpuDevice gpu, ConvGeometry conv, Tensor x, Tensor weight, Tensor? bias, Tensor y) {
        if (y.Count == 0) return;
        ArrayView<float> start = bias is null ? default : gpu.Floats(bias);
        int hasBias = bias is null ? 0 : 1;
        if (conv.GroupChannels % 4 != 0 || conv.GroupOutputs % 4 != 0) {
            gpu.Kernel(Conv2dDirectKernel,
                a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, int,
                    ConvGeometry>(Conv2dDirectKernel))
                (y.Count, gpu.Floats(y), gpu.Floats(x), gpu.Floats(weight), start, hasBias, conv);
            return;
        }
        var grid = new Index2D((conv.OutputPixels + ConvTile - 1) / ConvTile, (conv.GroupOutputs + ConvTile - 1) / ConvTile * conv.Groups);
        gpu.Kernel(Conv2dTiledKernel,
            a => a.LoadStreamKernel<ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, int,
                ConvGeometry>(Conv2dTiledKernel))
            ((grid, new Index2D(ConvThreads, 1)), gpu.Floats(y), gpu.Floats(x), gpu.Floats(weight), start, hasBias, conv);
    }

    /// <summary>One output value a thread: for channels that do not come in fours.</summary>
    internal static void Conv2dDirectKernel(Index1D i, ArrayView<float> y, ArrayView<float> x, ArrayView<float> weight,
        ArrayView<float> bias,
        int hasBias, ConvGeometry conv) {
        int pixel = i / conv.OutputChannels, o = i - pixel * conv.OutputChannels;
        int line = pixel / conv.OutputWidth, ox = pixel - line * conv.OutputWidth;
        int image = line / conv.OutputHeight, oy = line - image * conv.OutputHeight;
        int inputs = conv.GroupChannels, firstChannel = o / conv.GroupOutputs * inputs, at = o * conv.PatchSize;
        float sum = hasBias != 0 ? bias[o] : 0;
        for (int ky = 0; ky < conv.KernelHeight; ky++) {
            int iy = conv.InputRow(oy, ky);
            for (int kx = 0; kx < conv.KernelWidth; kx++) {
                int ix = conv.InputColumn(ox, kx);
                if (iy >= 0 && iy < conv.Height && ix >= 0 && ix < conv.Width) {
                    int from = ((image * conv.Height + iy) * conv.Width + ix) * conv.Channels + firstChannel;
                    for (int c = 0; c < inputs; c++) sum += x[from + c] * weight[at + c];
                }
                at += inputs;
            }
        }
        y[i] = sum;
    }

    /// <summary>A product of patches and weights in tiles of 64 pixels by 64 channels: each step brings 16 values of every pixel's patch
    /// and
    /// of every channel's weights to shared memory, four to a thread; each thread then adds to its 4 by 4 results.</summary>
    internal static void Conv2dTiledKernel(ArrayView<float> y, ArrayView<float> x, ArrayView<float> weight, ArrayView<float> bias,
        int hasBias,
        ConvGeometry conv) {
        ArrayView<Float4> pixels = SharedMemory.Allocate<Float4>(ConvStep * ConvPitch),
            channels = SharedMemory.Allocate<Float4>(ConvStep * ConvPitch);
        ArrayView<float> pixelValues = pixels.Cast<float>(), channelValues = channels.Cast<float>();
        ArrayView<Float4> x4 = x.Cast<Float4>(), weight4 = weight.Cast<Float4>(), y4 = y.Cast<Float4>();
        int thread = Group.IdxX, row = thread / 4, quad = thread % 4;
        int inputs = conv.GroupChannels, outputs = conv.GroupOutputs, patch = conv.Taps * inputs;

        // What this thread brings: four neighbouring values of one pixel's patch and of one channel's weights.
        int tiles = (outputs + ConvTile - 1) / ConvTile, group = Grid.IdxY / tiles, firstOutput = (Grid.IdxY - group * tiles) * ConvTile;
        int pixel = Grid.IdxX * ConvTile + row, output = firstOutput + row;
        int line = pixel / conv.OutputWidth, ox = pixel - line * conv.OutputWidth, image = line / conv.OutputHeight,
            oy = line - image * conv.OutputHeight;
        int weightStart = (group * outputs + output) * patch;
        int channel = quad * 4, ky = 0, kx = 0;   // where in the patch

        // What it computes: pixels 4·down to 4·down + 3, channels 4·across to 4·across + 3 of the tile.
        int down = thread / 16, across = thread % 16;
        Float4 c0 = default, c1 = default, c2 = default, c3 = default;
        for (int step = 0; step < patch; step += ConvStep) {
            int k = step + quad * 4;
            while (channel >= inputs) {
                channel -= inputs;
                kx++;
                if (kx == conv.KernelWidth) {
                    kx = 0;
                    ky++;
                }
            }
            int iy = conv.InputRow(oy, ky), ix = conv.InputColumn(ox, kx);
            Float4 input = default, factor = default;
            if (pixel < conv.OutputPixels && k < patch && iy >= 0 && iy < conv.Height && ix >= 0 && ix < conv.Width)
                input = x4[(((image * conv.Height + iy) * conv.Width + ix) * conv.Channels + group * inputs + channel) / 4];
            if (output < outputs && k < patch) factor = weight4[(weightStart + k) / 4];
            Scatter(pixelValues, 4 * quad * 4 * ConvPitch + row, input);
            Scatter(channelValues, 4 * quad * 4 * ConvPitch + row, factor);
            Group.Barrier();
            for (int i = 0; i < ConvStep; i += 4) {
                AddProducts(ref c0, ref c1, ref c2, ref c3, pixels[i * ConvPitch + down], channels[i * ConvPitch + across]);
                AddProducts(ref c0, ref c1, ref c2, ref c3, pixels[(i + 1) * ConvPitch + down], channels[(i + 1) * ConvPitch + across]);
                AddProducts(ref c0, ref c1, ref c2, ref c3, pixels[(i + 2) * ConvPitch + down], channels[(i + 2) * ConvPitch + across]);
                AddProducts(ref c0, ref c1, ref c2, ref c3, pixels[(i + 3) * ConvPitch + down], channels[(i + 3) * ConvPitch + across]);
            }
            Group.Barrier();
            channel += ConvStep;
        }

        int column = group * outputs + firstOutput + 4 * across, first = Grid.IdxX * ConvTile + 4 * down;
        if (firstOutput + 4 * across >= outputs) return;
        Float4 start = default;
        if (hasBias != 0) start = bias.Cast<Float4>()[column / 4];
        StoreResults(y4, first, column, conv, c0, start);
        StoreResults(y4, first + 1, column, conv, c1, start);
        StoreResults(y4, first + 2, column, conv, c2, start);
        StoreResults(y4, first + 3, column, conv, c3, start);
    }

    /// <summary>Four values of one patch go to four lines of the tile, so that a line holds the same place of all patches.</summary>
    private static void Scatter(ArrayView<float> tile, int at, Float4 values) {
        tile[at] = values.X;
        tile[at + 4 * ConvPitch] = values.Y;
        tile[at + 8 * ConvPitch] = values.Z;
        tile[at + 12 * ConvPitch] = values.W;
    }

    private static void AddProducts(ref Float4 c0, ref Float4 c1, ref Float4 c2, ref Float4 c3, Float4 pixels, Float4 channels) {
        Float4.MultiplyAdd(ref c0, pixels.X, channels);
        Float4.MultiplyAdd(ref c1, pixels.Y, channels);
        Float4.MultiplyAdd(ref c2, pixels.Z, channels);
        Float4.MultiplyAdd(ref c3, pixels.W, channels);
    }

    private static void StoreResults(ArrayView<Float4> y, int pixel, int column, ConvGeometry conv, Float4 sum, Float4 start) {
        if (pixel >= conv.OutputPixels) return;
        sum.X += start.X;
        sum.Y += start.Y;
        sum.Z += start.Z;
        sum.W += start.W;
        y[(pixel * conv.OutputChannels + column) / 4] = sum;
    }
}
