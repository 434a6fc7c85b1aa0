using DenseEngine.Ops;
using Xunit;
using Xunit.Abstractions;

namespace DenseEngine.Tests;

/// <summary>The errors that docs/numerics.md states: of each way to compute a 3×3 convolution and its gradients, against float64, on what a
/// detector's head sees. Maps are smoothed noise, rectified, of unit variance before; weights are He's; the output's gradient is
/// noise.</summary>
public sealed class ConvolutionErrorTests(ITestOutputHelper log) {
    private const int Channels = 256, Places = 4_000;

    private static readonly Shape Map = [1, 25, 42, Channels],
        Quarter = [1, 13, 21, Channels], Weights = [Channels, 3, 3, Channels];

    [Theory]
    [InlineData(ConvMethod.Product, 1.5e-6, 2e-6, 8e-7)]
    [InlineData(ConvMethod.Winograd, 5e-6, 5e-6, 2e-6)]
    public void Is_a_share_of_the_largest_value(object method, double output, double inputGradient, double weightGradient) =>
        Holds(Map, (output, inputGradient, weightGradient), (x, weight, dy) => {
            Tensor y = new(x.Device, Map), dx = new(x.Device, Map), dWeight = new(x.Device, Weights);
            ConvGeometry conv = ConvGeometry.Of("Conv2d", x, weight, null, 1, 1, 1, 1);
            ConvHost.Forward(HostDevice.Default, conv, x, weight, null, y, method: (ConvMethod)method);
            ConvHost.InputGradient(HostDevice.Default, conv, dy, weight, null, dx, method: (ConvMethod)method);
            ConvHost.WeightGradient(HostDevice.Default, conv, x, dy, dWeight, method: (ConvMethod)method);
            return (y, dx, dWeight);
        });

    public static TheoryData<string> Devices =>
        [.. GpuCase.All.Where(place => place.Name != "ilgpu-cpu").Select(place => place.ToString())];

    /// <summary>Winograd's transforms on a device hold the host's bounds, though those of weights are in single precision.</summary>
    [Theory, MemberData(nameof(Devices))]
    public void Is_no_larger_a_share_on_a_device(string place) {
        using GpuDevice gpu = GpuCase.Open(place)!;
        using var forced = new ConvForce(ConvMethod.Winograd);
        Holds(Quarter, (5e-6, 5e-6, 2e-6), (x, weight, dy) => {
            Tensor input = x.To(gpu), kernel = weight.To(gpu);
            input.RequiresGrad = kernel.RequiresGrad = true;
            Tensor y = Op.Conv2d(input, kernel, padding: 1);
            y.Backward(dy.To(gpu));
            Assert.Contains(gpu.Kernels, kernel => kernel.Name == nameof(Op.WinogradInputKernel));   // or products are measured
            return (y, input.Grad!, kernel.Grad!);
        });
    }

    private void Holds(Shape shape, (double Output, double InputGradient, double WeightGradient) bounds,
        Func<Tensor, Tensor, Tensor, (Tensor Y, Tensor Dx, Tensor DWeight)> compute) {
        using var scope = new TensorScope();
        var random = new Random(11);
        float[] map = [.. Smoothed(shape, Noise(random, shape.Count)).Select(value => Math.Max(0, value))];
        float[] weights = [.. Noise(random, Weights.Count).Select(value => value * MathF.Sqrt(2f / (9 * Channels)))];
        float[] gradients = Noise(random, shape.Count);
        (Tensor y, Tensor dx, Tensor dWeight) = compute(Tensor.From(map, shape), Tensor.From(weights, Weights),
            Tensor.From(gradients, shape));
        var direct = new DirectConvolution(map, shape, weights, Weights, gradients, shape, 1, 1, 1, 1);
        Assert.Multiple(
            () => Holds("y", y, direct.Output, bounds.Output),
            () => Holds("dx", dx, direct.InputGradient, bounds.InputGradient),
            () => Holds("dWeight", dWeight, direct.WeightGradient, bounds.WeightGradient));
    }

    /// <summary>A weight's gradient of a large map sums 67 200 terms.</summary>
    [Fact]
    public void A_long_sum_rounds_little() {
        using var scope = new TensorScope();
        var random = new Random(19);
        Shape map = [1, 200, 336, 16], kernel = [16, 3, 3, 16];
        float[] input = [.. Noise(random, map.Count).Select(value => Math.Max(0, value))], gradients = Noise(random, map.Count);
        Tensor x = Tensor.From(input, map), dy = Tensor.From(gradients, map), dWeight = new(x.Device, kernel);
        ConvGeometry conv = ConvGeometry.Of("Conv2d", x, dWeight, null, 1, 1, 1, 1);
        ConvHost.WeightGradient(HostDevice.Default, conv, x, dy, dWeight, method: ConvMethod.Winograd);
        var direct = new DirectConvolution(input, map, new float[kernel.Count], kernel, gradients, map, 1, 1, 1, 1);
        Holds("dWeight", dWeight, direct.WeightGradient, 3e-6, 100);
    }

    /// <summary>A device may be told to do without Winograd's transforms.</summary>
    [Fact]
    public void An_exact_device_computes_plain_sums() {
        using var scope = new TensorScope();
        using var exact = new HostDevice(2) { Exact = true };
        var random = new Random(17);
        Shape map = [1, 20, 20, 32], kernel = [32, 3, 3, 32];
        Tensor x = Tensor.From(Noise(random, map.Count), map), dy = Tensor.From(Noise(random, map.Count), map),
            weight = Tensor.From(Noise(random, kernel.Count), kernel);
        ConvGeometry conv = ConvGeometry.Of("Conv2d", x, weight, null, 1, 1, 1, 1);
        float[][] Results(HostDevice host, ConvMethod method) {
            Tensor y = new(x.Device, map), dx = new(x.Device, map), dWeight = new(x.Device, kernel);
            ConvHost.Forward(host, conv, x, weight, null, y, method: method);
            ConvHost.InputGradient(host, conv, dy, weight, null, dx, method: method);
            ConvHost.WeightGradient(host, conv, x, dy, dWeight, method: method);
            return [y.ToArray(), dx.ToArray(), dWeight.ToArray()];
        }
        float[][] product = Results(HostDevice.Default, ConvMethod.Product), faster = Results(HostDevice.Default, ConvMethod.Faster);
        Assert.Equal(product, Results(exact, ConvMethod.Faster));
        for (int i = 0; i < product.Length; i++) Assert.NotEqual(product[i], faster[i]);
    }

    private void Holds(string what, Tensor actual, Func<int, (double Value, double Size)> expected, double bound,
        int places = Places) {
        float[] values = actual.ToArray();
        var random = new Random(13);
        double error = Enumerable.Range(0, places).Select(_ => random.Next(values.Length))
            .Max(place => Math.Abs(values[place] - expected(place).Value));
        double share = error / values.Max(Math.Abs);
        log.WriteLine($"{what}: {share:E2} of the largest value");
        Assert.InRange(share, 1e-8, bound);
    }

    /// <summary>Means of 3×3 pixels, three times as large.</summary>
    private static float[] Smoothed(Shape shape, float[] noise) {
        (int height, int width) = (shape[1], shape[2]);
        var smooth = new float[noise.Length];
        for (int i = 0; i < noise.Length; i++) {
            (int pixel, int channel) = Math.DivRem(i, Channels);
            (int line, int column) = Math.DivRem(pixel, width);
            for (int y = Math.Max(0, line - 1); y <= Math.Min(height - 1, line + 1); y++)
                for (int x = Math.Max(0, column - 1); x <= Math.Min(width - 1, column + 1); x++)
                    smooth[i] += noise[(y * width + x) * Channels + channel] / 3;
        }
        return smooth;
    }

    private static float[] Noise(Random random, int count) {
        var values = new float[count];
        for (int i = 0; i < count; i++)
            values[i] = (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(Math.Tau * random.NextDouble()));
        return values;
    }
}
