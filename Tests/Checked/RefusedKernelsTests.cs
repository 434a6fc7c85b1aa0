using ILGPU;
using ILGPU.Runtime;
using Xunit;

namespace DenseEngine.Tests;

/// <summary>What no device takes is refused when a kernel is loaded, with the reason, the method and the line.</summary>
public class RefusedKernelsTests {
    private static readonly Dictionary<string, (Action<Accelerator> Load, string Reason)> Kernels = new() {
        ["FloatAtomic"] = (a => a.LoadStreamKernel<ArrayView<float>>(RefusedKernels.FloatAtomic), "float atomic"),
        ["Throws"] = (a => a.LoadStreamKernel<ArrayView<float>>(RefusedKernels.Throws), "K1: throw"),
        ["Allocates"] = (a => a.LoadStreamKernel<ArrayView<float>>(RefusedKernels.Allocates), "an array"),
        ["MutableStatic"] = (a => a.LoadStreamKernel<ArrayView<float>>(RefusedKernels.MutableStatic), "static field"),
        ["Recursive"] = (a => a.LoadStreamKernel<ArrayView<float>>(RefusedKernels.Recursive), "recursion: Factorial"),
        ["Clamp"] = (a => a.LoadStreamKernel<ArrayView<float>>(RefusedKernels.Clamp), "Math.Clamp"),
        ["FusedMultiplyAdd"] = (a => a.LoadStreamKernel<ArrayView<float>>(RefusedKernels.FusedMultiplyAdd), "MathF.FusedMultiplyAdd"),
        ["Overflow"] = (a => a.LoadStreamKernel<ArrayView<int>>(RefusedKernels.Overflow), "checked arithmetic"),
        ["Boxes"] = (a => a.LoadStreamKernel<ArrayView<int>>(RefusedKernels.Boxes), "box"),
        ["Tries"] = (a => a.LoadStreamKernel<ArrayView<int>>(RefusedKernels.Tries), "try"),
        ["Calls"] = (a => a.LoadStreamKernel<ArrayView<int>>(RefusedKernels.Calls), "variable of type Func"),
        ["SharedSize"] = (a => a.LoadStreamKernel<ArrayView<float>>(RefusedKernels.SharedSize), "no literal"),
        ["SharedTooLarge"] = (a => a.LoadStreamKernel<ArrayView<float>>(RefusedKernels.SharedTooLarge), "80000 bytes of shared memory"),
        ["Spans"] = (a => a.LoadStreamKernel<ArrayView<float>>(RefusedKernels.Spans), "Span"),
        ["PerIndexBarrier"] = (a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<float>>(RefusedKernels.PerIndexBarrier),
            "a barrier in a kernel run per index"),
        ["Hidden"] = (RefusedKernels.LoadHiddenParameter, "cannot see Hidden"),
        ["Lambda"] = (a => a.LoadStreamKernel<ArrayView<float>>(static y => y[0] = 1), "a lambda"),
    };

    public static TheoryData<string> Names => [.. Kernels.Keys];

    [Theory, MemberData(nameof(Names))]
    public void Is_refused(string kernel) {
        using var a = new CheckedAccelerator();
        string message = Assert.Throws<InternalCompilerException>(() => Kernels[kernel].Load(a.Accelerator)).Message;
        Assert.Contains(Kernels[kernel].Reason, message, StringComparison.Ordinal);
        if (kernel != "Lambda") Assert.Contains("RefusedKernels.cs:", message, StringComparison.Ordinal);
    }
}
