namespace DenseEngine.Ops;

/// <summary>All operations. Each is one file, in this order: documentation (formula, shapes, gradient at kinks, errors, source); the public
/// method (checks, shape, dispatch, record); the gradient; the host path; the GPU kernel. One that is made of others stops after the
/// method. Feature maps are NHWC; axes may count from the end.</summary>
public static partial class Op {
    /// <summary>The one place where the device decides: runs the host path or launches the kernel; and where work that was cancelled
    /// ends.</summary>
    private static void Run(Device device, Action<HostDevice> host, Action<GpuDevice> gpu) {
        CancelScope.ThrowIfCancelled();
        if (device is HostDevice processor) host(processor);
        else gpu((GpuDevice)device);
    }

    /// <summary>The same with what the paths need as an argument, so that they can be static and make no garbage.</summary>
    private static void Run<T>(Device device, T from, Action<HostDevice, T> host, Action<GpuDevice, T> gpu) {
        CancelScope.ThrowIfCancelled();
        if (device is HostDevice processor) host(processor, from);
        else gpu((GpuDevice)device, from);
    }
}
