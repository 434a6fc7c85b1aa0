using DenseEngine.Ops;
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
            Tensor y = Calls[name](x, Tensor.From([0, 4, wrong, wrong], [4, 1], gpu));
            string message = Assert.Throws<ShapeException>(() => y.ToArray()).Message;
            Assert.Contains($"{name}: index 2 is out of range; axis 0 of shape [5, 3] has size 5", message, StringComparison.Ordinal);
            Assert.All(x.ToArray(), value => Assert.Equal(1, value));   // told once
        }
    }

    [Fact]
    public void The_first_launch_is_reported() {
        Tensor x = Tensor.Full([5, 3], 1, gpu);
        _ = Op.Gather(x, Tensor.From([7], [1, 1], gpu), 0);
        _ = Op.IndexSelect(x, Tensor.From([9], [1], gpu), 1);
        Assert.StartsWith("Gather:", Assert.Throws<ShapeException>(gpu.Synchronize).Message, StringComparison.Ordinal);
        gpu.Synchronize();
    }

    public void Dispose() {
        scope.Dispose();
        gpu.Dispose();
    }
}
