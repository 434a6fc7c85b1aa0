using ILGPU.Checking;

namespace ILGPU.Runtime;

/// <summary>Memory and kernels on a device.</summary>
public abstract class Accelerator : IDisposable {
    private readonly List<MemoryBuffer> buffers = [];

    private protected Accelerator(Context context, Device device) {
        Context = context;
        Device = device;
        Runner = new GroupRunner(device);
        DefaultStream = new CPUStream(this);
        context.Register(this);
    }

    /// <summary>The context.</summary>
    public Context Context { get; }

    /// <summary>The device.</summary>
    public Device Device { get; }

    /// <summary>The stream that launchers without a stream use.</summary>
    public AcceleratorStream DefaultStream { get; }

    /// <summary>The kind.</summary>
    public AcceleratorType AcceleratorType => Device.AcceleratorType;

    /// <summary>The name.</summary>
    public string Name => Device.Name;

    /// <summary>The memory in bytes.</summary>
    public long MemorySize => Device.MemorySize;

    /// <summary>The largest grid.</summary>
    public Index3D MaxGridSize => Device.MaxGridSize;

    /// <summary>The largest group, by dimension.</summary>
    public Index3D MaxGroupSize => Device.MaxGroupSize;

    /// <summary>The most threads in a group.</summary>
    public int MaxNumThreadsPerGroup => Device.MaxNumThreadsPerGroup;

    /// <summary>The most shared memory of a group, in bytes.</summary>
    public int MaxSharedMemoryPerGroup => Device.MaxSharedMemoryPerGroup;

    /// <summary>The number of lanes in a warp.</summary>
    public int WarpSize => Device.WarpSize;

    /// <summary>The number of multiprocessors.</summary>
    public int NumMultiprocessors => Device.NumMultiprocessors;

    /// <summary>The most threads that one multiprocessor holds.</summary>
    public int MaxNumThreadsPerMultiprocessor => Device.MaxNumThreadsPerMultiprocessor;

    /// <summary>The most threads that run at once.</summary>
    public int MaxNumThreads => Device.MaxNumThreads;

    /// <summary>Whether it was disposed.</summary>
    public bool IsDisposed { get; private set; }

    internal GroupRunner Runner { get; }

    internal Arena Arena => Runner.Arena;

    /// <summary>Uninitialised memory for some elements.</summary>
    public MemoryBuffer1D<T, Stride1D.Dense> Allocate1D<T>(long length) where T : unmanaged {
        ObjectDisposedException.ThrowIf(IsDisposed, this);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        var buffer = new MemoryBuffer1D<T, Stride1D.Dense>(this, length);
        lock (buffers) buffers.Add(buffer);
        return buffer;
    }

    /// <summary>A stream of its own.</summary>
    public AcceleratorStream CreateStream() => new CPUStream(this);

    /// <summary>Waits for all work.</summary>
    public void Synchronize() => ObjectDisposedException.ThrowIf(IsDisposed, this);

    /// <summary>Makes this the calling thread's accelerator.</summary>
    public void Bind() => ObjectDisposedException.ThrowIf(IsDisposed, this);

    /// <summary>Frees the memory and the buffers.</summary>
    public void Dispose() {
        if (IsDisposed) return;
        IsDisposed = true;
        lock (buffers) {
            foreach (MemoryBuffer buffer in buffers.ToArray()) buffer.Dispose();
        }
        Runner.Dispose();
        GC.SuppressFinalize(this);
    }

    internal void Forget(MemoryBuffer buffer) {
        lock (buffers) buffers.Remove(buffer);
    }

    private sealed class CPUStream(Accelerator accelerator) : AcceleratorStream(accelerator);
}
