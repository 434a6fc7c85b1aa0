using System.Diagnostics.CodeAnalysis;

namespace ILGPU.Runtime.Cuda;

/// <summary>An argument of an instruction.</summary>
[SuppressMessage("Design", "CA1040", Justification = "As ILGPU has it.")]
public interface ICudaAsmEmitParameter;

/// <summary>What an instruction reads.</summary>
[SuppressMessage("Design", "CA1051", Justification = "As ILGPU has it.")]
public struct Input<T> : ICudaAsmEmitParameter where T : struct {
    /// <summary>The value.</summary>
    public T Value;

    /// <summary>A value as an argument.</summary>
    [SuppressMessage("Usage", "CA2225", Justification = "As ILGPU has it.")]
    public static implicit operator Input<T>(T v) => new() { Value = v };
}

/// <summary>What an instruction writes.</summary>
[SuppressMessage("Design", "CA1051", Justification = "As ILGPU has it.")]
public struct Output<T> : ICudaAsmEmitParameter where T : struct {
    /// <summary>The value.</summary>
    public T Value;
}

/// <summary>What an instruction reads and writes.</summary>
[SuppressMessage("Design", "CA1051", Justification = "As ILGPU has it.")]
public struct Ref<T> : ICudaAsmEmitParameter where T : struct {
    /// <summary>The value.</summary>
    public T Value;

    /// <summary>A value as an argument.</summary>
    [SuppressMessage("Usage", "CA2225", Justification = "As ILGPU has it.")]
    public static implicit operator Ref<T>(T v) => new() { Value = v };
}
