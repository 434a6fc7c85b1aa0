using ILGPU;
using ILGPU.Runtime;
using Xunit;

namespace DenseEngine.Tests;

/// <summary>The processor plays the GPU it is told to.</summary>
public class PlayedGpuTests {
    public static TheoryData<int, int, bool> Sizes => new() { { 8, 64, false }, { 16, 256, true }, { 32, 1024, true } };

    [Theory, MemberData(nameof(Sizes))]
    public void Warp_group_and_order_are_as_told(int warp, int group, bool reversed) {
        using var gpu = GpuDevice.Open(GpuDevice.Names()[^1], new PlayedGpu(warp, group, reversed));
        using var y = new Tensor(gpu, [3]);
        Action<KernelConfig, ArrayView<float>> kernel = gpu.Kernel(Report, a => a.LoadStreamKernel<ArrayView<float>>(Report));
        kernel((1, group), gpu.Floats(y));
        Assert.Equal([warp, group, 2], y.ToArray());
        Assert.ThrowsAny<ArgumentOutOfRangeException>(() => kernel((1, group + warp), gpu.Floats(y)));
#if ILGPU_CHECKED
        using Tensor ticket = Tensor.Zeros([1], DType.Int32, gpu), order = new(gpu, [6], DType.Int32);
        gpu.Kernel(Take, a => a.LoadStreamKernel<ArrayView<int>, ArrayView<int>>(Take))((3, 2), gpu.Integers(ticket), gpu.Integers(order));
        int[] forward = [0, 1, 2, 3, 4, 5];
        Assert.Equal(reversed ? forward.Reverse() : forward, order.ToIntArray());
        gpu.Fill(ticket, 0);
        using Tensor each = new(gpu, [6], DType.Int32);
        gpu.Kernel(TakeEach, a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<int>, ArrayView<int>>(TakeEach))(
            6, gpu.Integers(ticket), gpu.Integers(each));
        Assert.Equal(reversed ? forward.Reverse() : forward, each.ToIntArray());
#endif
    }

    [Fact]
    public void The_environment_says_which() {
        Assert.Equal(new PlayedGpu(32, 1024, false), PlayedGpu.From(_ => null));
        Assert.Equal(new PlayedGpu(8, 256, true, false), PlayedGpu.From(name => name switch {
            "DENSE_CHECKED_WARP" => "8",
            "DENSE_CHECKED_GROUP" => "256",
            "DENSE_CHECKED_ACCESSES" => "off",
            _ => "reversed",
        }));
        foreach ((string name, string value) in new[] {
            ("DENSE_CHECKED_WARP", "12"), ("DENSE_CHECKED_WARP", "many"), ("DENSE_CHECKED_GROUP", "2048"), ("DENSE_CHECKED_GROUP", "40"),
            ("DENSE_CHECKED_ORDER", "backward"), ("DENSE_CHECKED_ACCESSES", "maybe"),
        })
            Assert.Contains(name, Assert.Throws<ConfigException>(() => PlayedGpu.From(asked => asked == name ? value : null)).Message,
                StringComparison.Ordinal);
    }

    internal static void Report(ArrayView<float> y) {
        int count = Group.BarrierPopCount(true);
        if (Group.IdxX == 0) {
            y[0] = Warp.WarpSize;
            y[1] = count;
            y[2] = 2;
        }
    }

    internal static void Take(ArrayView<int> ticket, ArrayView<int> order) => order[Grid.GlobalLinearIndex] = Atomic.Add(ref ticket[0], 1);

    internal static void TakeEach(Index1D i, ArrayView<int> ticket, ArrayView<int> order) => order[i] = Atomic.Add(ref ticket[0], 1);
}
