using ILGPU;
using ILGPU.Checking;
using ILGPU.Runtime;
using Xunit;

namespace DenseEngine.Tests;

/// <summary>A pool's block starts each life unwritten, and lies untouched between two of them.</summary>
public sealed class RecycledBlocksTests : IDisposable {
    private readonly GpuDevice gpu = GpuDevice.Open("checked");

    [Fact]
    public void A_recycled_block_counts_as_unwritten() {
        nint block;
        using (Tensor first = Tensor.Full([1000], 1, gpu)) block = first.Storage.Block;
        using var second = new Tensor(gpu, [1000]);
        Assert.Equal(block, second.Storage.Block);
        Assert.Contains("unwritten", Fault(() => second.ToArray()), StringComparison.Ordinal);
        using Tensor target = Tensor.Zeros([1000], device: gpu);
        Assert.Contains("unwritten: reads memory that nothing has written: buffer 'source' byte 0 of 4096; kernel AddIntoKernel",
            Fault(() => gpu.AddInto(second, target)), StringComparison.Ordinal);
    }

    /// <summary>A kernel that leaves out the last element goes unseen on a device whose block held the right value before.</summary>
    [Fact]
    public void A_kernel_that_leaves_out_an_element_is_caught_in_a_recycled_block() {
        using (Tensor right = Tensor.Full([256], 5, gpu)) Assert.Equal(5, right.ToArray()[255]);
        using var y = new Tensor(gpu, [256]);
        gpu.Kernel(AllButTheLast, a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<float>>(AllButTheLast))(256, gpu.Floats(y));
        Assert.Contains("unwritten: the host copies memory that nothing has written: byte 1020 of 1024",
            Fault(() => y.ToArray()), StringComparison.Ordinal);
    }

    [Fact]
    public void A_view_of_a_block_in_the_pool_must_not_be_used() {
        var x = Tensor.Full([64], 1, gpu);
        ArrayView<float> view = gpu.Floats(x);
        x.Dispose();
        Assert.Contains("use after free: writes to memory that was given back: buffer 'y' byte 0 of 256; kernel AllButTheLast",
            Fault(() => gpu.Kernel(AllButTheLast, a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<float>>(AllButTheLast))(64, view)),
            StringComparison.Ordinal);
        Assert.Contains("use after free", Fault(() => view.MemSetToZero()), StringComparison.Ordinal);
        Assert.Contains("use after free", Fault(() => view.GetAsArray()), StringComparison.Ordinal);
    }

    public void Dispose() => gpu.Dispose();

    private static string Fault(Action work) => Assert.Throws<KernelFaultException>(work).Message;

    private static void AllButTheLast(Index1D i, ArrayView<float> y) {
        if (i < y.IntLength - 1) y[i] = 5;
    }
}
