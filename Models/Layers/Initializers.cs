namespace DenseEngine.Models;

/// <summary>Fills convolutions with random weights. The same generator position gives the same weights on every device.</summary>
public static class Initializers {
    /// <summary>Normal weights of variance 2 / (outputs · window) (He et al., 2015, section 2.2, by fan-out); bias 0.
    /// mmcv's <c>kaiming_init</c>.</summary>
    public static void KaimingNormal(Convolution convolution, Philox random) {
        Shape shape = convolution.Weight.Value.Shape;
        Normal(convolution, random, MathF.Sqrt(2f / ((long)shape[0] * shape[1] * shape[2])));
    }

    /// <summary>Uniform weights within ±√(6 / ((inputs + outputs) · window)) (Glorot and Bengio, 2010, equation 16); bias 0.
    /// mmcv's <c>xavier_init</c>.</summary>
    public static void XavierUniform(Convolution convolution, Philox random) {
        Shape shape = convolution.Weight.Value.Shape;
        float bound = MathF.Sqrt(6f / ((long)(shape[0] + shape[3]) * shape[1] * shape[2]));
        Fill(convolution, 0, () => (2 * random.NextSingle() - 1) * bound);
    }

    /// <summary>Normal weights; one value for all biases.</summary>
    /// <param name="convolution">What to fill.</param>
    /// <param name="random">The generator.</param>
    /// <param name="deviation">Standard deviation of the weights.</param>
    /// <param name="bias">The biases' value.</param>
    public static void Normal(Convolution convolution, Philox random, float deviation, float bias = 0) =>
        Fill(convolution, bias, () => random.NextNormal() * deviation);

    /// <summary>What PyTorch gives convolutions: weights and biases uniform within 1 / √(inputs · window), for transposed ones with the
    /// outputs in the inputs' place.</summary>
    public static void Default(Convolution convolution, Philox random) {
        Shape shape = convolution.Weight.Value.Shape;
        float bound = MathF.Sqrt(1f / (shape[1] * shape[2] * shape[3]));
        Uniform(convolution.Weight, random, bound);
        if (convolution.Bias is { } bias) Uniform(bias, random, bound);
    }

    /// <summary>Normal weights of a fully connected layer; bias 0.</summary>
    internal static void Normal(Linear layer, Philox random, float deviation) {
        Fill(layer.Weight.Value, () => random.NextNormal() * deviation);
        layer.Bias.Fill(0);
    }

    /// <summary>Uniform weights of a fully connected layer within ±√(6 / (inputs + outputs)) (Glorot and Bengio, 2010, equation 16); bias
    /// 0.</summary>
    internal static void XavierUniform(Linear layer, Philox random) {
        int outputs = layer.Bias.Value.Count, inputs = layer.Weight.Value.Count / outputs;
        Uniform(layer.Weight, random, MathF.Sqrt(6f / ((long)inputs + outputs)));
        layer.Bias.Fill(0);
    }

    /// <summary>Uniform weights within ±<paramref name="bound"/>.</summary>
    internal static void Uniform(Parameter weight, Philox random, float bound) =>
        Fill(weight.Value, () => (2 * random.NextSingle() - 1) * bound);

    /// <summary>The bias at which a sigmoid gives a probability: -ln((1 - p) / p).</summary>
    public static float BiasFor(float probability) => (float)-Math.Log((1 - (double)probability) / probability);

    private static void Fill(Convolution convolution, float bias, Func<float> draw) {
        Fill(convolution.Weight.Value, draw);
        convolution.Bias?.Fill(bias);
    }

    private static void Fill(Tensor weight, Func<float> draw) {
        float[] values = new float[weight.Count];
        for (int i = 0; i < values.Length; i++) values[i] = draw();
        Set(weight, values);
    }

    /// <summary>Gives a parameter its values, in the order of its axes here.</summary>
    internal static void Set(this Parameter parameter, float[] values) => Set(parameter.Value, values);

    private static void Set(Tensor weight, float[] values) {
        weight.Device.Upload(System.Runtime.InteropServices.MemoryMarshal.AsBytes(values.AsSpan()), weight);
        weight.MarkChanged();
    }
}
