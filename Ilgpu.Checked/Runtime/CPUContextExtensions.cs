namespace ILGPU.Runtime.CPU;

/// <summary>Enables the CPU devices and makes accelerators of them.</summary>
public static class CPUContextExtensions {
    /// <summary>Enables the default device.</summary>
    public static Context.Builder DefaultCPU(this Context.Builder builder) => builder.CPU(CPUDevice.Default);

    /// <summary>Enables all CPU devices.</summary>
    public static Context.Builder CPU(this Context.Builder builder) => builder.CPU(_ => true);

    /// <summary>Enables the CPU devices that fit.</summary>
    public static Context.Builder CPU(this Context.Builder builder, Predicate<CPUDevice> predicate) {
        builder.Found.AddRange(CPUDevice.All.Where(device => predicate(device)));
        return builder;
    }

    /// <summary>Enables a CPU device.</summary>
    public static Context.Builder CPU(this Context.Builder builder, CPUDevice device) {
        builder.Found.Add(device);
        return builder;
    }

    /// <summary>A CPU device.</summary>
    public static CPUDevice GetCPUDevice(this Context context, int cpuDeviceIndex) => context.GetDevice<CPUDevice>(cpuDeviceIndex);

    /// <summary>An accelerator on a CPU device.</summary>
    public static CPUAccelerator CreateCPUAccelerator(this Context context, int cpuDeviceIndex) =>
        context.GetCPUDevice(cpuDeviceIndex).CreateCPUAccelerator(context);
}
