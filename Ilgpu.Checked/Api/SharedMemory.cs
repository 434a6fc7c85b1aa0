using ILGPU.Checking;
using ILGPU.Runtime;

namespace ILGPU;

/// <summary>Memory that the threads of a group share. In kernels only; sizes are literals, as on the device.</summary>
public static class SharedMemory {
    /// <summary>One shared variable.</summary>
    public static ref T Allocate<T>() where T : unmanaged => throw Faults.NotInKernel();

    /// <summary>A shared array.</summary>
    public static ArrayView<T> Allocate<T>(int extent) where T : unmanaged => throw Faults.NotInKernel();

    /// <summary>A shared array.</summary>
    public static ArrayView1D<T, Stride1D.Dense> Allocate1D<T>(Index1D extent) where T : unmanaged => throw Faults.NotInKernel();

    /// <summary>The dynamic shared memory of the launch.</summary>
    public static ArrayView<T> GetDynamic<T>() where T : unmanaged => throw Faults.NotInKernel();
}
