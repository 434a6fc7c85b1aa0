namespace DenseEngine.Ops;

public static partial class Op {
    /// <summary>A convolution and what commonly follows it: <c>y = relu(Conv2d(x, weight) · scale + shift + residual)</c>, by channel.
    /// While nothing is recorded it is one pass: the folded form of a batch norm in inference. (The host multiplies the scale into the
    /// weights, a GPU the results.) Else it is these operations one after the other.</summary>
    /// <param name="x">[N, H, W, C].</param>
    /// <param name="weight">[O, KH, KW, C/groups].</param>
    /// <param name="scale">[O].</param>
    /// <param name="shift">[O].</param>
    /// <param name="residual">[N, H', W', O], or null.</param>
    /// <param name="relu">Whether a ReLU ends it.</param>
    /// <param name="stride">Input pixels between outputs; 1 by default.</param>
    /// <param name="padding">Zeros on each side.</param>
    /// <param name="dilation">Input pixels between taps; 1 by default.</param>
    /// <param name="groups">Groups of channels.</param>
    /// <returns>[N, H', W', O], as <see cref="Conv2d"/>.</returns>
    /// <exception cref="ShapeException">Sizes do not fit.</exception>
    public static unsafe Tensor ConvAffine(Tensor x, Tensor weight, Tensor scale, Tensor shift, Tensor? residual = null, bool relu = false,
        Pair? stride = null, Pair padding = default, Pair? dilation = null, int groups = 1) {
        const string name = nameof(ConvAffine);
        ConvGeometry conv = ConvGeometry.Of(name, x, weight, null, stride ?? 1, padding, dilation ?? 1, groups);
        Check.Shape(name, "scale", scale, [conv.OutputChannels]);
        Check.Shape(name, "shift", shift, [conv.OutputChannels]);
        if (residual is not null) Check.Shape(name, "residual", residual, conv.OutputShape);
        Device device = Check.SameDevice(name, x, weight, scale, shift, residual);
        if (NoGrad.IsRecording || (device is HostDevice && conv.IsDepthwise)) {
            using var scope = new TensorScope();
            Tensor sum = Conv2d(x, weight, null, stride, padding, dilation, groups) * scale + shift;
            if (residual is not null) sum += residual;
            return scope.Keep(relu ? Relu(sum) : sum);
        }
        var y = new Tensor(device, conv.OutputShape);
        Run(device, (conv, x, weight, scale, shift, residual, relu, y),
            static (host, a) => ConvHost.Forward(host, a.conv, a.x, a.weight, a.shift, a.y, scale: a.scale,
                ending: GemmEnding.Of(a.y.Pointer, a.residual is null ? null : a.residual.Pointer, a.relu)),
            static (gpu, a) => Conv2dGpu(gpu, a.conv, a.x, a.weight, a.y, new Ending(a.shift, a.scale, a.residual, a.relu)));
        return y;
    }
}
