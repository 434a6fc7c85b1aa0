namespace ILGPU.Runtime;

/// <summary>A device that accelerators can be made of.</summary>
public abstract class Device {
    /// <summary>The kind.</summary>
    public AcceleratorType AcceleratorType { get; private protected set; }

    /// <summary>The name.</summary>
    public string Name { get; protected set; } = "";

    /// <summary>The memory in bytes.</summary>
    public long MemorySize { get; protected set; }

    /// <summary>The largest grid.</summary>
    public Index3D MaxGridSize { get; protected set; }

    /// <summary>The largest group, by dimension.</summary>
    public Index3D MaxGroupSize { get; protected set; }

    /// <summary>The most threads in a group.</summary>
    public int MaxNumThreadsPerGroup { get; protected set; }

    /// <summary>The most shared memory of a group, in bytes.</summary>
    public int MaxSharedMemoryPerGroup { get; protected set; }

    /// <summary>The number of lanes in a warp.</summary>
    public int WarpSize { get; protected set; }

    /// <summary>The number of multiprocessors.</summary>
    public int NumMultiprocessors { get; protected set; }

    /// <summary>The most threads that one multiprocessor holds.</summary>
    public int MaxNumThreadsPerMultiprocessor { get; protected set; }

    /// <summary>The most threads that run at once.</summary>
    public int MaxNumThreads => NumMultiprocessors * MaxNumThreadsPerMultiprocessor;

    /// <summary>An accelerator on this device.</summary>
    public abstract Accelerator CreateAccelerator(Context context);

    /// <inheritdoc/>
    public override string ToString() => $"{Name} [Type: {AcceleratorType}]";
}
