using ILGPU;
using ILGPU.Runtime;

namespace DenseEngine.Ops;

/// <summary>Convolutions whose groups have few channels, depthwise ones above all: a thread computes four neighbouring channels of a pixel
/// where they read or share the same four, or else one; neighbouring threads take neighbouring channels.</summary>
public static partial class Op {
    /// <summary>Output pixels that a thread adds up for a weight's gradient.</summary>
    private const int GroupConvPart = 256;

    /// <summary>Whether each channel is a group of its own, and four make a vector.</summary>
    private static bool IsDepthwiseByFours(in ConvGeometry conv) => conv.IsDepthwise && conv.Channels % 4 == 0;

    /// <summary>Channels that a thread takes of groups that are no single channels.</summary>
    private static int GroupWidth(in ConvGeometry conv) => conv.GroupChannels % 4 == 0 && conv.GroupOutputs % 4 == 0 ? 4 : 1;

    private static void GroupConvGpu<TDepthwise, TGroup>(GpuDevice gpu, Tensor y, Tensor x, Tensor weight, Ending ending,
        ConvGeometry conv) where TDepthwise : unmanaged, IWindowPass where TGroup : unmanaged, IWindowPass {
        if (!IsDepthwiseByFours(conv)) {
            WindowsGpu<TGroup>(gpu, y, x, weight, ending, conv, GroupWidth(conv));
            return;
        }
        using var byTap = new Tensor(gpu, [weight.Count]);
        gpu.Kernel(WeightByTapKernel,
            a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<float>, ArrayView<float>, int, int>(WeightByTapKernel))
            (weight.Count / 4, gpu.Floats(byTap), gpu.Floats(weight), conv.Channels, conv.Taps);
        WindowsGpu<TDepthwise>(gpu, y, x, byTap, ending, conv, 4);
    }

    private static void WindowsGpu<TPass>(GpuDevice gpu, Tensor y, Tensor x, Tensor weight, Ending ending, ConvGeometry conv, int width)
        where TPass : unmanaged, IWindowPass =>
        gpu.Kernel(WindowKernel<TPass>, a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<float>, ArrayView<float>,
            ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, TileEnding, ConvGeometry, int>(WindowKernel<TPass>))
            (y.Count / width, gpu.Floats(y), gpu.Floats(x), gpu.Floats(weight), View(gpu, ending.Shift), View(gpu, ending.Scale),
            View(gpu, ending.Added), ending.Steps, conv, width);

    private static void GroupConvWeightGradientGpu(GpuDevice gpu, ConvGeometry conv, Tensor x, Tensor dy, Tensor dWeight) {
        int parts = (conv.OutputPixels + GroupConvPart - 1) / GroupConvPart, count = dWeight.Count, width = GroupWidth(conv);
        using var partial = new Tensor(gpu, [Math.Max(1, checked(parts * count))]);
        if (!IsDepthwiseByFours(conv)) {
            if (parts > 0) gpu.Kernel(GroupConvWeightGradientKernel, a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<float>,
                ArrayView<float>, ArrayView<float>, ConvGeometry, int>(GroupConvWeightGradientKernel))
                (parts * count / (width * width), gpu.Floats(partial), gpu.Floats(x), gpu.Floats(dy), conv, width);
            SumPartsGpu(gpu, dWeight, partial, parts, count);
            return;
        }
        if (parts > 0) gpu.Kernel(DepthwiseWeightGradientKernel, a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<float>,
            ArrayView<float>, ArrayView<float>, ConvGeometry>(DepthwiseWeightGradientKernel))
            (parts * count / 4, gpu.Floats(partial), gpu.Floats(x), gpu.Floats(dy), conv);
        gpu.Kernel(DepthwiseWeightSumKernel, a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<float>, ArrayView<float>, int, int,
            int>(DepthwiseWeightSumKernel))
            (count / 4, gpu.Floats(dWeight), gpu.Floats(partial), parts, conv.Channels, conv.Taps);
    }

    /// <summary>A depthwise weight from [channels, taps] to [taps, channels].</summary>
    internal static void WeightByTapKernel(Index1D i, ArrayView<float> byTap, ArrayView<float> weight, int channels, int taps) {
        int tap = 4 * i / channels, at = (4 * i - tap * channels) * taps + tap;
        byTap.Cast<Float4>()[i] = Float4.Of(weight[at], weight[at + taps], weight[at + 2 * taps], weight[at + 3 * taps]);
    }

    /// <summary>Four channels' results, or one, of a pixel, and what follows.</summary>
    internal static void WindowKernel<TPass>(Index1D i, ArrayView<float> y, ArrayView<float> x, ArrayView<float> weight,
        ArrayView<float> shift, ArrayView<float> scale, ArrayView<float> added, TileEnding ending, ConvGeometry conv, int width)
        where TPass : unmanaged, IWindowPass {
        int lanes = TPass.Channels(conv) / width, pixel = i / lanes, channel = (i - pixel * lanes) * width;
        int columns = TPass.Columns(conv), line = pixel / columns, image = line / TPass.Lines(conv);
        Float4 sum = TPass.Sum(x, weight, conv, image, line - image * TPass.Lines(conv), pixel - line * columns, channel, width);
        ending.Apply(ref sum, shift, scale, added, channel, i * width, width, width >> 2);
        sum.Store(y, i * width, width, width >> 2);
    }

    /// <summary>Some pixels' share of the gradients of a weight, or of the four by four between as many outputs and inputs.</summary>
    internal static void GroupConvWeightGradientKernel(Index1D i, ArrayView<float> partial, ArrayView<float> x, ArrayView<float> dy,
        ConvGeometry conv, int width) {
        // Neighbouring threads take neighbouring output channels, which share their pixels.
        int lanes = conv.OutputChannels / width, within = i / lanes, o = (i - within * lanes) * width;
        int places = conv.PatchSize / width, part = within / places, place = (within - part * places) * width;
        int tap = place / conv.GroupChannels, channel = o / conv.GroupOutputs * conv.GroupChannels + place - tap * conv.GroupChannels;
        int ky = tap / conv.KernelWidth, kx = tap - ky * conv.KernelWidth, to = (part * conv.OutputChannels + o) * conv.PatchSize + place;
        int pixel = part * GroupConvPart, end = Math.Min(pixel + GroupConvPart, conv.OutputPixels);
        int line = pixel / conv.OutputWidth, ox = pixel - line * conv.OutputWidth;
        int image = line / conv.OutputHeight, oy = line - image * conv.OutputHeight;
        ArrayView<Float4> x4 = x.Cast<Float4>(), dy4 = dy.Cast<Float4>(), partial4 = partial.Cast<Float4>();
        float sum = 0;
        Float4 first = default, second = default, third = default, fourth = default;
        for (; pixel < end; pixel++) {
            int from = InputPlace(conv, image, conv.InputRow(oy, ky), conv.InputColumn(ox, kx)) + channel, slope = pixel
                * conv.OutputChannels + o;
            if (from >= channel) {
                if (width == 1) {
                    sum += dy[slope] * x[from];
                } else {
                    Float4 values = x4[from >> 2], slopes = dy4[slope >> 2];
                    Float4.MultiplyAdd(ref first, slopes.X, values);
                    Float4.MultiplyAdd(ref second, slopes.Y, values);
                    Float4.MultiplyAdd(ref third, slopes.Z, values);
                    Float4.MultiplyAdd(ref fourth, slopes.W, values);
                }
            }
            NextPixel(ref image, ref oy, ref ox, conv);
        }
        if (width == 1) {
            partial[to] = sum;
            return;
        }
        partial4[to >> 2] = first;
        partial4[(to + conv.PatchSize) >> 2] = second;
        partial4[(to + 2 * conv.PatchSize) >> 2] = third;
        partial4[(to + 3 * conv.PatchSize) >> 2] = fourth;
    }

    /// <summary>Some pixels' share of the gradients of four channels' weights at a tap.</summary>
    internal static void DepthwiseWeightGradientKernel(Index1D i, ArrayView<float> partial, ArrayView<float> x, ArrayView<float> dy,
        ConvGeometry conv) {
        int lanes = conv.Channels >> 2, within = i / lanes, channel = (i - within * lanes) * 4, part = within / conv.Taps;
        int tap = within - part * conv.Taps, ky = tap / conv.KernelWidth, kx = tap - ky * conv.KernelWidth;
        int pixel = part * GroupConvPart, end = Math.Min(pixel + GroupConvPart, conv.OutputPixels);
        int line = pixel / conv.OutputWidth, ox = pixel - line * conv.OutputWidth;
        int image = line / conv.OutputHeight, oy = line - image * conv.OutputHeight;
        ArrayView<Float4> x4 = x.Cast<Float4>(), dy4 = dy.Cast<Float4>();
        Float4 sum = default;
        for (; pixel < end; pixel++) {
            int from = InputPlace(conv, image, conv.InputRow(oy, ky), conv.InputColumn(ox, kx)) + channel;
            if (from >= channel) Float4.MultiplyAdd(ref sum, dy4[(pixel * conv.Channels + channel) >> 2], x4[from >> 2]);
            NextPixel(ref image, ref oy, ref ox, conv);
        }
        partial.Cast<Float4>()[i] = sum;
    }

    /// <summary>The sum of parts in order, from [taps, channels] to [channels, taps].</summary>
    internal static void DepthwiseWeightSumKernel(Index1D i, ArrayView<float> dWeight, ArrayView<float> partial, int parts, int channels,
        int taps) {
        int tap = 4 * i / channels, at = (4 * i - tap * channels) * taps + tap, stride = channels * taps >> 2;
        ArrayView<Float4> partial4 = partial.Cast<Float4>();
        Float4 sum = default;
        for (int part = 0; part < parts; part++) Float4.MultiplyAdd(ref sum, 1, partial4[part * stride + i]);
        dWeight[at] = sum.X;
        dWeight[at + taps] = sum.Y;
        dWeight[at + 2 * taps] = sum.Z;
        dWeight[at + 3 * taps] = sum.W;
    }

    /// <summary>Where an input pixel begins; below -channels if it lies outside.</summary>
    private static int InputPlace(ConvGeometry conv, int image, int iy, int ix) {
        int place = int.MinValue;
        if (iy >= 0 && iy < conv.Height && ix >= 0 && ix < conv.Width)
            place = ((image * conv.Height + iy) * conv.Width + ix) * conv.Channels;
        return place;
    }

    private static void NextPixel(ref int image, ref int oy, ref int ox, ConvGeometry conv) {
        ox++;
        if (ox < conv.OutputWidth) return;
        ox = 0;
        oy++;
        if (oy < conv.OutputHeight) return;
        oy = 0;
        image++;
    }
}
