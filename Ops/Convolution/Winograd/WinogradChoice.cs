namespace DenseEngine.Ops;

/// <summary>Whether Winograd's transforms pay. The rule counts multiply-adds of a picture, for each pair of an input and an output: those
/// of the products, what the transforms of tiles weigh (the less, the more channels there are on the other side) and what the transform of
/// a weight weighs, against those of the direct sum. The constants are fitted to measurements of 3×3 to 200×336 pixels and 3 to 512
/// channels.</summary>
internal static class WinogradChoice {
    /// <summary>What transforming 16 channels of a window or of a tile weighs.</summary>
    private const double Window = 7, Tile = 6;

    /// <summary>The share of the direct sum's time that its multiply-adds take of Winograd's rate.</summary>
    private const double Advantage = 0.85;

    /// <summary>What the transform of a weight weighs: in the convolution itself less than measured, as inference keeps it; a gradient of
    /// the input has to bear it; the weight's gradient is transformed back.</summary>
    private const double Kept = 250, Once = 1100, Back = 250;

    /// <summary>Whether the convolution is to be computed so. It looks at one picture, so that on the host a batch has the same bits as
    /// its pictures alone.</summary>
    public static bool Forward(HostDevice host, in ConvGeometry conv, ConvMethod method) =>
        Takes(host, conv, WinogradMap.Forward(conv), method, Kept, Tiles(conv.Channels, conv.OutputChannels));

    /// <summary>Whether its input's gradient is.</summary>
    public static bool InputGradient(HostDevice host, in ConvGeometry conv, ConvMethod method) =>
        Takes(host, conv, WinogradMap.Back(conv), method, Once / Math.Max(1, conv.Images), Tiles(conv.OutputChannels, conv.Channels));

    /// <summary>Whether its weight's gradient is.</summary>
    public static bool WeightGradient(HostDevice host, in ConvGeometry conv, ConvMethod method) =>
        Takes(host, conv, WinogradMap.Forward(conv), method, Back / Math.Max(1, conv.Images),
            Window / Gemm.Align(conv.OutputChannels) + Tile / Gemm.Align(conv.Channels));

    /// <summary>What moving a number of each transformed window and tile to memory and back weighs on a device, in multiply-adds: 36
    /// points, written and read, 4 bytes each, at 4.3 TB/s, beside products at 50 TFLOP/s. What a pair's transformed weight weighs at
    /// most. Both are an H200's, reckoned, not measured on a card.</summary>
    private const double Moved = 36 * 2 * 4 * (50.0 / 2 / 4.3), Loaded = 1000;

    /// <summary>Whether a device computes a convolution or one of its gradients so, given the maps it goes between: where products of 36
    /// numbers for each tile, and what moves, are less than 144. Never below single precision: the
    /// transforms would lose too much.</summary>
    public static bool Takes(GpuDevice gpu, in ConvGeometry conv, WinogradMap map) {
        ConvMethod method = ConvForce.Method;
        if (!IsPossible(conv) || conv.Channels % 4 != 0 || conv.OutputChannels % 4 != 0 || map.Tiles == 0) return false;
        if (method != ConvMethod.Faster) return method == ConvMethod.Winograd;
        double moved = Moved / conv.Channels + Moved / conv.OutputChannels;
        return !gpu.Exact && gpu.Precision == Precision.Float32
            && map.TileLines * map.TileColumns * (WinogradTransforms.Points + moved) + Loaded
                < Advantage * 9 * map.OutputHeight * map.OutputWidth;
    }

    private static double Tiles(int inputs, int outputs) =>
        Window * Gemm.Align(inputs) / inputs / Gemm.Align(outputs) + Tile / inputs;

    private static bool Takes(HostDevice host, in ConvGeometry conv, WinogradMap map, ConvMethod method, double weight, double tiles) {
        if (!IsPossible(conv) || method == ConvMethod.Product) return false;
        if (method == ConvMethod.Winograd) return true;
        double products = WinogradTransforms.Points * (double)map.TileLines * map.TileColumns * (1 + tiles);
        return !host.Exact && products + weight < Advantage * 9 * map.OutputHeight * map.OutputWidth;
    }

    private static bool IsPossible(in ConvGeometry conv) =>
        conv is { KernelHeight: 3, KernelWidth: 3, StrideY: 1, StrideX: 1, DilationY: 1, DilationX: 1, Groups: 1 }
            && conv is { PaddingY: <= 2, PaddingX: <= 2, Channels: > 0, OutputChannels: > 0 };
}
