namespace ILGPU.Runtime.Cuda;

/// <summary>NVIDIA's devices: the checking build has none.</summary>
public static class CudaContextExtensions {
    /// <summary>Enables what there is: nothing.</summary>
    public static Context.Builder Cuda(this Context.Builder builder) => builder;
}
