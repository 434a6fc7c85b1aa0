using DenseEngine.Ops;
using Xunit;

namespace DenseEngine.Tests;

/// <summary>The GPU path on whatever device there is: the checking one at least.</summary>
public sealed class GpuDeviceTests : IDisposable {
    private readonly GpuDevice gpu = GpuDevice.Open(GpuDevice.Names()[^1]);
    private readonly Philox random = new(5);

    [Fact]
    public void Memory_goes_both_ways() {
        using Tensor x = Random([3, 5]), there = x.To(gpu), copy = new(gpu, [15]), back = there.To(HostDevice.Default);
        Assert.Equal(x.ToArray(), back.ToArray());
        gpu.Copy(there, copy);
        gpu.AddInto(copy, copy.View([15]));
        Assert.Equal(x.ToArray().Select(v => v + v), copy.ToArray());
        using Tensor ones = Tensor.Full([7], 1, gpu), integers = Tensor.From([1, 2, 3], [3], gpu), none = Tensor.Zeros([0, 4], device: gpu);
        Assert.All(ones.ToArray(), v => Assert.Equal(1, v));
        Assert.Equal([1, 2, 3], integers.ToIntArray());
        Assert.Empty(none.ToArray());
    }

    [Fact]
    public void Memory_is_given_back() {
        for (int i = 0; i < 3; i++) Tensor.Zeros([1000], device: gpu).Dispose();
        Assert.Equal(0, gpu.Pool.Statistics.LiveBuffers);
        Assert.True(gpu.Pool.Statistics.ReservedBytes < 8192);
    }

    [Fact]
    public void What_is_elsewhere_is_refused() {
        Assert.Throws<DeviceException>(() => GpuDevice.Open("cuda:99"));
        using Tensor here = Random([4]), there = here.To(gpu);
        Assert.Throws<DeviceException>(() => there.Span.Length);
        Assert.Throws<DeviceException>(() => gpu.Floats(here));
    }

    public static TheoryData<string> UnaryNames => [.. Unary.Keys];

    private static readonly Dictionary<string, Func<Tensor, Tensor>> Unary = new() {
        ["Relu"] = Op.Relu,
        ["Exp"] = Op.Exp,
        ["Log"] = Op.Log,
        ["Sigmoid"] = Op.Sigmoid,
        ["Tanh"] = Op.Tanh,
        ["Neg"] = Op.Neg,
        ["Abs"] = Op.Abs,
        ["LeakyRelu"] = x => Op.LeakyRelu(x, 0.1f),
        ["Pow"] = x => Op.Pow(x, 2.5f),
        ["Clamp"] = x => Op.Clamp(x, -1, 1),
        ["Sqrt"] = Op.Sqrt,
        ["Softplus"] = x => Op.Softplus(x),
        ["LogSigmoid"] = Op.LogSigmoid,
    };

    /// <summary>One body serves both: the bits are equal where the device does not fuse multiplications and additions.</summary>
    [Theory, MemberData(nameof(UnaryNames))]
    public void Elementwise_values_and_gradients(string name) {
        using var scope = new TensorScope();
        Tensor x = Random([513]), moved = x.To(gpu);
        (x.RequiresGrad, moved.RequiresGrad) = (true, true);
        Tensor expected = Unary[name](x), actual = Unary[name](moved);
        AssertClose(expected.ToArray(), actual.ToArray(), 1e-6f);
        expected.Backward(Tensor.Full([513], 2));
        actual.Backward(Tensor.Full([513], 2, gpu));
        AssertClose(x.Grad!.ToArray(), moved.Grad!.ToArray(), 1e-6f);
    }

    public static TheoryData<int[], int[]?> Reductions => new() {
        { [5], null }, { [9000], null }, { [3, 700], [1] }, { [3, 700], [0] }, { [300, 3], [0] }, { [2, 5, 7, 3], [1, 2] },
            { [2, 5, 7, 3], [0, 3] },
        { [4, 0], [1] }, { [0, 4], [1] }, { [1, 1], [0] }, { [5000, 2], [1] },
    };

    [Theory, MemberData(nameof(Reductions))]
    public void Sums_and_means_over_axes(int[] shape, int[]? axes) {
        using var scope = new TensorScope();
        Tensor x = Random([.. shape]), moved = x.To(gpu);
        (x.RequiresGrad, moved.RequiresGrad) = (true, true);
        AssertClose(Op.Mean(x, axes).ToArray(), Op.Mean(moved, axes).ToArray(), 2e-6f);
        Tensor expected = Op.Sum(x, axes), actual = Op.Sum(moved, axes);
        AssertClose(expected.ToArray(), actual.ToArray(), 2e-6f);
        if (expected.Count == 0) return;
        Tensor dy = Random(expected.Shape);
        expected.Backward(dy);
        actual.Backward(dy.To(gpu));
        Assert.Equal(x.Grad!.ToArray(), moved.Grad!.ToArray());
    }

    /// <summary>Images, height, width, input channels, output channels, kernel, stride, padding, dilation, groups.</summary>
    public static TheoryData<int[]> Convolutions => new() {
        new[] { 2, 9, 11, 16, 64, 3, 1, 1, 1, 1 }, new[] { 1, 13, 9, 20, 36, 3, 2, 1, 1, 1 }, new[] { 1, 8, 8, 64, 68, 1, 1, 0, 1, 1 },
        new[] { 2, 7, 7, 32, 16, 3, 1, 2, 2, 4 }, new[] { 1, 12, 10, 3, 8, 7, 2, 3, 1, 1 }, new[] { 1, 6, 6, 8, 8, 3, 1, 1, 1, 8 },
        new[] { 1, 5, 5, 4, 4, 5, 1, 0, 1, 1 }, new[] { 0, 5, 5, 4, 4, 3, 1, 1, 1, 1 },
    };

    [Theory, MemberData(nameof(Convolutions))]
    public void Convolutions_of_all_kinds(int[] sizes) {
        using var exact = new HostDevice(1) { Exact = true };   // kernels are plain sums
        using var scope = new TensorScope();
        (int c, int o, int k, int groups) = (sizes[3], sizes[4], sizes[5], sizes[9]);
        Tensor x = Random([sizes[0], sizes[1], sizes[2], c]).To(exact), weight = Random([o, k, k, c / groups]).To(exact),
            bias = Random([o]).To(exact);
        foreach (Tensor? added in new[] { null, bias }) {
            Tensor expected = Op.Conv2d(x, weight, added, sizes[6], sizes[7], sizes[8], groups);
            Tensor actual = Op.Conv2d(x.To(gpu), weight.To(gpu), added?.To(gpu), sizes[6], sizes[7], sizes[8], groups);
            Assert.Equal(expected.Shape, actual.Shape);
            AssertClose(expected.ToArray(), actual.ToArray(), 1e-5f);
        }
    }

    public void Dispose() => gpu.Dispose();

    private Tensor Random(Shape shape) => Tensor.From([.. Enumerable.Range(0, shape.Count).Select(_ => random.NextNormal())], shape);

    private static void AssertClose(float[] expected, float[] actual, float tolerance) {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++) {
            if (float.IsNaN(expected[i]) && float.IsNaN(actual[i]) || expected[i] == actual[i]) continue;
            Assert.True(Math.Abs(expected[i] - actual[i]) <= tolerance * (1 + Math.Abs(expected[i])),
                $"element {i}: {expected[i]} expected, {actual[i]} found");
        }
    }

    /// <summary>As <see cref="Models.Detector"/> promises: threads do not mix up each other's arguments.</summary>
    [Fact]
    public void Threads_may_launch_at_once() {
        foreach (GpuCase place in GpuCase.All) {
            using GpuDevice gpu = place.Open();
            var wrong = new System.Collections.Concurrent.ConcurrentQueue<string>();
            int rounds = place.Name == "ilgpu-cpu" ? 5 : 100;
            Thread[] threads = [.. Enumerable.Range(1, 4).Select(number => new Thread(() => {
                try {
                    for (int round = 0; round < rounds; round++) {
                        using var scope = new TensorScope();
                        Tensor x = Tensor.Full([50 * number], number, gpu);
                        for (int i = 0; i < 5; i++) x = Op.Affine(x, 2, number);
                        float[] values = x.ToArray();
                        if (values.Any(value => value != 63 * number)) wrong.Enqueue($"{values[0]} in place of {63 * number}");
                    }
                } catch (Exception e) {
                    wrong.Enqueue(e.ToString());
                }
            }))];
            foreach (Thread thread in threads) thread.Start();
            foreach (Thread thread in threads) thread.Join();
            Assert.Empty(wrong);
        }
    }
}
