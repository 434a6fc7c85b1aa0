namespace DenseEngine.Ops;

public static partial class Op {
    /// <summary>y = (x - μ)/√(σ² + ε)·weight + bias, μ and σ² (biased) being those of a picture's group of neighbouring channels (Wu and
    /// He, 2018, equations 1, 2 and 7); then, if asked for, a ReLU in the same pass. A group of equal values gives the bias.</summary>
    /// <param name="x">[N,..,C], rank 2 or more.</param>
    /// <param name="groups">How many groups the channels fall into; divides C.</param>
    /// <param name="weight">[C], or null for 1.</param>
    /// <param name="bias">[C], or null for 0.</param>
    /// <param name="eps">ε.</param>
    /// <param name="relu">Whether a ReLU follows; its gradient at 0 is 0.</param>
    /// <param name="inPlace">Whether the result may take x's place, as nobody needs that any more: it does while nothing is
    /// recorded.</param>
    /// <returns>x's shape.</returns>
    /// <exception cref="ShapeException">The groups do not divide the channels, or sizes differ.</exception>
    public static Tensor GroupNorm(Tensor x, int groups, Tensor? weight, Tensor? bias, float eps = 1e-5f,
        bool relu = false, bool inPlace = false) {
        const string name = nameof(GroupNorm);
        Check.Type(name, "x", x, DType.Float32);
        Check.That(x.Shape.Rank >= 2, $"{name}: x needs rank 2 or more but has shape {x.Shape}.");
        int images = x.Shape[0], channels = x.Shape[^1];
        Check.That(groups >= 1 && channels % groups == 0,
            $"{name}: {groups} groups do not divide the {channels} channels of x (shape {x.Shape}).");
        if (weight is not null) Check.Shape(name, "weight", weight, [channels]);
        if (bias is not null) Check.Shape(name, "bias", bias, [channels]);
        Device device = Check.SameDevice(name, x, weight, bias);
        inPlace &= !NoGrad.IsRecording;
        Tensor y = inPlace ? x : new(device, x.Shape);
        if (inPlace) x.MarkChanged();
        if (device is not HostDevice host || Tape.Wants(x, weight, bias)) return GroupNorm(y, x, groups, weight, bias, eps, relu);
        CancelScope.ThrowIfCancelled();
        using var moments = new HostScratch(host, 1, 2 * images * channels);
        GroupNormHost(host, y, moments, x, groups, weight, bias, eps, relu);
        return y;
    }

    private static unsafe void GroupNormHost(HostDevice host, Tensor y, HostScratch moments, Tensor x, int groups, Tensor? weight,
        Tensor? bias, float eps, bool relu) =>
        GroupNormHost(host, y, moments[0], moments[0] + x.Shape[0] * x.Shape[^1], x, groups, weight, bias, eps, relu);

    private static Tensor GroupNorm(Tensor y, Tensor x, int groups, Tensor? weight, Tensor? bias, float eps, bool relu) {
        Device device = x.Device;
        int images = x.Shape[0], channels = x.Shape[^1];
        var norm = new NormGeometry(images, x.Count == 0 ? 0 : x.Count / (images * channels), channels, groups);
        Tensor mean = new(device, [images, channels]), inverse = new(device, [images, channels]);
        Run(device, host => RecordedGroupNormHost(host, y, mean, inverse, x, groups, weight, bias, eps, relu), gpu => {
            if (x.Count == 0) return;
            MomentsGpu(gpu, mean, inverse, x, norm, eps);
            NormaliseGpu(gpu, y, x, mean, inverse, weight, bias, norm, relu);
        });
        List<Tensor> kept = [x, mean, inverse];
        if (weight is not null) kept.Add(weight);
        if (relu && bias is not null) kept.Add(bias);
        return Tape.Record(y, [x, weight, bias], [.. kept], (dy, saved) => {
            Tensor dx = new(device, dy.Shape), dWeight = new(device, [channels]), dBias = new(device, [channels]);
            Tensor? ofWeight = weight is null ? null : saved[3], ofBias = bias is null || !relu ? null : saved[weight is null ? 3 : 4];
            Run(device, host => GroupNormBackwardHost(host, dx, dWeight, dBias, dy, saved[0], saved[1], saved[2], ofWeight, ofBias, groups,
                saved.Needs(0), relu),
                gpu => NormGradientGpu(gpu, new NormGradient(saved.Needs(0) ? dx : null, dWeight, dBias, dy, saved[0], saved[1], saved[2],
                    ofWeight, ofBias), norm, moves: true, relu));
            return [saved.Needs(0) ? dx : null, dWeight, dBias];
        });
    }

    private static unsafe void RecordedGroupNormHost(HostDevice host, Tensor y, Tensor mean, Tensor inverse, Tensor x, int groups,
        Tensor? weight, Tensor? bias, float eps, bool relu) =>
        GroupNormHost(host, y, mean.Pointer, inverse.Pointer, x, groups, weight, bias, eps, relu);

    /// <summary>Statistics by channel, merged to groups; mean and 1/√(σ² + ε) are stored for each channel, so that the second pass, and the
    /// gradient's, know no groups.</summary>
    private static unsafe void GroupNormHost(HostDevice host, Tensor y, float* means, float* roots, Tensor x, int groups, Tensor? weight,
        Tensor? bias, float eps, bool relu) {
        if (x.Count == 0) return;
        int images = x.Shape[0], channels = x.Shape[^1], rows = x.Count / (images * channels), width = channels / groups;
        double[] moments = ChannelSums.Moments(host, x.Pointer, images, rows, channels);
        using var scratch = new HostScratch(host, 1, 2 * images * channels);
        float* scales = scratch[0], shifts = scales + images * channels;
        float* weights = weight is null ? null : weight.Pointer, biases = bias is null ? null : bias.Pointer;
        for (int group = 0; group < images * groups; group++) {
            (int image, int first) = (group / groups, group % groups * width);
            ReadOnlySpan<double> middles = moments.AsSpan(2 * image * channels + first, width),
                squares = moments.AsSpan((2 * image + 1) * channels + first, width);
            double middle = 0, sum = 0;
            foreach (double each in middles) middle += each;
            middle /= width;
            for (int c = 0; c < width; c++) sum += squares[c] + rows * (middles[c] - middle) * (middles[c] - middle);
            float root = (float)(1 / Math.Sqrt(sum / ((double)rows * width) + eps));
            for (int c = first; c < first + width; c++) {
                int at = image * channels + c;
                (means[at], roots[at]) = ((float)middle, root);
                scales[at] = root * (weights == null ? 1 : weights[c]);
                shifts[at] = biases == null ? 0 : biases[c];
            }
        }
        ChannelSums.Return(moments);
        ChannelAffine.Normalise(host, y.Pointer, x.Pointer, means, scales, shifts, images, rows, channels, channels, relu);
    }

    private static unsafe void GroupNormBackwardHost(HostDevice host, Tensor dx, Tensor dWeight, Tensor dBias, Tensor dy, Tensor x,
        Tensor mean, Tensor inverse, Tensor? weight, Tensor? bias, int groups, bool needsInput, bool relu) {
        dWeight.Span.Clear();
        dBias.Span.Clear();
        if (x.Count == 0) return;
        int images = mean.Shape[0], channels = mean.Shape[1], rows = x.Count / (images * channels), width = channels / groups;
        using Tensor scale = new(host, mean.Shape), slope = new(host, mean.Shape), shift = new(host, mean.Shape);
        using Tensor? opening = relu ? new(host, mean.Shape) : null;
        float* roots = inverse.Pointer, scales = scale.Pointer, slopes = slope.Pointer, shifts = shift.Pointer,
            weights = weight is null ? null : weight.Pointer, biases = bias is null ? null : bias.Pointer,
            openings = opening is null ? null : opening.Pointer;
        for (int at = 0; at < images * channels; at++) {
            scales[at] = roots[at] * (weights == null ? 1 : weights[at % channels]);
            if (relu) openings[at] = biases == null ? 0 : biases[at % channels];
        }
        double[] sums = ChannelSums.Gradients(host, dy.Pointer, x.Pointer, mean.Pointer, channels, images, rows, channels, scales,
            openings);
        double[] weightSum = new double[channels], biasSum = new double[channels];
        for (int group = 0; group < images * groups; group++) {
            (int image, int first) = (group / groups, group % groups * width);
            double root = roots[image * channels + first], total = (double)rows * width, sum = 0, product = 0;
            for (int c = first; c < first + width; c++) {
                double w = weights == null ? 1 : weights[c], plain = sums[2 * image * channels + c],
                    weighted = sums[(2 * image + 1) * channels + c];
                (sum, product) = (sum + w * plain, product + w * weighted);
                (biasSum[c], weightSum[c]) = (biasSum[c] + plain, weightSum[c] + weighted * root);
            }
            for (int c = first; c < first + width; c++) {
                int at = image * channels + c;
                slopes[at] = (float)(-root * root * root * product / total);
                shifts[at] = (float)(-root * sum / total);
            }
        }
        ChannelSums.Return(sums);
        float* weightGradient = dWeight.Pointer, biasGradient = dBias.Pointer;
        for (int c = 0; c < channels; c++) (weightGradient[c], biasGradient[c]) = ((float)weightSum[c], (float)biasSum[c]);
        if (needsInput)
            ChannelAffine.Differentiate(host, dx.Pointer, dy.Pointer, x.Pointer, mean.Pointer, scale.Pointer, slope.Pointer, shift.Pointer,
                images, rows, channels, channels, openings);
    }
}
