namespace DenseEngine.Ops;

public static partial class Op {
    /// <summary>Transposed 2-D convolution: the input gradient of a convolution, used forwards to enlarge maps. Each input pixel adds
    /// <c>x[n, iy, ix, i] · weight[i, ky, kx, o]</c> to <c>y[n, iy·stride - padding + ky·dilation, …, o]</c>.</summary>
    /// <param name="x">[N, H, W, I].</param>
    /// <param name="weight">[I, KH, KW, O/groups]: PyTorch's [I, O/groups, KH, KW] with the channels moved to the end.</param>
    /// <param name="bias">[O], or none.</param>
    /// <param name="stride">Output pixels between inputs; 1 by default.</param>
    /// <param name="padding">Pixels cut off on each side.</param>
    /// <param name="outputPadding">Pixels added at the bottom and right, below stride or dilation.</param>
    /// <param name="dilation">Output pixels between taps; 1 by default.</param>
    /// <param name="groups">Groups of channels: outputs of one see the inputs of that one only.</param>
    /// <returns>[N, H', W', O] with H' = (H-1)·stride - 2·padding + dilation·(KH-1) + outputPadding + 1.</returns>
    /// <exception cref="ShapeException">Ranks, channels, groups or outputPadding do not fit, or nothing is left.</exception>
    public static Tensor ConvTranspose2d(Tensor x, Tensor weight, Tensor? bias = null, Pair? stride = null, Pair padding = default,
        Pair outputPadding = default, Pair? dilation = null, int groups = 1) {
        ConvGeometry conv = ConvGeometry.Transposed("ConvTranspose2d", x, weight, bias, stride ?? 1, padding, outputPadding, dilation ?? 1,
            groups);
        Tensor y = Conv2dInputGradient(conv, x, weight, bias);
        return RecordConv(y, x, weight, bias, (dy, input, kernel) => [
            kernel is null ? null : ConvOfGradient(conv, dy, kernel),
            input is null ? null : Conv2dWeightGradient(conv, dy, input),
            bias is { RequiresGrad: true } ? SumPixels(dy) : null,
        ]);
    }

    private static Tensor ConvOfGradient(ConvGeometry conv, Tensor dy, Tensor weight) {
        var dx = new Tensor(dy.Device, conv.OutputShape);
        Run(dy.Device, host => ConvHost.Forward(host, conv, dy, weight, null, dx),
            gpu => Conv2dGpu(gpu, conv, dy, weight, dx, Ending.None));
        return dx;
    }
}
