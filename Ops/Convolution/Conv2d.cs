namespace DenseEngine.Ops;

public static partial class Op {
    /// <summary>2-D convolution (cross-correlation, as in PyTorch): <c>y[n, oy, ox, o] = bias[o] +
    /// Σ x[n, oy·stride - padding + ky·dilation, …, c] · weight[o, ky, kx, c]</c>, zero outside <paramref name="x"/>.</summary>
    /// <param name="x">[N, H, W, C].</param>
    /// <param name="weight">[O, KH, KW, C/groups]: PyTorch's [O, C/groups, KH, KW] with the channels moved to the end.</param>
    /// <param name="bias">[O], or none.</param>
    /// <param name="stride">Input pixels between outputs; 1 by default.</param>
    /// <param name="padding">Zeros on each side.</param>
    /// <param name="dilation">Input pixels between taps; 1 by default.</param>
    /// <param name="groups">Groups of channels: outputs of one see the inputs of that one only.</param>
    /// <returns>[N, H', W', O] with H' = (H + 2·padding - dilation·(KH-1) - 1) / stride + 1, rounded down.</returns>
    /// <exception cref="ShapeException">Ranks, channels or groups do not fit, or the window is larger than the padded input.</exception>
    public static Tensor Conv2d(Tensor x, Tensor weight, Tensor? bias = null, Pair? stride = null, Pair padding = default,
        Pair? dilation = null, int groups = 1) {
        ConvGeometry conv = ConvGeometry.Of("Conv2d", x, weight, bias, stride ?? 1, padding, dilation ?? 1, groups);
        var y = new Tensor(x.Device, conv.OutputShape);
        Run(x.Device, (conv, x, weight, bias, y), static (host, a) => ConvHost.Forward(host, a.conv, a.x, a.weight, a.bias, a.y),
            static (gpu, a) => Conv2dGpu(gpu, a.conv, a.x, a.weight, a.y, new Ending(a.bias)));
        return Tape.Wants(x, weight, bias) ? RecordConv2d(conv, y, x, weight, bias) : y;
    }

    private static Tensor RecordConv2d(ConvGeometry conv, Tensor y, Tensor x, Tensor weight, Tensor? bias) =>
        RecordConv(y, x, weight, bias, (dy, input, kernel) => [
            kernel is null ? null : Conv2dInputGradient(conv, dy, kernel, null),
            input is null ? null : Conv2dWeightGradient(conv, input, dy),
            bias is { RequiresGrad: true } ? SumPixels(dy) : null,
        ]);

    /// <summary>Records a convolution of either direction; saves the input only for the weight's gradient, and the weight for the
    /// input's.</summary>
    private static Tensor RecordConv(Tensor y, Tensor x, Tensor weight, Tensor? bias, Func<Tensor, Tensor?, Tensor?, Tensor?[]> gradient) {
        Tensor[] kept = (x.RequiresGrad, weight.RequiresGrad) switch {
            (true, true) => [weight, x],
            (true, false) => [weight],
            (false, true) => [x],
            _ => [],
        };
        return Tape.Record(y, [x, weight, bias], kept,
            (dy, saved) => gradient(dy, saved.Needs(1) ? saved[saved.Needs(0) ? 1 : 0] : null, saved.Needs(0) ? saved[0] : null));
    }

    /// <summary>The gradient of the input; with a bias, the transposed convolution.</summary>
    private static Tensor Conv2dInputGradient(ConvGeometry conv, Tensor dy, Tensor weight, Tensor? bias) {
        var dx = new Tensor(dy.Device, conv.InputShape);
        Run(dy.Device, host => ConvHost.InputGradient(host, conv, dy, weight, bias, dx),
            gpu => Conv2dInputGradientGpu(gpu, conv, dy, weight, bias, dx));
        return dx;
    }

    private static Tensor Conv2dWeightGradient(ConvGeometry conv, Tensor x, Tensor dy) {
        var dWeight = new Tensor(x.Device, [conv.OutputChannels, conv.KernelHeight, conv.KernelWidth, conv.GroupChannels]);
        Run(x.Device, host => ConvHost.WeightGradient(host, conv, x, dy, dWeight),
            gpu => Conv2dWeightGradientGpu(gpu, conv, x, dy, dWeight));
        return dWeight;
    }

    /// <summary>The gradient of a bias along the last axis.</summary>
    private static unsafe Tensor SumPixels(Tensor dy) {
        int channels = dy.Shape[^1], pixels = channels == 0 ? 0 : dy.Count / channels;
        var sum = new Tensor(dy.Device, [channels]);
        Run(dy.Device, host => GemmOuter.SumRows(host, dy.Pointer, pixels, channels, sum.Pointer),
            gpu => ReduceGpu(gpu, sum, dy, new ReductionGeometry([pixels, channels], [true, false]), new SumReduction()));
        return sum;
    }
}
