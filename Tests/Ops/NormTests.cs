using DenseEngine.Ops;
using Xunit;

namespace DenseEngine.Tests;

/// <summary>Norms at sizes where vectors, blocks and threads come into play, against direct computations in double precision.</summary>
public class NormTests {
    /// <summary>N, H, W, C, groups (0: over the batch; -1: rows), mean of the inputs.</summary>
    private static readonly string[] Sizes = [
        "2 40 30 64 16 0", "1 50 42 256 32 100", "3 21 13 48 16 1000", "2 9 7 21 7 -50", "8 5 5 48 16 0",
        "2 40 30 64 0 100", "1 50 42 150 0 1000", "8 20 20 48 0 0", "8 80 80 16 0 3",
        "1 20 30 300 -1 100", "2 3 4 5000 -1 10", "1 9 9 17 -1 0", "1 700 1 64 -1 0",
    ];

    public static TheoryData<string, string> Cases {
        get {
            var cases = new TheoryData<string, string>();
            foreach (string place in GpuCase.All.Select(each => each.ToString()).Prepend(HostDevice.Default.Name))
                foreach (string sizes in Sizes) cases.Add(place, sizes);
            return cases;
        }
    }

    [Theory, MemberData(nameof(Cases))]
    public void Norms_and_gradients_equal_direct_ones(string place, string text) {
        using GpuDevice? gpu = GpuCase.Open(place);
        Device device = gpu is null ? HostDevice.Default : gpu;
        int[] n = [.. text.Split(' ').Select(int.Parse)];
        (int images, int pixels, int channels, int groups) = (n[0], n[1] * n[2], n[3], n[4]);
        using var scope = new TensorScope();
        var random = new Philox(6);
        Tensor Draw(Shape shape, float mean) =>
            Tensor.From([.. Enumerable.Range(0, shape.Count).Select(_ => mean + random.NextNormal())], shape, device);
        Tensor x = Draw([n[0], n[1], n[2], n[3]], n[5]), dy = Draw(x.Shape, 0), weight = Draw([channels], 0), bias = Draw([channels], 0);
        x.RequiresGrad = weight.RequiresGrad = bias.RequiresGrad = true;
        Tensor runningMean = Draw([channels], 0), runningVariance = Tensor.Full([channels], 2, device);
        float[] meanBefore = runningMean.ToArray();
        Tensor y = groups switch {
            > 0 => Op.GroupNorm(x, groups, weight, bias),
            0 => Op.BatchNorm(x, weight, bias, runningMean, runningVariance, training: true),
            _ => Op.LayerNorm(x, 1, weight, bias),
        };
        y.Backward(dy);

        // Which elements are normalised together.
        int Set(int i) => groups > 0 ? i / (pixels * channels) * groups + i % channels / (channels / groups)
            : groups == 0 ? i % channels : i / channels;
        int sets = groups > 0 ? images * groups : groups == 0 ? channels : images * pixels;
        float[] xs = x.ToArray(), slopes = dy.ToArray(), w = weight.ToArray(), b = bias.ToArray();
        double[] mean = new double[sets], variance = new double[sets], plain = new double[sets], product = new double[sets];
        double[] expectedWeight = new double[channels], expectedBias = new double[channels];
        double size = (double)xs.Length / sets;
        for (int i = 0; i < xs.Length; i++) mean[Set(i)] += xs[i] / size;
        for (int i = 0; i < xs.Length; i++) variance[Set(i)] += (xs[i] - mean[Set(i)]) * (xs[i] - mean[Set(i)]) / size;
        double Normal(int i) => (xs[i] - mean[Set(i)]) / Math.Sqrt(variance[Set(i)] + 1e-5);
        for (int i = 0; i < xs.Length; i++) {
            int c = i % channels;
            plain[Set(i)] += slopes[i] * (double)w[c] / size;
            product[Set(i)] += slopes[i] * (double)w[c] * Normal(i) / size;
            expectedWeight[c] += slopes[i] * Normal(i);
            expectedBias[c] += slopes[i];
        }
        float[] ys = y.ToArray(), dx = x.Grad!.ToArray();
        // A mean of m is stored to m·2⁻²⁴ at best, and so is each input's distance from it.
        double share = 4e-6 + Math.Abs(n[5]) * 1.2e-7;
        for (int i = 0; i < xs.Length; i++) {
            int c = i % channels;
            Near($"y[{i}]", ys[i], Normal(i) * w[c] + b[c], share * (1 + Math.Abs(w[c])));
            Near($"dx[{i}]", dx[i], (slopes[i] * w[c] - plain[Set(i)] - Normal(i) * product[Set(i)]) / Math.Sqrt(variance[Set(i)] + 1e-5),
                2 * share * (1 + Math.Abs(slopes[i])));
        }
        double rows = (double)xs.Length / channels;
        float[] weightGradient = weight.Grad!.ToArray(), biasGradient = bias.Grad!.ToArray(), means = runningMean.ToArray(),
            variances = runningVariance.ToArray();
        for (int c = 0; c < channels; c++) {
            Near($"dWeight[{c}]", weightGradient[c], expectedWeight[c], share * Math.Sqrt(rows) * 10);
            Near($"dBias[{c}]", biasGradient[c], expectedBias[c], 1e-6 * Math.Sqrt(rows) * 10);
            if (groups != 0) continue;
            Near($"mean[{c}]", means[c], 0.9 * meanBefore[c] + 0.1 * mean[c], 1e-6 + Math.Abs(n[5]) * 1.2e-8);
            Near($"variance[{c}]", variances[c], 0.9 * 2 + 0.1 * variance[c] * size / (size - 1), 1e-6);
        }
    }

    [Theory]
    [InlineData(2, 700, 64, 16)]
    [InlineData(1, 99, 640, 32)]
    [InlineData(3, 13, 21, 7)]
    [InlineData(2, 700, 48, 0)]
    public void A_relu_within_a_norm_equals_one_behind_it(int images, int pixels, int channels, int groups) {
        using var scope = new TensorScope();
        var random = new Philox(3);
        Tensor Draw(Shape shape) => Tensor.From([.. Enumerable.Range(0, shape.Count).Select(_ => random.NextNormal())], shape);
        Tensor x = Draw([images, pixels, channels]), dy = Draw(x.Shape), weight = Draw([channels]), bias = Draw([channels]);
        x.Span[7] = float.NegativeZero;
        foreach (Tensor leaf in (Tensor[])[x, weight, bias]) leaf.RequiresGrad = true;
        Tensor Norm(bool relu) => groups > 0 ? Op.GroupNorm(x, groups, weight, bias, relu: relu)
            : Op.BatchNorm(x, weight, bias, Tensor.Zeros([channels]), Tensor.Full([channels], 1), true, relu: relu);
        float[][] Results(Tensor y) {
            y.Backward(dy);
            float[][] results = [y.ToArray(), x.Grad!.ToArray(), weight.Grad!.ToArray(), bias.Grad!.ToArray()];
            x.Grad = weight.Grad = bias.Grad = null;
            return results;
        }
        float[][] within = Results(Norm(true)), behind = Results(Op.Relu(Norm(false)));
        for (int i = 0; i < within.Length; i++) Assert.Equal(behind[i], within[i]);
        if (groups == 0) {
            Tensor residual = Draw(x.Shape);
            residual.RequiresGrad = true;
            float[][] Both(Tensor y) {
                residual.Grad = null;
                return [.. Results(y), residual.Grad!.ToArray()];
            }
            within = Both(Op.BatchNorm(x, weight, bias, Tensor.Zeros([channels]), Tensor.Full([channels], 1), true, relu: true,
                residual: residual));
            behind = Both(Op.Relu(Norm(false) + residual));
            for (int i = 0; i < within.Length; i++) Assert.Equal(behind[i], within[i]);
            return;
        }

        using var noGrad = new NoGrad();
        Tensor there = Tensor.From(x.ToArray(), x.Shape), y = Op.GroupNorm(there, groups, weight, bias, relu: true, inPlace: true);
        Assert.Equal(within[0], y.ToArray());
        Assert.Equal(within[0], there.ToArray());
    }

    [Fact]
    public void Equal_values_give_the_bias() {
        using var scope = new TensorScope();
        Tensor bias = Tensor.From([.. Enumerable.Range(0, 48).Select(i => i * 0.1f)], [48]), weight = Tensor.Full([48], 3),
            x = Tensor.Full([2, 11, 7, 48], 0.1f);
        float[] expected = [.. Enumerable.Range(0, x.Count).Select(i => bias.Span[i % 48])];
        Assert.Equal(expected, Op.GroupNorm(x, 16, weight, bias).ToArray());
        Assert.Equal(expected, Op.LayerNorm(x, 1, weight, bias).ToArray());
        Assert.Equal(expected, Op.BatchNorm(x, weight, bias, Tensor.Zeros([48]), Tensor.Zeros([48]), training: true).ToArray());
    }

    private static void Near(string what, double actual, double expected, double allowed) =>
        Assert.True(Math.Abs(actual - expected) <= allowed,
            string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{what} is {actual}, not {expected}; allowed {allowed}"));
}
