using System.Reflection;
using DenseEngine.Ops;
using Xunit;
using Xunit.Abstractions;

namespace DenseEngine.Tests;

/// <summary>ILGPU's own processor runs small samples only; each kernel is in one.</summary>
public class KernelCoverageTests(ITestOutputHelper output) {
    /// <summary>Kernels that another test runs, or none: slopes that are constants are not computed.</summary>
    private static readonly Dictionary<string, string> Elsewhere = new() {
        ["AddIntoKernel"] = nameof(GpuDeviceTests),
        ["MoveKernel"] = nameof(OptimizerTests),
        ["AdamKernel"] = nameof(OptimizerTests),
        ["BroadcastKernel<ByA<AddOp>>"] = "",
        ["BroadcastOddKernel<ByA<AddOp>>"] = "",
        ["BroadcastKernel<ByB<AddOp>>"] = "",
        ["BroadcastOddKernel<ByB<AddOp>>"] = "",
        ["BroadcastKernel<ByA<SubOp>>"] = "",
        ["BroadcastOddKernel<ByA<SubOp>>"] = "",
        ["BroadcastKernel<ByB<SubOp>>"] = "",
        ["BroadcastOddKernel<ByB<SubOp>>"] = "",
    };

#if ILGPU_CHECKED
    [Fact]
#else
    [Fact(Skip = "a build against the in-tree stand-in sees to it (-p:IlgpuFlavor=checked)")]
#endif
    public void Every_kernel_is_in_a_small_sample() {
        using GpuDevice gpu = GpuDevice.Open(GpuDevice.Names()[^1], PlayedGpu.FromEnvironment() with { Checks = false });
        foreach (string sample in SampleRun.Names) {
            if (SampleRun.Numbers(sample) is var numbers && numbers > GpuCase.SmallSample)
                output.WriteLine($"{sample} is of {numbers} numbers: not small");
            else SampleRun.OutputAndGradients(SampleRun.Find(sample), gpu);
        }
        HashSet<MethodInfo> loaded = [.. gpu.Kernels];
        string[] missing = [.. ProductKernels.All
            .Where(kernel => !loaded.Contains(kernel.Method) && !Elsewhere.ContainsKey(kernel.Name))
            .Where(kernel => !kernel.Method.GetGenericArguments().Contains(typeof(NoShuffles)))   // in WarpTests
            .Select(kernel => kernel.Name)];
        Assert.True(missing.Length == 0, $"{missing.Length} kernels are in no small sample: {string.Join("; ", missing)}");
    }
}
