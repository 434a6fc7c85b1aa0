#if !ILGPU_CHECKED
using System.Reflection;
using ILGPU;
using ILGPU.Backends.EntryPoints;
using ILGPU.Backends.PTX;
using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;

namespace DenseEngine.Tests;

/// <summary>ILGPU's compiler for NVIDIA GPUs, which needs neither a GPU nor its driver.</summary>
internal static class PtxCompiler {
    /// <summary>What compiles, and for what.</summary>
    public static string Name { get; } =
        $"ILGPU {typeof(Context).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0]}, sm_80, O1";

    /// <summary>A kernel's PTX; of what multiplies on tensor cores as <see cref="GpuDevice.MatrixKernel"/> loads it, with its operands in
    /// registers. Each kernel has a context of its own: after a failure a context compiles nothing more.</summary>
    public static string Compile(MethodInfo kernel, bool perIndex) {
        using var context = Context.Create(builder => builder.EnableAlgorithms().Optimize(GpuContext.Level));
        using var backend = new PTXBackend(context, new CudaCapabilityContext(CudaArchitecture.SM_80), CudaArchitecture.SM_80,
            CudaInstructionSet.ISA_80, null);
        EntryPointDescription entry = perIndex ? EntryPointDescription.FromImplicitlyGroupedKernel(kernel)
            : EntryPointDescription.FromExplicitlyGroupedKernel(kernel);
        string ptx = ((PTXCompiledKernel)backend.Compile(entry, KernelSpecialization.Empty)).PTXAssembly;
        return ptx.Contains("mma.sync", StringComparison.Ordinal) ? PtxPromotion.Apply(ptx) ?? ptx : ptx;
    }
}
#endif
