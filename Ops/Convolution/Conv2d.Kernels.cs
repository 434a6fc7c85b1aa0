using ILGPU;
using ILGPU.Runtime;

namespace DenseEngine.Ops;

public static partial class Op {
    /// <summary>Channels of a group below which a tile would be mostly empty: a thread then computes one value by itself.</summary>
    private const int FewChannels = 8;

    private static void Conv2dGpu(GpuDevice gpu, ConvGeometry conv, Tensor x, Tensor weight, Tensor? bias, Tensor y) {
        if (y.Count == 0) return;
        if (conv.Groups == 1 || conv.GroupOutputs >= FewChannels) {
            var to = new TileOutput(conv.OutputPixels, conv.GroupOutputs, conv.PatchSize, conv.Groups, 0, conv.OutputChannels,
                conv.GroupOutputs);
            TiledProduct(gpu, to, y, x, new PatchSide(conv), weight,
                new RowsSide(conv.GroupOutputs, conv.PatchSize, 0, conv.GroupOutputs * conv.PatchSize), bias);
            return;
        }
        gpu.Kernel(GroupConvKernel, a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<float>, ArrayView<float>, ArrayView<float>,
            ArrayView<float>, int, ConvGeometry>(GroupConvKernel))
            (y.Count, gpu.Floats(y), gpu.Floats(x), gpu.Floats(weight), bias is null ? default : gpu.Floats(bias), bias is null ? 0 : 1,
            conv);
    }

    private static void Conv2dInputGradientGpu(GpuDevice gpu, ConvGeometry conv, Tensor dy, Tensor weight, Tensor? bias, Tensor dx) {
        if (dx.Count == 0) return;
        if (conv.Groups == 1 || conv.GroupChannels >= FewChannels) {
            var to = new TileOutput(conv.Images * conv.Height * conv.Width, conv.GroupChannels, conv.Taps * conv.GroupOutputs, conv.Groups,
                0, conv.Channels, conv.GroupChannels);
            TiledProduct(gpu, to, dx, dy, new ReaderSide(conv), weight, new WeightSide(conv), bias);
            return;
        }
        gpu.Kernel(GroupConvInputGradientKernel, a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<float>, ArrayView<float>,
            ArrayView<float>, ArrayView<float>, int, ConvGeometry>(GroupConvInputGradientKernel))
            (dx.Count, gpu.Floats(dx), gpu.Floats(dy), gpu.Floats(weight), bias is null ? default : gpu.Floats(bias), bias is null ? 0 : 1,
            conv);
    }

    private static void Conv2dWeightGradientGpu(GpuDevice gpu, ConvGeometry conv, Tensor x, Tensor dy, Tensor dWeight) {
        if (dWeight.Count == 0) return;
        if (conv.Groups == 1 || conv.GroupOutputs >= FewChannels) {
            var to = new TileOutput(conv.GroupOutputs, conv.PatchSize, conv.OutputPixels, conv.Groups, 0, conv.PatchSize,
                conv.GroupOutputs * conv.PatchSize);
            TiledProduct(gpu, to, dWeight, dy, new ColumnsSide(conv.GroupOutputs, conv.OutputChannels, 0, conv.GroupOutputs), x,
                new PixelSide(conv));
            return;
        }
        int parts = (conv.OutputPixels + GroupConvPart - 1) / GroupConvPart;
        using var partial = new Tensor(gpu, [Math.Max(1, checked(parts * dWeight.Count))]);
        if (parts > 0) gpu.Kernel(GroupConvWeightGradientKernel, a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<float>,
            ArrayView<float>, ArrayView<float>, ConvGeometry>(GroupConvWeightGradientKernel))
            (parts * dWeight.Count, gpu.Floats(partial), gpu.Floats(x), gpu.Floats(dy), conv);
        SumPartsGpu(gpu, dWeight, partial, parts, dWeight.Count);
    }
}
