using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.CPU;
using Xunit;

namespace DenseEngine.Tests;

/// <summary>Kernels without bugs run without a fault and give what plain code gives.</summary>
public class SoundKernelsTests {
    [Fact]
    public void Elementwise_by_static_abstract_members() {
        using var a = new CheckedAccelerator();
        ArrayView<float> x = a.Ramp(1000), y = a.New<float>(1000);
        a.Accelerator.LoadAutoGroupedStreamKernel<Index1D, ArrayView<float>,
            ArrayView<float>>(SoundKernels.Map<SoundKernels.HardSwish>)(1000, x, y);
        Assert.Equal(Enumerable.Range(0, 1000).Select(i => SoundKernels.HardSwish.Apply(i)), y.GetAsArray());
        a.Accelerator.LoadAutoGroupedStreamKernel<Index1D, ArrayView<float>,
            ArrayView<float>>(SoundKernels.Map<SoundKernels.Twice>)(1000, x, y);
        Assert.Equal(Enumerable.Range(0, 1000).Select(i => 2f * i), y.GetAsArray());
    }

    [Fact]
    public void Two_dimensional_index() {
        using var a = new CheckedAccelerator();
        ArrayView<float> y = a.New<float>(35);
        a.Accelerator.LoadAutoGroupedStreamKernel<Index2D, ArrayView<float>, ArrayView<float>, int,
            int>(SoundKernels.Transpose)((5, 7), a.Ramp(35), y, 5, 7);
        Assert.Equal(Enumerable.Range(0, 35).Select(i => (float)(i % 5 * 7 + i / 5)), y.GetAsArray());
    }

    [Theory]
    [InlineData(16, false)]
    [InlineData(64, false)]
    [InlineData(64, true)]
    public void Tiled_matrix_product(int k, bool reversed) {
        using var a = new CheckedAccelerator(reversed: reversed);
        var random = new Philox(3);
        float[] left = [.. Enumerable.Range(0, 64 * k).Select(_ => random.NextSingle())],
            right = [.. Enumerable.Range(0, k * 64).Select(_ => random.NextSingle())];
        float[] expected = new float[64 * 64];
        for (int i = 0; i < 64; i++)
            for (int p = 0; p < k; p++)
                for (int j = 0; j < 64; j++) expected[i * 64 + j] += left[i * k + p] * right[p * 64 + j];
        ArrayView<float> c = a.New<float>(64 * 64);
        a.Accelerator.LoadStreamKernel<ArrayView<float>, ArrayView<float>, ArrayView<float>,
            int>(SoundKernels.Gemm)((1, SoundKernels.Threads), a.With(left), a.With(right), c, k);
        Assert.Equal(expected, c.GetAsArray());
    }

    [Fact]
    public void Tree_sum_in_shared_memory() {
        using var a = new CheckedAccelerator();
        ArrayView<float> y = a.New<float>(3);
        a.Accelerator.LoadStreamKernel<ArrayView<float>, ArrayView<float>>(SoundKernels.TreeSum)((3, SoundKernels.Threads), a.Ramp(768), y);
        Assert.Equal([32640f, 98176f, 163712f], y.GetAsArray());
    }

    public static TheoryData<int> WarpSizes => new(4, 8, 32, 64);

    [Theory, MemberData(nameof(WarpSizes))]
    public void Shuffles_and_integer_atomics(int warp) {
        using var a = new CheckedAccelerator(new CPUDevice(warp, 256 / warp, 1));
        ArrayView<int> y = a.With(0);
        a.Accelerator.LoadStreamKernel<ArrayView<int>, ArrayView<int>>(SoundKernels.WarpSum)(
            (4, 128), a.With([.. Enumerable.Range(0, 512)]), y);
        Assert.Equal(512 * 511 / 2, y.GetAsArray()[0]);
    }

    [Theory, MemberData(nameof(WarpSizes))]
    public void Exchanges_of_all_kinds(int warp) {
        foreach (bool reversed in new[] { false, true }) {
            using var a = new CheckedAccelerator(new CPUDevice(warp, 256 / warp, 1), reversed);
            ArrayView<int> down = a.New<int>(256), up = a.New<int>(256), all = a.New<int>(256);
            ArrayView<long> xor = a.New<long>(256);
            ArrayView<double> lane = a.New<double>(256);
            a.Accelerator.LoadStreamKernel<ArrayView<int>, ArrayView<int>, ArrayView<long>, ArrayView<double>, ArrayView<int>>(
                SoundKernels.Exchanges)((2, 128), down, up, xor, lane, all);
            int[] threads = [.. Enumerable.Range(0, 256)];
            int First(int t) => t / warp * warp;
            Assert.Equal(threads.Select(t => 100 + (t % warp + 3 < warp ? t + 3 : t)), down.GetAsArray());
            Assert.Equal(threads.Select(t => 100 + (t % warp >= 2 ? t - 2 : t)), up.GetAsArray());
            Assert.Equal(threads.Select(t => (1L << 40) + First(t) + (t % warp ^ 3)), xor.GetAsArray());
            Assert.Equal(threads.Select(t => 0.5 + First(t) + (3 * (t % warp) + 1) % warp), lane.GetAsArray());
            Assert.Equal(threads.Select(t => First(t) + 2 + (t % warp == warp - 1 ? 1000 : 0) + 10_000 * (t % 128 / warp)),
                all.GetAsArray());
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Atomics_on_every_integer(bool reversed) {
        using var a = new CheckedAccelerator(reversed: reversed);
        int[] start = [1, 0, 0, -1, 0, 0, 0, 0, .. new int[64]], expected =
            [1 + 63 * 32 - 640, 53, -10, ~63, 63, 0, 1, 5, .. Enumerable.Range(0, 64).Select(t => 3 * t)];
        ArrayView<int> ints = a.With(start);
        ArrayView<long> longs = a.With(start.Select(v => (long)v).ToArray());
        // without a sign, what is below zero is large
        ArrayView<uint> uints = a.With(start.Select(v => (uint)v).ToArray());
        ArrayView<ulong> ulongs = a.With(start.Select(v => (ulong)v).ToArray());
        a.Accelerator.LoadStreamKernel<ArrayView<int>>(SoundKernels.IntAtomics)((1, 64), ints);
        a.Accelerator.LoadStreamKernel<ArrayView<long>>(SoundKernels.LongAtomics)((1, 64), longs);
        a.Accelerator.LoadStreamKernel<ArrayView<uint>>(SoundKernels.UIntAtomics)((1, 64), uints);
        a.Accelerator.LoadStreamKernel<ArrayView<ulong>>(SoundKernels.ULongAtomics)((1, 64), ulongs);
        Assert.Equal(expected, ints.GetAsArray());
        Assert.Equal(expected.Select(v => (long)v), longs.GetAsArray());
        expected[1] = -1;   // the largest
        expected[2] = 0;
        Assert.Equal(expected.Select(v => (uint)v), uints.GetAsArray());
        Assert.Equal(expected.Select(v => (ulong)v), ulongs.GetAsArray());
    }

    [Fact]
    public void Shared_memory_of_every_form() {
        using var a = new CheckedAccelerator();
        ArrayView<int> y = a.New<int>(64);
        a.Accelerator.LoadStreamKernel<ArrayView<int>>(SoundKernels.SharedForms)((1, 64), y);
        Assert.Equal(Enumerable.Range(0, 64).Select(t => 64 + 2 * (63 - t) + 3 * ((t + 1) % 64)), y.GetAsArray());
    }

    [Fact]
    public void Groups_of_two_dimensions() {
        using var a = new CheckedAccelerator();
        ArrayView<float> y = a.New<float>(24 * 16);
        a.Accelerator.LoadStreamKernel<ArrayView<float>, ArrayView<float>, int>(SoundKernels.TransposeTiles)(
            (new Index2D(3, 2), new Index2D(8, 8)), a.Ramp(24 * 16), y, 24);
        Assert.Equal(Enumerable.Range(0, 384).Select(i => (float)(i % 16 * 24 + i / 16)), y.GetAsArray());
    }

    [Fact]
    public void Votes_and_broadcast() {
        using var a = new CheckedAccelerator();
        ArrayView<int> y = a.New<int>(128);
        a.Accelerator.LoadStreamKernel<ArrayView<int>>(SoundKernels.Votes)((1, 128), y);
        Assert.All(y.GetAsArray(), value => Assert.Equal(64 + 1000 + 2000 + 150000, value));
    }

    [Fact]
    public void References_to_private_variables_over_barriers() {
        using var a = new CheckedAccelerator();
        ArrayView<float> y = a.New<float>(64);
        a.Accelerator.LoadStreamKernel<ArrayView<float>>(SoundKernels.PrivateReference)((1, 64), y);
        Assert.Equal(Enumerable.Range(0, 64).Select(t => 3f * (10 + 3 * t + 3)), y.GetAsArray());
    }

    [Fact]
    public void Values_on_the_stack_over_a_barrier() {
        using var a = new CheckedAccelerator();
        ArrayView<float> y = a.New<float>(64);
        a.Accelerator.LoadStreamKernel<ArrayView<float>, ArrayView<float>>(SoundKernels.OnStack)((1, 64), a.Ramp(64), y);
        Assert.Equal(Enumerable.Range(0, 64).Select(t => t * 2f + 63 - t), y.GetAsArray());
    }

    [Fact]
    public void Dynamic_shared_memory() {
        using var a = new CheckedAccelerator();
        ArrayView<float> y = a.New<float>(32);
        a.Accelerator.LoadStreamKernel<ArrayView<float>, ArrayView<float>>(SoundKernels.Dynamic)(
            (1, 32, SharedMemoryConfig.RequestDynamic<float>(32)), a.Ramp(32), y);
        Assert.Equal(Enumerable.Range(0, 32).Select(t => 131f - t), y.GetAsArray());
    }

    [Fact]
    public void Grids_of_three_dimensions() {
        using var a = new CheckedAccelerator();
        ArrayView<int> y = a.New<int>(6 * 4 * 4);
        a.Accelerator.LoadStreamKernel<ArrayView<int>>(SoundKernels.ThreeDimensions)((new Index3D(3, 2, 1), new Index3D(2, 2, 4)), y);
        Assert.Equal(Enumerable.Range(0, 96).Select(i => i % 6 + 100 * (i / 6 % 4) + 10000 * (i / 24)), y.GetAsArray());
    }

    [Fact]
    public void Neighbouring_bytes_do_not_race() {
        using var a = new CheckedAccelerator();
        ArrayView<byte> y = a.New<byte>(64);
        a.Accelerator.LoadStreamKernel<ArrayView<byte>, ArrayView<byte>>(SoundKernels.Bytes)((2, 32), a.With(new byte[64]), y);
        Assert.All(y.GetAsArray(), value => Assert.Equal(1, value));
    }

    /// <summary>Launch numbers are 16 bits of a stamp: past them, old writes must neither race nor seem unwritten.</summary>
    [Fact]
    public void Launch_numbers_wrap_around() {
        using var a = new CheckedAccelerator();
        ArrayView<float> x = a.Ramp(4), y = a.New<float>(4);
        Action<Index1D, ArrayView<float>, ArrayView<float>> map = a.Accelerator.LoadAutoGroupedStreamKernel<Index1D, ArrayView<float>,
            ArrayView<float>>(SoundKernels.Map<SoundKernels.Twice>);
        for (int launch = 0; launch < 70_000; launch++) map(4, x, y);
        Assert.Equal([0f, 2, 4, 6], y.GetAsArray());
    }
}
