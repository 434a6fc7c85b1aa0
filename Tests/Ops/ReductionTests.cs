using DenseEngine.Ops;
using Xunit;

namespace DenseEngine.Tests;

/// <summary>Reductions at sizes where blocks, tiles and threads come into play, against direct sums in double precision.</summary>
public class ReductionTests {
    public static TheoryData<string> Cases => [
        "[100003] 0", "[3, 70001] 1", "[1300, 7] 0", "[1025, 80] 0", "[2, 640, 33] 1", "[2, 3, 40, 30, 16] 0 2 3", "[5, 6, 7, 300] 1 3",
        "[3, 1, 5, 1, 17] 0 1", "[300, 2, 300] 0 2", "[2, 3, 2, 3, 2, 3] 0 2 4", "[2, 3, 2, 3, 2, 3] 1 3 5", "[3, 521] 0", "[40, 17] 1",
        "[4, 5] 0 1",
    ];

    [Theory, MemberData(nameof(Cases))]
    public void Sums_and_extremes_equal_direct_ones(string text) {
        (Shape shape, int[] axes) = Parse(text);
        float[] x = Values(shape.Count, 7);
        (int[] output, int outputs) = Outputs(shape, axes);
        double[] sums = new double[outputs], sizes = new double[outputs];
        float[] largest = [.. Enumerable.Repeat(float.NegativeInfinity, outputs)],
            smallest = [.. Enumerable.Repeat(float.PositiveInfinity, outputs)];
        for (int i = 0; i < x.Length; i++) {
            sums[output[i]] += x[i];
            sizes[output[i]] += Math.Abs(x[i]);
            largest[output[i]] = Math.Max(largest[output[i]], x[i]);
            smallest[output[i]] = Math.Min(smallest[output[i]], x[i]);
        }
        using var scope = new TensorScope();
        Tensor t = Tensor.From(x, shape);
        float[] sum = Op.Sum(t, axes).ToArray(), mean = Op.Mean(t, axes, keepDims: true).ToArray();
        int each = x.Length / outputs;
        for (int i = 0; i < outputs; i++) {
            Assert.True(Math.Abs(sum[i] - sums[i]) <= 5e-7 * sizes[i], $"sum {i}: {sum[i]} instead of {sums[i]}");
            Assert.True(Math.Abs(mean[i] - sums[i] / each) <= 5e-7 * sizes[i] / each, $"mean {i}: {mean[i]} instead of {sums[i] / each}");
        }
        Assert.Equal(largest, Op.Amax(t, axes).ToArray());
        Assert.Equal(smallest, Op.Amin(t, axes).ToArray());
    }

    [Theory, MemberData(nameof(Cases))]
    public void Gradients_reach_every_element_of_their_output(string text) {
        (Shape shape, int[] axes) = Parse(text);
        (int[] output, int outputs) = Outputs(shape, axes);
        float[] weights = Values(outputs, 11);
        using var scope = new TensorScope();
        Tensor x = Tensor.From(Values(shape.Count, 7), shape);
        x.RequiresGrad = true;
        Tensor y = Op.Sum(x, axes);
        y.Backward(Tensor.From(weights, y.Shape));
        Assert.Equal([.. output.Select(i => weights[i])], x.Grad!.ToArray());
    }

    [Theory, MemberData(nameof(Cases))]
    public void Threads_do_not_change_a_bit(string text) {
        (Shape shape, int[] axes) = Parse(text);
        float[] x = Values(shape.Count, 7);
        float[][] results = [.. new[] { 1, 2, 3 }.Select(threads => {
            using var device = new HostDevice(threads);
            using var scope = new TensorScope();
            return Op.Sum(Tensor.From(x, shape, device), axes).ToArray();
        })];
        Assert.Equal(results[0], results[1]);
        Assert.Equal(results[0], results[2]);
    }

    /// <summary>Rows of 40 take vectors, columns of 40 a lane each; NaN beats all, and the first of equals wins.</summary>
    [Theory, InlineData(1), InlineData(0)]
    public void Extremes_are_the_first_and_count_not_a_number(int axis) {
        float[] x = new float[40 * 40];
        int[] largest = new int[40], smallest = new int[40];
        for (int line = 0; line < 40; line++) {
            void Set(int i, float value) => x[axis == 1 ? line * 40 + i : i * 40 + line] = value;
            Set(largest[line] = (line * 7 + 1) % 38, 2);
            Set(largest[line] + 1, 2);
            Set(smallest[line] = (line * 7 + 20) % 38, -2);
            if (line % 3 != 0) continue;
            Set(largest[line] = smallest[line] = Math.Max(largest[line], smallest[line]), float.NaN);
            Set(39, float.NaN);
        }
        using var scope = new TensorScope();
        Tensor t = Tensor.From(x, [40, 40]);
        (Tensor values, Tensor indices) = Op.Max(t, axis);
        Assert.Equal(largest, indices.ToIntArray());
        Assert.Equal(largest, Op.ArgMax(t, axis).ToIntArray());
        Assert.Equal(smallest, Op.Min(t, axis).Indices.ToIntArray());
        Assert.Equal([.. Enumerable.Range(0, 40).Select(line => line % 3 == 0 ? float.NaN : 2)], values.ToArray());
        Assert.Equal(values.ToArray(), Op.Amax(t, [axis]).ToArray());
        Assert.Equal(float.NaN, Op.Amin(t).Item());
    }

    [Fact]
    public void Sums_of_nothing_are_zero_and_means_not_a_number() {
        using var scope = new TensorScope();
        Assert.Equal([0f, 0, 0], Op.Sum(Tensor.Zeros([0, 3]), [0]).ToArray());
        Assert.Equal([float.NaN, float.NaN, float.NaN], Op.Mean(Tensor.Zeros([3, 0]), [1]).ToArray());
        Assert.Equal(new Shape(0, 1), Op.Sum(Tensor.Zeros([0, 3]), [1], keepDims: true).Shape);
    }

    private static (Shape, int[]) Parse(string text) {
        string[] parts = text.Split(']');
        return (new Shape([.. parts[0][1..].Split(',').Select(int.Parse)]), [.. parts[1].Trim().Split(' ').Select(int.Parse)]);
    }

    /// <summary>For each element the number of the output that it belongs to.</summary>
    private static (int[] Output, int Outputs) Outputs(Shape shape, int[] axes) {
        int[] output = new int[shape.Count];
        int outputs = 1;
        for (int axis = 0; axis < shape.Rank; axis++)
            if (!axes.Contains(axis)) outputs *= shape[axis];
        for (int i = 0; i < output.Length; i++) {
            for (int axis = 0; axis < shape.Rank; axis++)
                if (!axes.Contains(axis)) output[i] = output[i] * shape[axis] + i / shape.Stride(axis) % shape[axis];
        }
        return (output, outputs);
    }

    private static float[] Values(int count, int seed) {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => (float)(random.NextDouble() * 4 - 1))];
    }
}
