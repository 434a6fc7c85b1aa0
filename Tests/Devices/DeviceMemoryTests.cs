using DenseEngine.Ops;
using Xunit;

namespace DenseEngine.Tests;

/// <summary>The limit of a device's memory, the message when it is reached, and that everything works afterwards.</summary>
public sealed class DeviceMemoryTests : IDisposable {
    private readonly GpuDevice gpu = GpuDevice.Open(GpuDevice.Names()[^1]);

    [Fact]
    public void A_tensor_beyond_the_limit_is_refused_with_its_shape_and_the_pools_state() {
        gpu.Pool.Limit = 1 << 20;
        using Tensor held = Tensor.Zeros([600, 256], device: gpu);
        PoolStatistics before = gpu.Pool.Statistics;
        string message = Assert.Throws<OutOfDeviceMemoryException>(() => new Tensor(gpu, [3, 500, 256])).Message;
        Assert.Contains($"{gpu.Name}: there is no memory for a tensor Float32 [3, 500, 256] of 1536000 bytes", message,
            StringComparison.Ordinal);
        Assert.Contains("1 tensors hold 0.7 MB", message, StringComparison.Ordinal);
        Assert.Contains("the limit is 1.0 MB", message, StringComparison.Ordinal);
        Assert.Equal(before, gpu.Pool.Statistics);
        gpu.Pool.Limit = null;
        using Tensor now = Tensor.Full([3, 500, 256], 2, gpu);
        Assert.All(now.ToArray(), value => Assert.Equal(2, value));
    }

    [Fact]
    public void Waiting_blocks_make_room() {
        gpu.Pool.Limit = 1 << 20;
        Tensor.Zeros([800, 256], device: gpu).Dispose();
        using Tensor other = Tensor.Full([700, 256], 3, gpu);   // of another size class
        Assert.Equal(3, other.ToArray()[^1]);
        Assert.True(gpu.Pool.Statistics.ReservedBytes <= 1 << 20);
    }

    [Fact]
    public void Lost_tensors_make_room() {
        gpu.Pool.Limit = 1 << 20;
        Lose();
        using Tensor other = Tensor.Full([700, 256], 3, gpu);
        Assert.Equal(3, other.ToArray()[^1]);

        [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
        void Lose() => _ = new Tensor(gpu, [800, 256]);
    }

    [Fact]
    public void An_operation_that_runs_out_leaves_nothing_behind() {
        using Tensor x = Tensor.Full([512, 256], 1, gpu);
        gpu.Pool.Limit = gpu.Pool.Statistics.ReservedBytes + 700_000;
        long live = gpu.Pool.Statistics.LiveBytes;
        using (new TensorScope())
            Assert.Throws<OutOfDeviceMemoryException>(() => Op.Exp(Op.Exp(x)));
        Assert.Equal(live, gpu.Pool.Statistics.LiveBytes);
        gpu.Pool.Limit = null;
        using var scope = new TensorScope();
        Assert.Equal(MathF.E, Op.Exp(x).ToArray()[77], 1e-6f);
    }

    [Fact]
    public void A_detector_that_runs_out_gives_all_back_and_works_again() {
        using DetectorFixture fixture = DetectorFixture.Load(DetectorFixture.Cases[0], gpu);
        Models.Detection[] Detect() => [.. fixture.Detector.Detect(fixture.Batch, fixture.Images).SelectMany(found => found)];
        Detect();   // what stays: the folded norms
        gpu.Pool.ResetPeak();
        Models.Detection[] expected = Detect();
        gpu.Pool.Trim();
        PoolStatistics before = gpu.Pool.Statistics;
        long needed = before.PeakBytes - before.LiveBytes;
        foreach (double share in (double[])[0.1, 0.4, 0.9]) {
            gpu.Pool.Limit = before.LiveBytes + (long)(share * needed);
            Assert.Contains("there is no memory for a tensor", Assert.Throws<OutOfDeviceMemoryException>(Detect).Message,
                StringComparison.Ordinal);
            Assert.Equal((before.LiveBytes, before.LiveBuffers), (gpu.Pool.Statistics.LiveBytes, gpu.Pool.Statistics.LiveBuffers));
        }
        gpu.Pool.Limit = null;
        Assert.NotEmpty(expected);
        Assert.Equal(expected, Detect());
    }

    /// <summary>More uploads than fit into the staging memory, none waited for; each arrives whole.</summary>
    [Fact]
    public void Uploads_arrive_in_order() {
        using var scope = new TensorScope();
        Tensor[] there = [.. Enumerable.Range(0, 12)
            .Select(i => Tensor.From([.. Enumerable.Repeat(i + 0.5f, 50_000 + i)], [50_000 + i], gpu))];
        for (int i = 0; i < there.Length; i++) Assert.All(there[i].ToArray(), value => Assert.Equal(i + 0.5f, value));
    }

    public void Dispose() => gpu.Dispose();
}
