namespace ILGPU.Runtime.OpenCL;

/// <summary>OpenCL devices: the checking build has none.</summary>
public static class CLContextExtensions {
    /// <summary>Enables what there is: nothing.</summary>
    public static Context.Builder OpenCL(this Context.Builder builder) => builder;
}
