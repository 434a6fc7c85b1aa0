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

    /// <summary>Whether the convolution is to be computed so. It looks at one picture, so that a batch has the same bits as its pictures
    /// alone.</summary>
    public static bool Forward(HostDevice host, in ConvGeometry conv, ConvMethod method) =>
        Takes(host, conv, WinogradMap.Forward(conv), method, Kept, Tiles(conv.Channels, conv.OutputChannels));

    /// <summary>Whether its input's gradient is.</summary>
    public static bool InputGradient(HostDevice host, in ConvGeometry conv, ConvMethod method) =>
        Takes(host, conv, WinogradMap.Back(conv), method, Once / Math.Max(1, conv.Images), Tiles(conv.OutputChannels, conv.Channels));

    /// <summary>Whether its weight's gradient is.</summary>
    public static bool WeightGradient(HostDevice host, in ConvGeometry conv, ConvMethod method) =>
        Takes(host, conv, WinogradMap.Forward(conv), method, Back / Math.Max(1, conv.Images),
            Window / Gemm.Align(conv.OutputChannels) + Tile / Gemm.Align(conv.Channels));

    private static double Tiles(int inputs, int outputs) =>
        Window * Gemm.Align(inputs) / inputs / Gemm.Align(outputs) + Tile / inputs;

    private static bool Takes(HostDevice host, in ConvGeometry conv, WinogradMap map, ConvMethod method, double weight, double tiles) {
        bool possible = conv is { KernelHeight: 3, KernelWidth: 3, StrideY: 1, StrideX: 1, DilationY: 1, DilationX: 1, Groups: 1 }
            && conv is { PaddingY: <= 2, PaddingX: <= 2, Channels: > 0, OutputChannels: > 0 };
        if (!possible || method == ConvMethod.Product) return false;
        if (method == ConvMethod.Winograd) return true;
        double products = WinogradTransforms.Points * (double)map.TileLines * map.TileColumns * (1 + tiles);
        return !host.Exact && products + weight < Advantage * 9 * map.OutputHeight * map.OutputWidth;
    }
}
