using DenseEngine.Ops;
using Xunit;

namespace DenseEngine.Tests;

/// <summary>Softmax and its logarithm at sizes that take each of the ways through the loops, against double precision.</summary>
public class SoftmaxTests {
    public static TheoryData<int[], int> Cases => new() {
        { [1000, 17], -1 }, { [33, 80], -1 }, { [5, 48], 1 }, { [7, 50, 100], 1 }, { [2, 81, 37], 1 }, { [3, 4, 16], 0 }, { [9, 1], -1 },
        { [2, 3000], -1 }, { [19, 81], -1 }, { [3, 1027], -1 }, { [17], 0 }, { [1, 5, 3], 1 }, { [0, 5], 1 }, { [5, 0], 1 },
    };

    [Theory]
    [InlineData(89, 17)]
    [InlineData(5, 33)]
    [InlineData(16, 1)]
    public void An_expected_value_and_its_gradient_equal_direct_ones(int lines, int bins) {
        float[] x = Values(lines * bins, 1), dy = Values(lines, 2), values = Values(bins, 3);
        double[] y = new double[lines], dx = new double[x.Length];
        for (int line = 0; line < lines; line++) {
            IEnumerable<int> places = Enumerable.Range(line * bins, bins);
            double sum = places.Sum(i => Math.Exp(x[i]));
            y[line] = places.Sum(i => Math.Exp(x[i]) / sum * values[i % bins]);
            foreach (int i in places) dx[i] = Math.Exp(x[i]) / sum * (values[i % bins] - y[line]) * dy[line];
        }
        using var scope = new TensorScope();
        Tensor t = Tensor.From(x, [lines, bins]);
        t.RequiresGrad = true;
        Tensor result = Op.ExpectedValue(t, Tensor.From(values, [bins]));
        Near(y, result, 2e-6, 1e-6);
        result.Backward(Tensor.From(dy, [lines]));
        Near(dx, t.Grad!, 1e-6, 2e-6);
    }

    [Theory, MemberData(nameof(Cases))]
    public void Values_and_gradients_equal_direct_ones(int[] sizes, int axis) {
        Shape shape = new(sizes);
        float[] x = Values(shape.Count, 1), dy = Values(shape.Count, 2);
        double[] p = new double[x.Length], log = new double[x.Length], dp = new double[x.Length], dlog = new double[x.Length];
        axis = shape.Axis(axis);
        int stride = shape.Stride(axis), size = shape[axis];
        for (int i = 0; i < x.Length; i++) {
            int start = i - i / stride % size * stride;
            IEnumerable<int> line = Enumerable.Range(0, size).Select(k => start + k * stride);
            double sum = line.Sum(k => Math.Exp(x[k]));
            p[i] = Math.Exp(x[i]) / sum;
            log[i] = x[i] - Math.Log(sum);
            dp[i] = p[i] * (dy[i] - line.Sum(k => dy[k] * Math.Exp(x[k]) / sum));
            dlog[i] = dy[i] - p[i] * line.Sum(k => (double)dy[k]);
        }
        using var scope = new TensorScope();
        Tensor t = Tensor.From(x, shape);
        t.RequiresGrad = true;
        Tensor y = Op.Softmax(t, axis);
        Near(p, y, 2e-6, 0);
        y.Backward(Tensor.From(dy, shape));
        Near(dp, t.Grad!, 1e-6, 2e-6);   // a difference of values up to 6
        t.Grad = null;
        y = Op.LogSoftmax(t, axis);
        Near(log, y, 1e-6, 1e-6);
        y.Backward(Tensor.From(dy, shape));
        Near(dlog, t.Grad!, 2e-6, 2e-6 * (1 + size / 50));
    }

    [Theory, MemberData(nameof(Cases))]
    public void Threads_do_not_change_a_bit(int[] sizes, int axis) {
        float[] x = Values(new Shape(sizes).Count, 1);
        float[][] results = [.. new[] { 1, 2, 3 }.Select(threads => {
            using var device = new HostDevice(threads);
            using var scope = new TensorScope();
            return Op.Softmax(Tensor.From(x, new Shape(sizes), device), axis).ToArray();
        })];
        Assert.Equal(results[0], results[1]);
        Assert.Equal(results[0], results[2]);
    }

    [Theory, InlineData(17), InlineData(80), InlineData(300)]
    public void A_line_has_the_same_bits_wherever_it_stands(int size) {
        float[] line = Values(size, 3), all = new float[37 * size];
        for (int row = 0; row < 37; row++) line.CopyTo(all, row * size);
        using var scope = new TensorScope();
        float[] y = Op.Softmax(Tensor.From(all, [37, size])).ToArray();
        for (int row = 1; row < 37; row++) Assert.Equal(y[..size], y[(row * size)..((row + 1) * size)]);
    }

    private static void Near(double[] expected, Tensor actual, double relative, double absolute) {
        float[] values = actual.ToArray();
        Assert.Equal(expected.Length, values.Length);
        for (int i = 0; i < expected.Length; i++)
            Assert.True(Math.Abs(values[i] - expected[i]) <= relative * Math.Abs(expected[i]) + absolute,
                $"{i}: {values[i]} instead of {expected[i]}");
    }

    private static float[] Values(int count, int seed) {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => (float)(random.NextDouble() * 12 - 6))];
    }
}
