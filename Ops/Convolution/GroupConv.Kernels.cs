using ILGPU;

namespace DenseEngine.Ops;

/// <summary>Convolutions whose groups have few channels, depthwise ones above all: one value a thread, neighbouring threads at
/// neighbouring channels.</summary>
public static partial class Op {
    /// <summary>Output pixels that a thread adds up for a weight's gradient.</summary>
    private const int GroupConvPart = 256;

    internal static void GroupConvKernel(Index1D i, ArrayView<float> y, ArrayView<float> x, ArrayView<float> weight, ArrayView<float> bias,
        int hasBias, ConvGeometry conv) {
        int pixel = i / conv.OutputChannels, o = i - pixel * conv.OutputChannels;
        int line = pixel / conv.OutputWidth, ox = pixel - line * conv.OutputWidth;
        int image = line / conv.OutputHeight, oy = line - image * conv.OutputHeight;
        int inputs = conv.GroupChannels, first = o / conv.GroupOutputs * inputs, at = o * conv.PatchSize;
        float sum = 0;
        for (int ky = 0; ky < conv.KernelHeight; ky++) {
            int iy = conv.InputRow(oy, ky);
            for (int kx = 0; kx < conv.KernelWidth; kx++) {
                int ix = conv.InputColumn(ox, kx);
                if (iy >= 0 && iy < conv.Height && ix >= 0 && ix < conv.Width) {
                    int from = ((image * conv.Height + iy) * conv.Width + ix) * conv.Channels + first;
                    for (int c = 0; c < inputs; c++) sum += x[from + c] * weight[at + c];
                }
                at += inputs;
            }
        }
        if (hasBias != 0) sum += bias[o];
        y[i] = sum;
    }

    internal static void GroupConvInputGradientKernel(Index1D i, ArrayView<float> dx, ArrayView<float> dy, ArrayView<float> weight,
        ArrayView<float> bias, int hasBias, ConvGeometry conv) {
        int pixel = i / conv.Channels, c = i - pixel * conv.Channels;
        int line = pixel / conv.Width, ix = pixel - line * conv.Width;
        int image = line / conv.Height, iy = line - image * conv.Height;
        int inputs = conv.GroupChannels, outputs = conv.GroupOutputs, patch = conv.PatchSize, group = c / inputs;
        float sum = 0;
        for (int ky = 0; ky < conv.KernelHeight; ky++) {
            int y = iy + conv.PaddingY - ky * conv.DilationY, oy = y / conv.StrideY;
            if (y < 0 || oy * conv.StrideY != y || oy >= conv.OutputHeight) continue;
            for (int kx = 0; kx < conv.KernelWidth; kx++) {
                int x = ix + conv.PaddingX - kx * conv.DilationX, ox = x / conv.StrideX;
                if (x < 0 || ox * conv.StrideX != x || ox >= conv.OutputWidth) continue;
                int from = ((image * conv.OutputHeight + oy) * conv.OutputWidth + ox) * conv.OutputChannels + group * outputs;
                int at = group * outputs * patch + (ky * conv.KernelWidth + kx) * inputs + c - group * inputs;
                for (int o = 0; o < outputs; o++) sum += dy[from + o] * weight[at + o * patch];
            }
        }
        if (hasBias != 0) sum += bias[c];
        dx[i] = sum;
    }

    internal static void GroupConvWeightGradientKernel(Index1D i, ArrayView<float> partial, ArrayView<float> x, ArrayView<float> dy,
        ConvGeometry conv) {
        // Neighbouring threads take neighbouring output channels, which share their pixels.
        int patch = conv.PatchSize, weights = conv.OutputChannels * patch, part = i / weights, place = i - part * weights;
        int within = place / conv.OutputChannels, o = place - within * conv.OutputChannels, tap = within / conv.GroupChannels;
        int channel = o / conv.GroupOutputs * conv.GroupChannels + within - tap * conv.GroupChannels;
        int ky = tap / conv.KernelWidth, kx = tap - ky * conv.KernelWidth;
        int pixel = part * GroupConvPart, end = Math.Min(pixel + GroupConvPart, conv.OutputPixels);
        int line = pixel / conv.OutputWidth, ox = pixel - line * conv.OutputWidth;
        int image = line / conv.OutputHeight, oy = line - image * conv.OutputHeight;
        float sum = 0;
        for (; pixel < end; pixel++) {
            int iy = conv.InputRow(oy, ky), ix = conv.InputColumn(ox, kx);
            if (iy >= 0 && iy < conv.Height && ix >= 0 && ix < conv.Width)
                sum += dy[pixel * conv.OutputChannels + o] * x[((image * conv.Height + iy) * conv.Width + ix) * conv.Channels + channel];
            ox++;
            if (ox == conv.OutputWidth) {
                ox = 0;
                oy++;
                if (oy == conv.OutputHeight) {
                    oy = 0;
                    image++;
                }
            }
        }
        partial[part * weights + o * patch + within] = sum;
    }
}
