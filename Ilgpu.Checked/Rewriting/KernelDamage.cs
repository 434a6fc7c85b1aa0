using System.Reflection;

namespace ILGPU.Checking;

/// <summary>A bug planted into a kernel when it is loaded, to show that it is noticed.</summary>
/// <param name="Kernel">The kernel; others are loaded as they are.</param>
/// <param name="Kind">The bug.</param>
/// <param name="Barrier">Which barrier: a method that the kernel calls, or the kernel, and the byte of its IL.</param>
internal sealed record KernelDamage(MethodInfo Kernel, DamageKind Kind, (MethodBase Method, int Offset) Barrier = default);

/// <summary>What a planted bug does.</summary>
internal enum DamageKind {
    /// <summary>Stores and atomic changes of buffers store zeros.</summary>
    ZeroStores,

    /// <summary>Nothing is stored in shared memory.</summary>
    NoSharedStores,

    /// <summary>A barrier is left out; what it exchanges is the thread's own.</summary>
    NoBarrier,
}
