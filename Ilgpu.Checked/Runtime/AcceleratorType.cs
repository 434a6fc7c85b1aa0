namespace ILGPU.Runtime;

/// <summary>The kinds of accelerators.</summary>
public enum AcceleratorType {
    /// <summary>The processor.</summary>
    CPU,

    /// <summary>NVIDIA's.</summary>
    Cuda,

    /// <summary>OpenCL devices.</summary>
    OpenCL,
}
