namespace ILGPU.Runtime;

/// <summary>What a compiler is told of a kernel's groups, so that it knows how many registers a thread may have.</summary>
/// <param name="maxNumThreadsPerGroup">The most threads of a group.</param>
/// <param name="minNumGroupsPerMultiprocessor">Groups that a multiprocessor shall hold at once, at least.</param>
public readonly struct KernelSpecialization(int? maxNumThreadsPerGroup, int? minNumGroupsPerMultiprocessor) {
    /// <summary>The most threads of a group.</summary>
    public int? MaxNumThreadsPerGroup { get; } = maxNumThreadsPerGroup;

    /// <summary>Groups that a multiprocessor shall hold at once, at least.</summary>
    public int? MinNumGroupsPerMultiprocessor { get; } = minNumGroupsPerMultiprocessor;
}
