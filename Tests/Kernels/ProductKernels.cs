namespace DenseEngine.Tests;

/// <summary>Every kernel that the project launches anywhere.</summary>
internal static class ProductKernels {
    private static readonly Lazy<(IReadOnlyList<LaunchedKernel> Kernels, IReadOnlyList<string> Problems)> Found = new(() => KernelSearch.In(
        typeof(GpuDevice).Assembly, typeof(Ops.Op).Assembly, typeof(Models.Module).Assembly, typeof(Training.Sgd).Assembly));

    public static IReadOnlyList<LaunchedKernel> All => Found.Value.Kernels;

    /// <summary>Launches whose kernel cannot be told.</summary>
    public static IReadOnlyList<string> Problems => Found.Value.Problems;
}
