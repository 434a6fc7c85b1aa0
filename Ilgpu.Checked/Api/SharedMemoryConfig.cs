using System.Runtime.CompilerServices;

namespace ILGPU;

/// <summary>How much dynamic shared memory each group of a launch gets.</summary>
public readonly struct SharedMemoryConfig(int numElements, int elementSize) {
    /// <summary>None.</summary>
    public static readonly SharedMemoryConfig Empty;

    /// <summary>Room for some elements of a type.</summary>
    public static SharedMemoryConfig RequestDynamic<T>(int numElements) where T : unmanaged => new(numElements, Unsafe.SizeOf<T>());

    /// <summary>The number of elements.</summary>
    public int NumElements { get; } = numElements;

    /// <summary>The size of one, in bytes.</summary>
    public int ElementSize { get; } = elementSize;

    /// <summary>The size in bytes.</summary>
    public int ArraySize => NumElements * ElementSize;

    /// <summary>Whether there is any.</summary>
    public bool UsesDynamicSharedMemory => NumElements > 0;
}
