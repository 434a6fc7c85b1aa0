#if !ILGPU_CHECKED
using System.Linq.Expressions;
using System.Reflection;
#endif
using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.CPU;
using ILGPU.Runtime.Cuda;
using ILGPU.Runtime.OpenCL;

namespace DenseEngine;

/// <summary>Finds the devices that ILGPU can drive. The only place that knows which of the two builds this is.</summary>
internal static class GpuContext {
#if ILGPU_CHECKED
    /// <summary>What runs the kernels when no GPU does.</summary>
    public const string CpuName = "checked";

    /// <summary>An accelerator; the processor runs a kernel's threads in the order told.</summary>
    public static Accelerator CreateAccelerator(Context context, ILGPU.Runtime.Device device, PlayedGpu played) {
        Accelerator accelerator = device.CreateAccelerator(context);
        (accelerator.Runner.Reversed, accelerator.Runner.Checks) = (played.Reversed, played.Checks);
        return accelerator;
    }

    /// <summary>Loads a kernel.</summary>
    public static TLauncher Load<TLauncher>(Accelerator accelerator, Delegate kernel, Func<Accelerator, TLauncher> load)
        where TLauncher : Delegate => load(accelerator);

    /// <summary>Whether the threads of a warp can exchange values.</summary>
    public static bool HasShuffles(Accelerator accelerator) => accelerator.WarpSize > 1;

    /// <summary>What drives a device: nothing does.</summary>
    public static string Driver(ILGPU.Runtime.Device device) => "";

    /// <summary>Nothing here takes a device's time.</summary>
    public static TimeSpan? Time(AcceleratorStream stream, Action queue) {
        queue();
        stream.Synchronize();
        return null;
    }

    /// <summary>Why a device has no tensor cores to multiply with; null if it has, or plays one that has.</summary>
    public static string? LacksTensorCores(Accelerator accelerator) => null;

    /// <summary>A kernel whose PTX keeps the operands of instructions in registers: where there is PTX.</summary>
    public static TLauncher? LoadPromoted<TLauncher>(Accelerator accelerator, System.Reflection.MethodInfo kernel,
        KernelSpecialization specialization) where TLauncher : Delegate => null;

    /// <summary>A pool keeps a block: any access is a fault from now on.</summary>
    public static void Kept(MemoryBuffer block) => ILGPU.Checking.Recycling.Kept(block);

    /// <summary>A pool gives a block out again: none of it counts as written.</summary>
    public static void Reused(MemoryBuffer block) => ILGPU.Checking.Recycling.Reused(block);
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

    /// <summary>An accelerator.</summary>
    public static Accelerator CreateAccelerator(Context context, ILGPU.Runtime.Device device, PlayedGpu played) =>
        device.CreateAccelerator(context);

    /// <summary>Threads of a group of a kernel that is run for each index.</summary>
    private const int IndexThreads = 128;

    /// <summary>Loads a kernel. One that is run for each index gets small groups on a GPU: ILGPU would take the largest that fit, and then
    /// small tensors reach few multiprocessors, and the slowest warp of a group keeps the places of all others.</summary>
    public static TLauncher Load<TLauncher>(Accelerator accelerator, Delegate kernel, Func<Accelerator, TLauncher> load)
        where TLauncher : Delegate {
        TLauncher launcher = InSmallGroups(accelerator, kernel, load);
        return accelerator is CLAccelerator ? OneAtATime(launcher, accelerator) : launcher;
    }

    private static TLauncher InSmallGroups<TLauncher>(Accelerator accelerator, Delegate kernel, Func<Accelerator, TLauncher> load)
        where TLauncher : Delegate {
        Type[] types = typeof(TLauncher).GetGenericArguments();
        if (accelerator.AcceleratorType == AcceleratorType.CPU || types[0] != typeof(Index1D)) return load(accelerator);
        Kernel loaded = accelerator.LoadImplicitlyGroupedKernel(kernel.Method, IndexThreads);
        MethodInfo create = typeof(Kernel).GetMethod(nameof(Kernel.CreateLauncherDelegate))!;
        object launch = create.MakeGenericMethod(Expression.GetActionType([typeof(AcceleratorStream), .. types])).Invoke(loaded, null)!;
        ParameterExpression[] given = [.. types.Select(type => Expression.Parameter(type))];
        return Expression.Lambda<TLauncher>(
            Expression.Invoke(Expression.Constant(launch), [Expression.Constant(accelerator.DefaultStream), .. given]), given).Compile();
    }

    /// <summary>A launcher that several threads may call. OpenCL keeps a kernel's arguments in the kernel until it is launched, and ILGPU
    /// sets them one by one.</summary>
    private static TLauncher OneAtATime<TLauncher>(TLauncher launcher, Accelerator accelerator) where TLauncher : Delegate {
        ParameterExpression[] given = [.. typeof(TLauncher).GetGenericArguments().Select(type => Expression.Parameter(type))];
        Expression gate = Expression.Constant(accelerator, typeof(object));
        return Expression.Lambda<TLauncher>(Expression.Block(
            Expression.Call(typeof(Monitor), nameof(Monitor.Enter), null, gate),
            Expression.TryFinally(Expression.Invoke(Expression.Constant(launcher), given),
                Expression.Call(typeof(Monitor), nameof(Monitor.Exit), null, gate))), given).Compile();
    }

    /// <summary>Whether the threads of a warp can exchange values. On OpenCL devices but Intel's ILGPU compiles no shuffle.</summary>
    public static bool HasShuffles(Accelerator accelerator) =>
        accelerator is not CLAccelerator opencl || opencl.Vendor == CLDeviceVendor.Intel && opencl.Capabilities.SubGroups;

    /// <summary>What drives a device. CUDA tells the version of its interface; the driver's own stands in a file on Linux.</summary>
    public static string Driver(ILGPU.Runtime.Device device) => device switch {
        CudaDevice cuda => FormattableString.Invariant($"{cuda.Architecture}, CUDA {cuda.DriverVersion.Major}.{cuda.DriverVersion.Minor}")
            + KernelModule(),
        CLDevice opencl => $"{opencl.PlatformName}, OpenCL {opencl.DeviceVersion.Major}.{opencl.DeviceVersion.Minor}",
        _ => "",
    };

    private static string KernelModule() {
        const string Path = "/proc/driver/nvidia/version";
        if (!File.Exists(Path)) return "";
        System.Text.RegularExpressions.Match version =
            System.Text.RegularExpressions.Regex.Match(File.ReadAllText(Path), @"\d+\.\d+(\.\d+)?");
        return version.Success ? $", driver {version.Value}" : "";
    }

    /// <summary>The time between an event before the work that is queued and one behind it.</summary>
    public static TimeSpan? Time(AcceleratorStream stream, Action queue) {
        using ProfilingMarker before = stream.AddProfilingMarker();
        queue();
        using ProfilingMarker behind = stream.AddProfilingMarker();
        return behind - before;
    }

    /// <summary>Why a device has no tensor cores to multiply with; null if it has, or plays one that has.</summary>
    public static string? LacksTensorCores(Accelerator accelerator) => accelerator switch {
        CudaAccelerator cuda => cuda.Architecture >= CudaArchitecture.SM_80 ? null
            : $"this one has {cuda.Architecture.Major}.{cuda.Architecture.Minor}",
        CLAccelerator => "this is an OpenCL device",
        _ => null,
    };

    /// <summary>A kernel whose PTX keeps the operands of instructions in registers: where there is PTX.</summary>
    public static TLauncher? LoadPromoted<TLauncher>(Accelerator accelerator, System.Reflection.MethodInfo kernel,
        KernelSpecialization specialization) where TLauncher : Delegate =>
        accelerator is CudaAccelerator cuda ? PromotedKernel.Load<TLauncher>(cuda, kernel, specialization) : null;

    /// <summary>A pool keeps a block: only the checking runtime minds.</summary>
    public static void Kept(MemoryBuffer block) { }

    /// <summary>A pool gives a block out again: only the checking runtime minds.</summary>
    public static void Reused(MemoryBuffer block) { }
#endif

    /// <summary>How much ILGPU improves kernels. Above this level it says that addresses are of global memory, but also takes branches for
    /// uniform that need not be: not without GPUs to try it on (docs/kernels.md).</summary>
    public const OptimizationLevel Level = OptimizationLevel.O1;

    /// <summary>A context with all GPUs, and the processor playing another.</summary>
    public static Context Create(PlayedGpu played) => Context.Create(builder =>
        builder.Optimize(Level).Profiling().Cuda().OpenCL()
            .CPU(new CPUDevice(played.WarpSize, played.LargestGroup / played.WarpSize, 1)).EnableAlgorithms());
}
