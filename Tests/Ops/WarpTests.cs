using DenseEngine.Ops;
using Xunit;

namespace DenseEngine.Tests;

/// <summary>Kernels in which threads of a warp exchange values: a tree of the same form joins them, whatever the warp.</summary>
public class WarpTests {
    public static IReadOnlyList<string> Methods { get; } = [
        nameof(Op.Sum), nameof(Op.Mean), nameof(Op.Amax), nameof(Op.Amin), nameof(Op.Max), nameof(Op.Min), nameof(Op.ArgMax),
        nameof(Op.Softmax), nameof(Op.LogSoftmax), nameof(Op.CrossEntropy), nameof(Op.QualityFocalLoss),
        nameof(Op.QualityFocalLossOfProbabilities), nameof(Op.SigmoidFocalLoss), nameof(Op.VarifocalLoss), nameof(Op.SoftmaxKl)];

    public static TheoryData<string> Names => [.. Methods];

#if ILGPU_CHECKED
    [Theory]
#else
    [Theory(Skip = "takes minutes on ILGPU's own processor; a build against the in-tree stand-in sees to it (-p:IlgpuFlavor=checked)")]
#endif
    [MemberData(nameof(Names))]
    public void Bits_do_not_depend_on_the_warp_nor_on_shuffles(string method) {
        OpRow row = OpCases.Rows[method];
        string name = GpuDevice.Names()[^1];
        using var wide = GpuDevice.Open(name, new PlayedGpu(LargestGroup: 256));
        using var narrow = GpuDevice.Open(name, new PlayedGpu(WarpSize: 8, LargestGroup: 256));
        using var none = GpuDevice.Open(name, new PlayedGpu(LargestGroup: 256, Shuffles: false));
        Assert.True(wide.HasShuffles && narrow.HasShuffles && !none.HasShuffles);
        foreach (Sample sample in row.Samples) {
            Tensor[] expected = SampleRun.OutputAndGradients(sample, wide);
            foreach (GpuDevice other in (GpuDevice[])[narrow, none]) {
                Tensor[] actual = SampleRun.OutputAndGradients(sample, other);
                for (int i = 0; i < expected.Length; i++)
                    Compare.SameBits($"{sample.Name}, tensor {i}, {(other == none ? "without shuffles" : "warps of 8")}",
                        expected[i], actual[i]);
            }
        }
    }
}
