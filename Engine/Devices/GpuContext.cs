using ILGPU;
using ILGPU.Runtime.CPU;
using ILGPU.Runtime.Cuda;
using ILGPU.Runtime.OpenCL;

namespace DenseEngine;

/// <summary>Finds the devices that ILGPU can drive. The only place that knows which of the two builds this is.</summary>
internal static class GpuContext {
#if ILGPU_CHECKED
    /// <summary>What runs the kernels when no GPU does.</summary>
    public const string CpuName = "checked";
#else
    /// <summary>What runs the kernels when no GPU does.</summary>
    public const string CpuName = "ilgpu-cpu";

    /// <summary>Many machines have the drivers' libraries only under versioned names, which .NET does not try.</summary>
    static GpuContext() {
        if (!OperatingSystem.IsLinux() || Directory.Exists("/usr/lib/wsl/lib")) return;   // there ILGPU sets a resolver of its own
        System.Runtime.InteropServices.NativeLibrary.SetDllImportResolver(typeof(Context).Assembly, (name, _, _) =>
            name is "cuda" or "OpenCL" && System.Runtime.InteropServices.NativeLibrary.TryLoad($"lib{name}.so.1", out nint library)
                ? library : nint.Zero);
    }
#endif

    /// <summary>A context with all GPUs, and the processor playing one with warps of 32 and groups of up to 1,024 threads.</summary>
    public static Context Create() => Context.Create(builder =>
        builder.Optimize(OptimizationLevel.O1).Cuda().OpenCL().CPU(CPUDevice.Nvidia).EnableAlgorithms());
}
