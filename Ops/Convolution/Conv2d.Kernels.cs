namespace DenseEngine.Ops;

/// <summary>Convolutions on the device: products in tiles; those of groups with few channels by kernels of their own.</summary>
public static partial class Op {
    /// <summary>Channels of a group below which a tile would be mostly empty.</summary>
    private const int FewChannels = 8;

    private static void Conv2dGpu(GpuDevice gpu, ConvGeometry conv, Tensor x, Tensor weight, Tensor y, Ending ending) {
        if (y.Count == 0) return;
        if (conv.Groups > 1 && conv.GroupOutputs < FewChannels) {
            GroupConvGpu<DepthwisePass, GroupPass>(gpu, y, x, weight, ending, conv);
            return;
        }
        if (WinogradChoice.Takes(gpu, conv, WinogradMap.Forward(conv))) {
            WinogradForward(gpu, conv, x, weight, y, ending);
            return;
        }
        var to = new TileOutput(conv.OutputPixels, conv.GroupOutputs, conv.PatchSize, conv.Groups, 0, conv.OutputChannels,
            conv.GroupOutputs);
        TiledProduct(gpu, to, y, x, new TapSide(conv), weight,
            new RowsSide(conv.GroupOutputs, conv.PatchSize, 0, conv.GroupOutputs * conv.PatchSize), ending);
    }

    /// <summary>dx from dy, and what follows: pixels a stride apart see the same taps, and are a product of their own.</summary>
    private static void Conv2dInputGradientGpu(GpuDevice gpu, ConvGeometry conv, Tensor dy, Tensor weight, Tensor? bias, Tensor dx) {
        if (dx.Count == 0) return;
        var ending = new Ending(bias);
        if (conv.Groups > 1 && conv.GroupChannels < FewChannels) {
            GroupConvGpu<DepthwiseInputPass, GroupInputPass>(gpu, dx, dy, weight, ending, conv);
            return;
        }
        if (WinogradChoice.Takes(gpu, conv, WinogradMap.Back(conv))) {
            WinogradInputGradient(gpu, conv, dy, weight, dx, ending);
            return;
        }
        for (int top = 0; top < Math.Min(conv.StrideY, conv.Height); top++) {
            for (int left = 0; left < Math.Min(conv.StrideX, conv.Width); left++) {
                var phase = ConvPhase.Of(conv, top, left);
                TiledProduct(gpu, PhaseOutput(conv, phase, top, left), dx, dy, new TapSide(conv, phase), weight,
                    new WeightSide(conv, phase), ending);
            }
        }
    }

    private static TileOutput PhaseOutput(ConvGeometry conv, ConvPhase phase, int top, int left) {
        int line = conv.Width * conv.Channels;
        bool apart = conv.StrideY > 1 || conv.StrideX > 1;
        return new(conv.Images * phase.Down.Count * phase.Across.Count, conv.GroupChannels, phase.Taps * conv.GroupOutputs, conv.Groups,
            top * line + left * conv.Channels, conv.StrideX * conv.Channels, conv.GroupChannels) {
            GridHeight = apart ? phase.Down.Count : 0,
            GridWidth = apart ? phase.Across.Count : 0,
            LinePitch = conv.StrideY * line,
            PicturePitch = conv.Height * line,
        };
    }

    private static void Conv2dWeightGradientGpu(GpuDevice gpu, ConvGeometry conv, Tensor x, Tensor dy, Tensor dWeight) {
        if (dWeight.Count == 0) return;
        if (conv.Groups > 1 && conv.GroupOutputs < FewChannels) {
            GroupConvWeightGradientGpu(gpu, conv, x, dy, dWeight);
            return;
        }
        if (WinogradChoice.Takes(gpu, conv, WinogradMap.Forward(conv))) {
            WinogradWeightGradient(gpu, conv, x, dy, dWeight);
            return;
        }
        var to = new TileOutput(conv.GroupOutputs, conv.PatchSize, conv.OutputPixels, conv.Groups, 0, conv.PatchSize,
            conv.GroupOutputs * conv.PatchSize);
        TiledProduct(gpu, to, dWeight, dy, new ColumnsSide(conv.GroupOutputs, conv.OutputChannels, 0, conv.GroupOutputs), x,
            new PixelSide(conv), Ending.None);
    }
}
