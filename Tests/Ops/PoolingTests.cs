using DenseEngine.Ops;
using Xunit;

namespace DenseEngine.Tests;

/// <summary>Pools at sizes where vectors, channel blocks and threads come into play, against direct loops in double precision.</summary>
public class PoolingTests {
    /// <summary>N, H, W, C, window, stride, padding, dilation, ceil mode.</summary>
    public static TheoryData<string> Cases => [
        "2 40 41 64 3 2 1 1 0", "1 37 30 128 3 2 1 1 1", "1 8 9 64 3 2 0 1 1", "2 1 1 64 3 2 1 1 0", "1 5 2 64 3 2 1 1 1",
            "1 17 23 80 2 2 0 1 1", "3 9 9 7 3 1 1 2 0", "1 12 10 33 5 3 2 1 1", "1 6 6 130 1 2 0 1 0",
        "1 2 2 20 2 1 1 3 1",
    ];

    [Theory, MemberData(nameof(Cases))]
    public void Windows_equal_direct_loops(string text) {
        int[] n = [.. text.Split(' ').Select(int.Parse)];
        (int size, int stride, int padding, int dilation, bool ceil) = (n[4], n[5], n[6], n[7], n[8] == 1);
        using var scope = new TensorScope();
        Tensor x = Whole([n[0], n[1], n[2], n[3]], 1);
        x.RequiresGrad = true;
        Tensor y = Op.MaxPool2d(x, size, stride, padding, dilation, ceil), dy = Whole(y.Shape, 2);
        y.Backward(dy);
        Direct(x, y, dy, o => Taps(o * stride - padding, size, dilation), x.Grad!);
        Assert.Equal(y.ToArray(), Op.MaxPool2d(x.Detach(), size, stride, padding, dilation, ceil).ToArray());
        if (dilation != 1) return;
        Tensor mean = Op.AvgPool2d(x.Detach(), size, stride, padding, ceil, divisor: 1);
        Sums(x, mean, o => Taps(o * stride - padding, size, 1));
    }

    [Theory]
    [InlineData(1, 50, 30, 65, 25, 15)]
    [InlineData(2, 7, 9, 16, 3, 13)]
    [InlineData(1, 33, 47, 160, 1, 1)]
    public void Adaptive_windows_equal_direct_loops(int images, int height, int width, int channels, int outputHeight, int outputWidth) {
        using var scope = new TensorScope();
        Tensor x = Whole([images, height, width, channels], 3);
        x.RequiresGrad = true;
        Tensor y = Op.AdaptiveMaxPool2d(x, (outputHeight, outputWidth)), dy = Whole(y.Shape, 4);
        y.Backward(dy);
        IEnumerable<int> Window(int o, int size, int outputs) {
            int first = (int)Math.Floor((double)o * size / outputs), end = (int)Math.Ceiling((o + 1.0) * size / outputs);
            return Enumerable.Range(first, end - first);
        }
        Direct(x, y, dy, o => Window(o, height, outputHeight), o => Window(o, width, outputWidth), x.Grad!);
    }

    [Fact]
    public void Of_equal_values_the_first_wins_and_a_NaN_over_all() {
        using var scope = new TensorScope();
        Tensor x = Tensor.Full([1, 2, 2, 17], 1);
        x.Span[17 + 16] = float.NaN;   // the second pixel's last channel
        x.RequiresGrad = true;
        Tensor y = Op.MaxPool2d(x, 2);
        y.Backward(Tensor.Full(y.Shape, 1));
        float[] slope = x.Grad!.ToArray();
        Assert.Equal([.. Enumerable.Repeat(1f, 16), float.NaN], y.ToArray());
        Assert.Equal([.. Enumerable.Repeat(1f, 16), 0f, .. Enumerable.Repeat(0f, 16), 1f, .. Enumerable.Repeat(0f, 34)], slope);
    }

    [Theory]
    [InlineData(64)]
    [InlineData(80)]
    [InlineData(9)]
    public void A_NaN_wins_wherever_it_stands_in_a_window(int channels) {
        using var scope = new TensorScope();
        for (int place = 0; place < 9; place++) {
            Tensor x = Whole([1, 3, 3, channels], 5);
            for (int c = 0; c < channels; c += 2) x.Span[place * channels + c] = float.NaN;
            float[] y = Op.MaxPool2d(x, 3, 2).ToArray(), values = x.ToArray();
            for (int c = 0; c < channels; c++)
                Assert.Equal(c % 2 == 0 ? float.NaN : Enumerable.Range(0, 9).Max(i => values[i * channels + c]), y[c]);
        }
    }

    [Fact]
    public void A_window_that_steps_over_the_picture_is_minus_infinity_without_a_gradient() {
        using var scope = new TensorScope();
        Tensor x = Tensor.Full([1, 2, 2, 20], 1);
        x.RequiresGrad = true;
        Tensor y = Op.MaxPool2d(x, 2, 1, 1, 3);   // taps at -1 and 2
        y.Backward(Tensor.Full(y.Shape, 1));
        Assert.Equal([1, 1, 1, 20], y.Shape);
        Assert.All(y.ToArray(), value => Assert.Equal(float.NegativeInfinity, value));
        Assert.All(x.Grad!.ToArray(), value => Assert.Equal(0f, value));
    }

    [Fact]
    public void The_mean_of_a_large_picture_is_accurate() {
        using var scope = new TensorScope();
        var random = new Philox(9);
        var x = new Tensor(HostDevice.Default, [1, 300, 400, 16]);
        foreach (ref float value in x.Span) value = 100 + random.NextSingle();
        double[] sums = new double[16];
        for (int i = 0; i < x.Count; i++) sums[i % 16] += x.Span[i];
        float[] means = Op.AdaptiveAvgPool2d(x, 1).ToArray();
        for (int c = 0; c < 16; c++) Assert.Equal(sums[c] / 120_000, means[c], 3e-5);
    }

    private static IEnumerable<int> Taps(int start, int size, int dilation) => Enumerable.Range(0, size).Select(k => start + k * dilation);

    private static void Direct(Tensor x, Tensor y, Tensor dy, Func<int, IEnumerable<int>> taps, Tensor gradient) =>
        Direct(x, y, dy, taps, taps, gradient);

    /// <summary>Maxima exactly, and gradients, which whole numbers make exact too.</summary>
    private static void Direct(Tensor x, Tensor y, Tensor dy, Func<int, IEnumerable<int>> rows, Func<int, IEnumerable<int>> columns,
        Tensor gradient) {
        float[] values = x.ToArray(), slopes = dy.ToArray(), expected = new float[y.Count], expectedGradient = new float[x.Count];
        int channels = x.Shape[3];
        for (int i = 0; i < y.Count; i++) {
            int c = i % channels, ox = i / channels % y.Shape[2], oy = i / channels / y.Shape[2] % y.Shape[1],
                image = i / (channels * y.Shape[2] * y.Shape[1]);
            int best = -1;
            foreach (int iy in rows(oy).Where(row => row >= 0 && row < x.Shape[1])) {
                foreach (int ix in columns(ox).Where(column => column >= 0 && column < x.Shape[2])) {
                    int place = ((image * x.Shape[1] + iy) * x.Shape[2] + ix) * channels + c;
                    if (best < 0 || values[place] > values[best]) best = place;
                }
            }
            expected[i] = best < 0 ? float.NegativeInfinity : values[best];
            if (best >= 0) expectedGradient[best] += slopes[i];
        }
        Assert.Equal(expected, y.ToArray());
        Assert.Equal(expectedGradient, gradient.ToArray());
    }

    private static void Sums(Tensor x, Tensor y, Func<int, IEnumerable<int>> taps) {
        float[] values = x.ToArray(), expected = new float[y.Count];
        int channels = x.Shape[3];
        for (int i = 0; i < y.Count; i++) {
            int c = i % channels, ox = i / channels % y.Shape[2], oy = i / channels / y.Shape[2] % y.Shape[1],
                image = i / (channels * y.Shape[2] * y.Shape[1]);
            foreach (int iy in taps(oy).Where(row => row >= 0 && row < x.Shape[1]))
                foreach (int ix in taps(ox).Where(column => column >= 0 && column < x.Shape[2]))
                    expected[i] += values[((image * x.Shape[1] + iy) * x.Shape[2] + ix) * channels + c];
        }
        Assert.Equal(expected, y.ToArray());
    }

    /// <summary>Whole numbers with many ties.</summary>
    private static Tensor Whole(Shape shape, ulong seed) {
        var random = new Philox(seed);
        return Tensor.From([.. Enumerable.Range(0, shape.Count).Select(_ => (float)random.Next(12))], shape);
    }
}
