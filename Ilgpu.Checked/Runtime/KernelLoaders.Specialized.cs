namespace ILGPU.Runtime;

public static partial class KernelLoaders {
    /// <summary>Loads an explicitly grouped kernel, launched on the default stream. Here nothing depends on what its compiler is
    /// told.</summary>
    public static Action<KernelConfig, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10>
        LoadStreamKernel<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10>(
            this Accelerator accelerator, Action<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10> action, KernelSpecialization specialization)
        where T1 : struct where T2 : struct where T3 : struct where T4 : struct where T5 : struct where T6 : struct where T7 : struct
        where T8 : struct where T9 : struct where T10 : struct => accelerator.LoadStreamKernel(action);
}
