namespace ILGPU;

/// <summary>Switches the algorithms library on.</summary>
public static class AlgorithmContext {
    /// <summary>Switches it on; needed by the real library for functions of <see cref="Math"/> in kernels.</summary>
    public static Context.Builder EnableAlgorithms(this Context.Builder builder) => builder;
}
