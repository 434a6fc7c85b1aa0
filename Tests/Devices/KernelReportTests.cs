using DenseEngine.Ops;
using ILGPU;
using ILGPU.Runtime;
using Xunit;

namespace DenseEngine.Tests;

/// <summary>Wrong data on a device are reported when the host waits, and the device works on.</summary>
public sealed class KernelReportTests : IDisposable {
    private readonly GpuDevice gpu = GpuDevice.Open(GpuDevice.Names()[^1]);
    private readonly TensorScope scope = new();

    public static TheoryData<string> Names => [.. Calls.Keys];

    private static readonly Dictionary<string, Func<Tensor, Tensor, Tensor>> Calls = new() {
        ["IndexSelect"] = (x, index) => Op.IndexSelect(x, Op.Reshape(index, 4), 0),
        ["Gather"] = (x, index) => Op.Gather(x, index, 0),
        ["ScatterAdd"] = (x, index) => Op.ScatterAdd(x, index, x, 0),
    };

    [Theory, MemberData(nameof(Names))]
    public void An_index_out_of_range_is_named(string name) {
        foreach (int wrong in new[] { -1, 5, int.MinValue, int.MaxValue }) {
            Tensor x = Tensor.Full([5, 3], 1, gpu);
            int[] places = [0, 4, wrong, wrong];
            Tensor y = Calls[name](x, Tensor.From(places, [4, 1], gpu));
            string message = Assert.Throws<ShapeException>(() => y.ToArray()).Message;
            Assert.Equal(Assert.Throws<ShapeException>(() => Calls[name](Tensor.Zeros([5, 3]), Tensor.From(places, [4, 1]))).Message,
                message);
            Assert.All(x.ToArray(), value => Assert.Equal(1, value));   // told once
        }
    }

    /// <summary>What is good of the result is there, the rest is zero or as it was, and so are the gradients.</summary>
    [Theory, MemberData(nameof(Names))]
    public void What_is_right_is_done(string name) {
        Tensor x = Tensor.Full([5, 3], 2, gpu), y, dx;
        x.RequiresGrad = true;
        y = Calls[name](x, Tensor.From([1, -1, 5, 1], [4, 1], gpu));
        y.Backward(Tensor.Full(y.Shape, 3, gpu));
        dx = x.Grad!;
        Assert.Throws<ShapeException>(gpu.Synchronize);
        (float[] Value, float[] Gradient) expected = name switch {
            "IndexSelect" => ([2, 2, 2, 0, 0, 0, 0, 0, 0, 2, 2, 2], [0, 0, 0, 6, 6, 6, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
            "Gather" => ([2, 0, 0, 2], [0, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
            _ => ([2, 2, 2, 6, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2], [6, 3, 3, 3, 3, 3, 3, 3, 3, 6, 3, 3, 3, 3, 3]),
        };
        Assert.Equal(expected.Value, y.ToArray());
        Assert.Equal(expected.Gradient, dx.ToArray());
    }

    /// <summary>Nothing can be picked of nothing.</summary>
    [Fact]
    public void An_empty_axis_has_no_place() {
        Tensor y = Op.IndexSelect(Tensor.Zeros([0, 3], device: gpu), Tensor.From([0], [1], gpu), 0);
        Assert.Contains("index 0 is 0; axis 0 of shape [0, 3] has size 0",
            Assert.Throws<ShapeException>(gpu.Synchronize).Message, StringComparison.Ordinal);
        Assert.Equal([0, 0, 0], y.ToArray());
    }

    /// <summary>The losses' labels, beside rows that are right, in the last four of 6.</summary>
    [Fact]
    public void A_label_out_of_range_is_named() {
        int[] classes = [0, 2, -100, 1, 3, -1];
        Tensor loss = Op.CrossEntropy(Tensor.Full([6, 3], 1, gpu), Tensor.From(classes, [6], gpu), reduction: Ops.Reduction.None);
        Assert.Equal(Assert.Throws<ShapeException>(() => Op.CrossEntropy(Tensor.Zeros([6, 3]), Tensor.From(classes, [6]))).Message,
            Assert.Throws<ShapeException>(gpu.Synchronize).Message);
        Assert.Equal([false, false, false, false, true, true], loss.ToArray().Select(float.IsNaN));
        float[] bins = [0, 0.5f, 1.75f, 1, 0, 2];
        loss = Op.DistributionFocalLoss(Tensor.Full([6, 3], 1, gpu), Tensor.From(bins, [6], gpu));
        Assert.Equal(Assert.Throws<ShapeException>(() => Op.DistributionFocalLoss(Tensor.Zeros([6, 3]), Tensor.From(bins, [6]))).Message,
            Assert.Throws<ShapeException>(gpu.Synchronize).Message);
        Assert.Equal([false, false, false, false, false, true], loss.ToArray().Select(float.IsNaN));
    }

    [Fact]
    public void A_picture_out_of_range_is_named() {
        float[] boxes = [1, 0, 0, 2, 2, 2, 0, 0, 2, 2, -1, 0, 0, 2, 2];
        Tensor y = Op.RoiAlign(Tensor.Full([2, 4, 4, 2], 1, gpu), Tensor.From(boxes, [3, 5], gpu), 1);
        Assert.Equal(Assert.Throws<ShapeException>(() => Op.RoiAlign(Tensor.Zeros([2, 4, 4, 2]), Tensor.From(boxes, [3, 5]), 1)).Message,
            Assert.Throws<ShapeException>(gpu.Synchronize).Message);
        Assert.Equal([1, 1, 0, 0, 0, 0], y.ToArray());
    }

    [Fact]
    public void The_first_launch_is_reported() {
        Tensor x = Tensor.Full([5, 3], 1, gpu);
        _ = Op.Gather(x, Tensor.From([7], [1, 1], gpu), 0);
        _ = Op.IndexSelect(x, Tensor.From([9], [1], gpu), 1);
        Assert.StartsWith("Gather:", Assert.Throws<ShapeException>(gpu.Synchronize).Message, StringComparison.Ordinal);
        gpu.Synchronize();
    }

    /// <summary>Another thread may wait between a report's opening and its launch.</summary>
    [Fact]
    public void A_wait_before_the_launch_loses_nothing() {
        KernelReport report = gpu.Report((place, value) => $"place {place}, value {value}");
        gpu.Synchronize();
        gpu.Kernel(NoteKernel, a => a.LoadAutoGroupedStreamKernel<Index1D, KernelReport>(NoteKernel))(3, report);
        Assert.Equal("place 40, value -5", Assert.Throws<ShapeException>(gpu.Synchronize).Message);
        gpu.Synchronize();
    }

    internal static void NoteKernel(Index1D i, KernelReport report) => report.Note(42 - i, -5);

    public void Dispose() {
        scope.Dispose();
        gpu.Dispose();
    }
}
