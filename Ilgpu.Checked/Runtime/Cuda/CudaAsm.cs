namespace ILGPU.Runtime.Cuda;

/// <summary>Instructions of NVIDIA's devices: the checking build has none, and leaves out what asks for them.</summary>
public static class CudaAsm {
    /// <summary>Whether the kernel runs on such a device: no.</summary>
    public static bool IsSupported => false;

    /// <summary>Writes an instruction into the kernel.</summary>
    /// <param name="asm">The instruction, a literal; <c>%n</c> names an argument.</param>
    /// <param name="arg0">An argument.</param>
    /// <param name="arg1">Another.</param>
    public static void EmitRef<T0, T1>(string asm, ref T0 arg0, ref T1 arg1)
        where T0 : struct, ICudaAsmEmitParameter where T1 : struct, ICudaAsmEmitParameter => throw Checking.Faults.NotInKernel();

    /// <inheritdoc cref="EmitRef{T0, T1}(string, ref T0, ref T1)"/>
    public static void EmitRef<T0, T1, T2>(string asm, ref T0 arg0, ref T1 arg1, ref T2 arg2)
        where T0 : struct, ICudaAsmEmitParameter where T1 : struct, ICudaAsmEmitParameter where T2 : struct, ICudaAsmEmitParameter =>
        throw Checking.Faults.NotInKernel();

    /// <inheritdoc cref="EmitRef{T0, T1}(string, ref T0, ref T1)"/>
    public static void EmitRef<T0, T1, T2, T3, T4, T5, T6, T7, T8, T9>(string asm, ref T0 arg0, ref T1 arg1, ref T2 arg2, ref T3 arg3,
        ref T4 arg4, ref T5 arg5, ref T6 arg6, ref T7 arg7, ref T8 arg8, ref T9 arg9)
        where T0 : struct, ICudaAsmEmitParameter where T1 : struct, ICudaAsmEmitParameter where T2 : struct, ICudaAsmEmitParameter
        where T3 : struct, ICudaAsmEmitParameter where T4 : struct, ICudaAsmEmitParameter where T5 : struct, ICudaAsmEmitParameter
        where T6 : struct, ICudaAsmEmitParameter where T7 : struct, ICudaAsmEmitParameter where T8 : struct, ICudaAsmEmitParameter
        where T9 : struct, ICudaAsmEmitParameter => throw Checking.Faults.NotInKernel();
}
