namespace DenseEngine.Ops;

public static partial class Op {
    /// <summary>y = (x - μ)/√(σ² + ε)·weight + bias for each channel (Ioffe and Szegedy, 2015, algorithm 1). x is [..,C]; the statistics
    /// are over all other axes. In training μ and σ² (biased) are the batch's, and the running ones move towards them by
    /// <paramref name="momentum"/> (the variance towards the unbiased n/(n-1) one), in place. Otherwise the running ones are used. The
    /// weight and bias have gradients in both modes. If asked for, a ReLU follows in the same pass, and before it a sum.</summary>
    /// <param name="x">[..,C], rank 2 or more.</param>
    /// <param name="weight">[C], or null for 1.</param>
    /// <param name="bias">[C], or null for 0.</param>
    /// <param name="runningMean">[C].</param>
    /// <param name="runningVariance">[C].</param>
    /// <param name="training">Whether the batch's own statistics are used.</param>
    /// <param name="momentum">The share of the new statistics.</param>
    /// <param name="eps">ε.</param>
    /// <param name="relu">Whether a ReLU follows; its gradient at 0 is 0.</param>
    /// <param name="residual">Of x's shape: what is added before the ReLU; or null.</param>
    /// <exception cref="ShapeException">Sizes differ, or there is one value a channel in training.</exception>
    public static Tensor BatchNorm(Tensor x, Tensor? weight, Tensor? bias, Tensor runningMean, Tensor runningVariance, bool training,
        float momentum = 0.1f, float eps = 1e-5f, bool relu = false, Tensor? residual = null) {
        const string name = nameof(BatchNorm);
        Check.Type(name, "x", x, DType.Float32);
        Check.That(x.Shape.Rank >= 2, $"{name}: x needs rank 2 or more but has shape {x.Shape}.");
        int channels = x.Shape[^1], rows = channels == 0 ? 0 : x.Count / channels;
        foreach ((string what, Tensor? vector) in (ReadOnlySpan<(string, Tensor?)>)[("weight", weight), ("bias", bias),
            ("runningMean", runningMean), ("runningVariance", runningVariance)])
            if (vector is not null) Check.Shape(name, what, vector, [channels]);
        Check.That(!training || rows != 1, $"{name}: training needs more than one value for each channel, but x has shape {x.Shape}.");
        if (residual is not null) Check.Shape(name, "residual", residual, x.Shape);
        Device device = Check.SameDevice(name, x, weight, bias, runningMean, runningVariance, residual);
        // Frozen altogether, the gradient is dy by a factor: x need not be kept.
        bool factorOnly = !training && weight is not { RequiresGrad: true } && bias is not { RequiresGrad: true };
        if ((residual is not null && !relu) || (factorOnly && relu && Tape.Wants(x, residual))) {
            Tensor normal = BatchNorm(x, weight, bias, runningMean, runningVariance, training, momentum, eps);
            if (residual is not null) normal += residual;
            return relu ? Relu(normal) : normal;
        }
        Tensor y = new(device, x.Shape), mean = new(device, [channels]), inverse = new(device, [channels]);   // inverse: 1/√(σ² + ε)
        var norm = new NormGeometry(1, rows, channels, channels);
        Run(device, host => BatchNormHost(host, y, mean, inverse, x, weight, bias, runningMean, runningVariance, training, momentum, eps,
            relu, residual), gpu => BatchNormGpu(gpu, norm, y, mean, inverse, x, weight, bias, runningMean, runningVariance, training,
                momentum,
            eps, relu, residual));
        Tensor[] kept = factorOnly ? [inverse] : [mean, inverse, x];
        int weightAt = kept.Length, biasAt = weightAt + (weight is null ? 0 : 1);
        if (weight is not null) kept = [.. kept, weight];
        bool rectifies = relu && residual is null;   // else the result tells what came through
        if (rectifies && bias is not null) kept = [.. kept, bias];
        if (residual is not null) kept = [.. kept, y];
        return Tape.Record(y, [x, weight, bias, residual], kept, (dy, saved) => {
            Tensor? given = weight is null ? null : saved[weightAt], added = rectifies && bias is not null ? saved[biasAt] : null;
            Tensor? through = null;   // what comes through the ReLU behind a sum; a device makes it by the way
            if (residual is not null)
                through = device is HostDevice ? UnaryBackward(dy, saved[biasAt], new ReluOp()) : new(device, dy.Shape);
            var dx = saved.Needs(0) ? new Tensor(device, dy.Shape) : null;
            if (factorOnly) {
                Run(device, host => BatchNormFactorHost(host, dx!, dy, saved[0], given),
                    gpu => NormFactorGpu(gpu, dx!, dy, saved[0], given, norm));
                return [dx, null, null, null];
            }
            Tensor dWeight = new(device, [channels]), dBias = new(device, [channels]);
            Run(device, host => BatchNormBackwardHost(host, dx, dWeight, dBias, through ?? dy, saved[2], saved[0], saved[1], given, added,
                training, rectifies),
                gpu => NormGradientGpu(gpu, new NormGradient(dx, dWeight, dBias, dy, saved[2], saved[0], saved[1], given, added,
                    through is null ? null : saved[biasAt], through), norm, training, rectifies));
            return [dx, dWeight, dBias, through];
        });
    }

    private static unsafe void BatchNormHost(HostDevice host, Tensor y, Tensor mean, Tensor inverse, Tensor x, Tensor? weight, Tensor? bias,
        Tensor runningMean, Tensor runningVariance, bool training, float momentum, float eps, bool relu, Tensor? residual) {
        int channels = mean.Count, rows = channels == 0 ? 0 : x.Count / channels;
        if (training && rows > 0) {
            double[] moments = ChannelSums.Moments(host, x.Pointer, 1, rows, channels);
            for (int c = 0; c < channels; c++) {
                double variance = moments[channels + c] / rows;
                mean.Span[c] = (float)moments[c];
                inverse.Span[c] = (float)(1 / Math.Sqrt(variance + eps));
                runningMean.Span[c] = (float)((1 - (double)momentum) * runningMean.Span[c] + momentum * moments[c]);
                runningVariance.Span[c] =
                    (float)((1 - (double)momentum) * runningVariance.Span[c] + momentum * variance * rows / (rows - 1));
            }
            ChannelSums.Return(moments);
            runningMean.MarkChanged();
            runningVariance.MarkChanged();
        } else {
            runningMean.Span.CopyTo(mean.Span);
            for (int c = 0; c < channels; c++) inverse.Span[c] = (float)(1 / Math.Sqrt((double)runningVariance.Span[c] + eps));
        }
        using Tensor scale = new(host, [channels]), shift = new(host, [channels]);
        for (int c = 0; c < channels; c++) {
            scale.Span[c] = inverse.Span[c] * (weight is null ? 1 : weight.Span[c]);
            shift.Span[c] = bias is null ? 0 : bias.Span[c];
        }
        ChannelAffine.Normalise(host, y.Pointer, x.Pointer, mean.Pointer, scale.Pointer, shift.Pointer, 1, rows, channels, 0, relu,
            residual is null ? null : residual.Pointer);
    }

    private static unsafe void BatchNormFactorHost(HostDevice host, Tensor dx, Tensor dy, Tensor inverse, Tensor? weight) {
        int channels = inverse.Count, rows = channels == 0 ? 0 : dy.Count / channels;
        using Tensor scale = new(host, [channels]), zero = Tensor.Zeros([channels], DType.Float32, host);
        float* factor = scale.Pointer, root = inverse.Pointer, given = weight is null ? null : weight.Pointer;
        for (int c = 0; c < channels; c++) factor[c] = root[c] * (given == null ? 1 : given[c]);
        ChannelAffine.Normalise(host, dx.Pointer, dy.Pointer, zero.Pointer, factor, zero.Pointer, 1, rows, channels, 0);
    }

    private static unsafe void BatchNormBackwardHost(HostDevice host, Tensor? dx, Tensor dWeight, Tensor dBias, Tensor dy, Tensor x,
        Tensor mean, Tensor inverse, Tensor? weight, Tensor? bias, bool training, bool relu) {
        int channels = mean.Count, rows = channels == 0 ? 0 : x.Count / channels;
        using Tensor scale = new(host, [channels]), slope = Tensor.Zeros([channels], DType.Float32, host),
            shift = Tensor.Zeros([channels], DType.Float32, host);
        using Tensor? opening = relu && bias is null ? Tensor.Zeros([channels], DType.Float32, host) : null;
        float* openings = relu ? (opening ?? bias!).Pointer : null;
        for (int c = 0; c < channels; c++) scale.Span[c] = inverse.Span[c] * (weight is null ? 1 : weight.Span[c]);
        double[] sums = ChannelSums.Gradients(host, dy.Pointer, x.Pointer, mean.Pointer, 0, 1, rows, channels, scale.Pointer, openings);
        for (int c = 0; c < channels; c++) {
            double root = inverse.Span[c], total = (weight is null ? 1 : weight.Span[c]) * root;
            (dBias.Span[c], dWeight.Span[c]) = ((float)sums[c], (float)(sums[channels + c] * root));
            if (!training || rows == 0) continue;
            slope.Span[c] = (float)(-total * root * root * sums[channels + c] / rows);
            shift.Span[c] = (float)(-total * sums[c] / rows);
        }
        ChannelSums.Return(sums);
        if (dx is null) return;
        ChannelAffine.Differentiate(host, dx.Pointer, dy.Pointer, x.Pointer, mean.Pointer, scale.Pointer, slope.Pointer, shift.Pointer,
            1, rows, channels, 0, openings);
    }
}
