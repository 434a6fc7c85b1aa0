using DenseEngine.Ops;
using Xunit;

namespace DenseEngine.Tests;

/// <summary>Every inner loop that this machine has, on shapes at which they really run, against the definition in float64. Large results
/// are sampled: corners, edges and random places.</summary>
public sealed class ConvolutionTests {
    /// <summary>A share of the sum of the terms' sizes: many times what rounding makes of a few thousand terms, far below one
    /// term.</summary>
    private const double Tolerance = 1e-6;
    private const int Samples = 400;

    private sealed record Case(string Name, Shape Input, int Outputs, Pair Kernel, Pair Stride, Pair Padding, Pair Dilation,
        int Groups = 1);

    private static readonly Case[] Cases = [
        new("3x3_16ch_40x40", [2, 40, 40, 16], 16, 3, 1, 1, 1),
        new("3x3_17ch_13x21", [2, 13, 21, 17], 17, 3, 1, 1, 1),
        new("3x3_48ch_10x10", [8, 10, 10, 48], 48, 3, 1, 1, 1),
        new("3x3_48ch_3x3", [8, 3, 3, 48], 68, 3, 1, 1, 1),
        new("3x3_64ch_25x42_stride2", [1, 25, 42, 64], 128, 3, 2, 1, 1),
        new("3x3_256ch_13x21", [1, 13, 21, 256], 256, 3, 1, 1, 1),
        new("3x3_64ch_100x168", [1, 100, 168, 64], 48, 3, 1, 1, 1),
        new("1x1_64ch_13x21", [2, 13, 21, 64], 256, 1, 1, 0, 1),
        new("1x1_33ch_stride2", [2, 13, 21, 33], 31, 1, 2, 0, 1),
        new("1x1_padded", [2, 5, 7, 16], 16, 1, 1, 1, 1),
        new("7x7_stem", [2, 41, 40, 3], 16, 7, 2, 3, 1),
        new("7x7_stem_wide", [1, 43, 45, 3], 48, 7, 2, 3, 1),
        new("3x3_16ch_to_48_dilated", [2, 17, 19, 16], 48, 3, 1, (2, 1), (2, 1)),
        new("3x3_dilated", [1, 19, 23, 32], 24, 3, 1, (2, 3), (2, 3)),
        new("5x2_uneven", [2, 19, 14, 20], 9, (5, 2), (3, 2), (2, 0), (1, 2)),
        new("3x3_groups4", [1, 13, 21, 64], 128, 3, (1, 2), 1, 1, 4),
        new("3x3_depthwise", [2, 13, 21, 40], 40, 3, 2, 1, 1, 40),
        new("3x3_multiplier2", [1, 9, 11, 12], 24, 3, 1, 1, 1, 12),
        new("3x3_256ch_26x43", [1, 26, 43, 256], 96, 3, 1, 1, 1),
        new("3x3_no_padding", [2, 9, 14, 24], 40, 3, 1, 0, 1),
        new("3x3_more_padding", [1, 6, 5, 32], 16, 3, 1, (2, 1), 1),
        new("3x3_256ch_stride2", [1, 5, 61, 256], 32, 3, 2, 1, 1),
        new("3x3_704ch_stride2", [1, 4, 39, 704], 16, 3, 2, 1, 1),
        new("1x1_64ch_stride2", [2, 5, 61, 64], 48, 1, 2, 0, 1),
        new("one_output", [1, 3, 3, 16], 1, 3, 1, 0, 1),
        new("wide_border", [1, 2, 3, 16], 16, 3, 1, 4, 1),
    ];

    public static TheoryData<string, string, bool> Names() {
        var names = new TheoryData<string, string, bool>();
        foreach (Case c in Cases) {
            foreach (GemmKernel kernel in GemmKernel.Supported) {
                if (kernel == GemmKernel.Scalar && c.Input.Count >= 20_000) continue;
                names.Add(c.Name, kernel.Name, false);
                if (c is { Kernel: (3, 3), Stride: (1, 1), Dilation: (1, 1), Groups: 1, Padding: ( <= 2, <= 2) })
                    names.Add(c.Name, kernel.Name, true);
            }
        }
        return names;
    }

    [Theory, MemberData(nameof(Names))]
    public void Agrees_with_the_definition(string name, string kernelName, bool winograd) {
        Case c = Cases.Single(c => c.Name == name);
        GemmKernel kernel = GemmKernel.Supported.Single(k => k.Name == kernelName);
        using var scope = new TensorScope();
        Tensor x = Normal(c.Input, 1), weight = Normal([c.Outputs, c.Kernel.Vertical, c.Kernel.Horizontal, c.Input[3] / c.Groups], 2),
            bias = Normal([c.Outputs], 3);
        ConvGeometry conv = ConvGeometry.Of("Conv2d", x, weight, bias, c.Stride, c.Padding, c.Dilation, c.Groups);
        Tensor y = Filled(conv.OutputShape), dy = Normal(conv.OutputShape, 4), dx = Filled(x.Shape), dWeight = Filled(weight.Shape),
            transposed = Filled(x.Shape);
        Tensor inputBias = Normal([c.Input[3]], 5);
        HostDevice host = HostDevice.Default;
        ConvMethod method = winograd ? ConvMethod.Winograd : ConvMethod.Product;
        ConvHost.Forward(host, conv, x, weight, bias, y, kernel, method);
        Tensor scale = Normal([c.Outputs], 6), residual = Normal(conv.OutputShape, 7), ended = Filled(conv.OutputShape);
        bool folds = !conv.IsDepthwise;
        if (folds) ConvHost.Forward(host, conv, x, weight, bias, ended, kernel, method, scale, Ending(ended, residual));
        ConvHost.InputGradient(host, conv, dy, weight, null, dx, kernel, method);
        ConvHost.InputGradient(host, conv, dy, weight, inputBias, transposed, kernel, method);
        ConvHost.WeightGradient(host, conv, x, dy, dWeight, kernel, method);

        var direct = new DirectConvolution(x.ToArray(), x.Shape, weight.ToArray(), weight.Shape, dy.ToArray(), conv.OutputShape, c.Stride,
            c.Padding, c.Dilation, c.Groups);
        float[] scales = scale.ToArray(), residuals = residual.ToArray();
        float[] biases = bias.ToArray(), inputBiases = inputBias.ToArray();
        Compare("y", y, winograd, index => Plus(direct.Output(index), biases[index % c.Outputs]));
        Compare("dx", dx, winograd, direct.InputGradient);
        Compare("dx + bias", transposed, winograd, index => Plus(direct.InputGradient(index), inputBiases[index % c.Input[3]]));
        if (folds) {
            Compare("relu(y · scale + bias + residual)", ended, winograd, index => {
                ((double sum, double size), float factor, float added) = (direct.Output(index), scales[index % c.Outputs],
                    biases[index % c.Outputs] + residuals[index]);
                return (Math.Max(0, sum * factor + added), size * Math.Abs(factor) + Math.Abs(added));
            });
        }
        Compare("dWeight", dWeight, winograd, direct.WeightGradient);
    }

    private static unsafe GemmEnding Ending(Tensor y, Tensor residual) => GemmEnding.Of(y.Pointer, residual.Pointer, relu: true);

    private static (double, double) Plus((double Value, double Size) sum, float bias) => (sum.Value + bias, sum.Size + Math.Abs(bias));

    /// <summary>Compares samples. An error may be a share of the terms' size, or, if that is shared, of the largest one: Winograd's
    /// transforms mix neighbours, of which those at a border have fewer terms.</summary>
    private static void Compare(string what, Tensor actual, bool shared, Func<int, (double Value, double Size)> expected) {
        float[] values = actual.ToArray();
        var random = new Random(7);
        int channels = actual.Shape[3];
        IEnumerable<int> places = values.Length <= 2 * Samples
            ? Enumerable.Range(0, values.Length)
            : Enumerable.Range(0, channels).Concat(Enumerable.Range(values.Length - channels, channels))
                .Concat(Enumerable.Range(0, Samples).Select(_ => random.Next(values.Length)));
        (int, (double Value, double Size))[] sums = [.. places.Select(place => (place, expected(place)))];
        double largest = sums.Max(sum => sum.Item2.Size);
        foreach ((int place, (double value, double own)) in sums) {
            double size = shared ? largest : own;
            Assert.True(Math.Abs(values[place] - value) <= Tolerance * size,
                $"{what}[{place}] of {actual.Shape} is {values[place]}, not {value} (terms {size}).");
        }
    }

    /// <summary>What was never written shows.</summary>
    private static Tensor Filled(Shape shape) => Tensor.Full(shape, float.NaN);

    private static Tensor Normal(Shape shape, int seed) {
        var random = new Random(seed);
        var values = new float[shape.Count];
        for (int i = 0; i < values.Length; i++)
            values[i] = (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(Math.Tau * random.NextDouble()));
        return Tensor.From(values, shape);
    }
}
