using ILGPU.Checking;

namespace ILGPU.Runtime;

/// <summary>Loads kernels: rewrites their code with checks, once, and gives a launcher back. One overload for each number of
/// parameters, as in ILGPU.</summary>
public static partial class KernelLoaders {
    /// <summary>Loads an explicitly grouped kernel, launched on the default stream.</summary>
    public static Action<KernelConfig, T1>
        LoadStreamKernel<T1>(this Accelerator accelerator, Action<T1> action)
        where T1 : struct {
        CheckedKernel kernel = accelerator.Runner.Load(action, false);
        return (shape, p1) => kernel.Begin().Set(p1).Launch(shape);
    }

    /// <summary>Loads an explicitly grouped kernel, launched on the default stream.</summary>
    public static Action<KernelConfig, T1, T2>
        LoadStreamKernel<T1, T2>(this Accelerator accelerator, Action<T1, T2> action)
        where T1 : struct where T2 : struct {
        CheckedKernel kernel = accelerator.Runner.Load(action, false);
        return (shape, p1, p2) => kernel.Begin().Set(p1).Set(p2).Launch(shape);
    }

    /// <summary>Loads an explicitly grouped kernel, launched on the default stream.</summary>
    public static Action<KernelConfig, T1, T2, T3>
        LoadStreamKernel<T1, T2, T3>(this Accelerator accelerator, Action<T1, T2, T3> action)
        where T1 : struct where T2 : struct where T3 : struct {
        CheckedKernel kernel = accelerator.Runner.Load(action, false);
        return (shape, p1, p2, p3) => kernel.Begin().Set(p1).Set(p2).Set(p3).Launch(shape);
    }

    /// <summary>Loads an explicitly grouped kernel, launched on the default stream.</summary>
    public static Action<KernelConfig, T1, T2, T3, T4>
        LoadStreamKernel<T1, T2, T3, T4>(this Accelerator accelerator, Action<T1, T2, T3, T4> action)
        where T1 : struct where T2 : struct where T3 : struct where T4 : struct {
        CheckedKernel kernel = accelerator.Runner.Load(action, false);
        return (shape, p1, p2, p3, p4) => kernel.Begin().Set(p1).Set(p2).Set(p3).Set(p4).Launch(shape);
    }

    /// <summary>Loads an explicitly grouped kernel, launched on the default stream.</summary>
    public static Action<KernelConfig, T1, T2, T3, T4, T5>
        LoadStreamKernel<T1, T2, T3, T4, T5>(this Accelerator accelerator, Action<T1, T2, T3, T4, T5> action)
        where T1 : struct where T2 : struct where T3 : struct where T4 : struct where T5 : struct {
        CheckedKernel kernel = accelerator.Runner.Load(action, false);
        return (shape, p1, p2, p3, p4, p5) => kernel.Begin().Set(p1).Set(p2).Set(p3).Set(p4).Set(p5).Launch(shape);
    }

    /// <summary>Loads an explicitly grouped kernel, launched on the default stream.</summary>
    public static Action<KernelConfig, T1, T2, T3, T4, T5, T6>
        LoadStreamKernel<T1, T2, T3, T4, T5, T6>(this Accelerator accelerator, Action<T1, T2, T3, T4, T5, T6> action)
        where T1 : struct where T2 : struct where T3 : struct where T4 : struct where T5 : struct where T6 : struct {
        CheckedKernel kernel = accelerator.Runner.Load(action, false);
        return (shape, p1, p2, p3, p4, p5, p6) => kernel.Begin().Set(p1).Set(p2).Set(p3).Set(p4).Set(p5).Set(p6).Launch(shape);
    }

    /// <summary>Loads an explicitly grouped kernel, launched on the default stream.</summary>
    public static Action<KernelConfig, T1, T2, T3, T4, T5, T6, T7>
        LoadStreamKernel<T1, T2, T3, T4, T5, T6, T7>(this Accelerator accelerator, Action<T1, T2, T3, T4, T5, T6, T7> action)
        where T1 : struct where T2 : struct where T3 : struct where T4 : struct where T5 : struct where T6 : struct where T7 : struct {
        CheckedKernel kernel = accelerator.Runner.Load(action, false);
        return (shape, p1, p2, p3, p4, p5, p6, p7) =>
            kernel.Begin().Set(p1).Set(p2).Set(p3).Set(p4).Set(p5).Set(p6).Set(p7).Launch(shape);
    }

    /// <summary>Loads an explicitly grouped kernel, launched on the default stream.</summary>
    public static Action<KernelConfig, T1, T2, T3, T4, T5, T6, T7, T8>
        LoadStreamKernel<T1, T2, T3, T4, T5, T6, T7, T8>(this Accelerator accelerator, Action<T1, T2, T3, T4, T5, T6, T7, T8> action)
        where T1 : struct where T2 : struct where T3 : struct where T4 : struct where T5 : struct where T6 : struct where T7 : struct
        where T8 : struct {
        CheckedKernel kernel = accelerator.Runner.Load(action, false);
        return (shape, p1, p2, p3, p4, p5, p6, p7, p8) =>
            kernel.Begin().Set(p1).Set(p2).Set(p3).Set(p4).Set(p5).Set(p6).Set(p7).Set(p8).Launch(shape);
    }

    /// <summary>Loads an explicitly grouped kernel, launched on the default stream.</summary>
    public static Action<KernelConfig, T1, T2, T3, T4, T5, T6, T7, T8, T9>
        LoadStreamKernel<T1, T2, T3, T4, T5, T6, T7, T8, T9>(
            this Accelerator accelerator, Action<T1, T2, T3, T4, T5, T6, T7, T8, T9> action)
        where T1 : struct where T2 : struct where T3 : struct where T4 : struct where T5 : struct where T6 : struct where T7 : struct
        where T8 : struct where T9 : struct {
        CheckedKernel kernel = accelerator.Runner.Load(action, false);
        return (shape, p1, p2, p3, p4, p5, p6, p7, p8, p9) =>
            kernel.Begin().Set(p1).Set(p2).Set(p3).Set(p4).Set(p5).Set(p6).Set(p7).Set(p8).Set(p9).Launch(shape);
    }

    /// <summary>Loads an explicitly grouped kernel, launched on the default stream.</summary>
    public static Action<KernelConfig, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10>
        LoadStreamKernel<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10>(
            this Accelerator accelerator, Action<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10> action)
        where T1 : struct where T2 : struct where T3 : struct where T4 : struct where T5 : struct where T6 : struct where T7 : struct
        where T8 : struct where T9 : struct where T10 : struct {
        CheckedKernel kernel = accelerator.Runner.Load(action, false);
        return (shape, p1, p2, p3, p4, p5, p6, p7, p8, p9, p10) =>
            kernel.Begin().Set(p1).Set(p2).Set(p3).Set(p4).Set(p5).Set(p6).Set(p7).Set(p8).Set(p9).Set(p10).Launch(shape);
    }

    /// <summary>Loads an explicitly grouped kernel, launched on the default stream.</summary>
    public static Action<KernelConfig, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11>
        LoadStreamKernel<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11>(
            this Accelerator accelerator, Action<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11> action)
        where T1 : struct where T2 : struct where T3 : struct where T4 : struct where T5 : struct where T6 : struct where T7 : struct
        where T8 : struct where T9 : struct where T10 : struct where T11 : struct {
        CheckedKernel kernel = accelerator.Runner.Load(action, false);
        return (shape, p1, p2, p3, p4, p5, p6, p7, p8, p9, p10, p11) =>
            kernel.Begin().Set(p1).Set(p2).Set(p3).Set(p4).Set(p5).Set(p6).Set(p7).Set(p8).Set(p9).Set(p10).Set(p11).Launch(shape);
    }

    /// <summary>Loads an explicitly grouped kernel, launched on the default stream.</summary>
    public static Action<KernelConfig, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12>
        LoadStreamKernel<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12>(
            this Accelerator accelerator, Action<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12> action)
        where T1 : struct where T2 : struct where T3 : struct where T4 : struct where T5 : struct where T6 : struct where T7 : struct
        where T8 : struct where T9 : struct where T10 : struct where T11 : struct where T12 : struct {
        CheckedKernel kernel = accelerator.Runner.Load(action, false);
        return (shape, p1, p2, p3, p4, p5, p6, p7, p8, p9, p10, p11, p12) =>
            kernel.Begin().Set(p1).Set(p2).Set(p3).Set(p4).Set(p5).Set(p6).Set(p7)
                .Set(p8).Set(p9).Set(p10).Set(p11).Set(p12).Launch(shape);
    }

    /// <summary>Loads an explicitly grouped kernel, launched on the default stream.</summary>
    public static Action<KernelConfig, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13>
        LoadStreamKernel<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13>(
            this Accelerator accelerator, Action<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13> action)
        where T1 : struct where T2 : struct where T3 : struct where T4 : struct where T5 : struct where T6 : struct where T7 : struct
        where T8 : struct where T9 : struct where T10 : struct where T11 : struct where T12 : struct where T13 : struct {
        CheckedKernel kernel = accelerator.Runner.Load(action, false);
        return (shape, p1, p2, p3, p4, p5, p6, p7, p8, p9, p10, p11, p12, p13) =>
            kernel.Begin().Set(p1).Set(p2).Set(p3).Set(p4).Set(p5).Set(p6).Set(p7)
                .Set(p8).Set(p9).Set(p10).Set(p11).Set(p12).Set(p13).Launch(shape);
    }

    /// <summary>Loads an explicitly grouped kernel, launched on the default stream.</summary>
    public static Action<KernelConfig, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13, T14>
        LoadStreamKernel<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13, T14>(
            this Accelerator accelerator, Action<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13, T14> action)
        where T1 : struct where T2 : struct where T3 : struct where T4 : struct where T5 : struct where T6 : struct where T7 : struct
        where T8 : struct where T9 : struct where T10 : struct where T11 : struct where T12 : struct where T13 : struct where T14 : struct {
        CheckedKernel kernel = accelerator.Runner.Load(action, false);
        return (shape, p1, p2, p3, p4, p5, p6, p7, p8, p9, p10, p11, p12, p13, p14) =>
            kernel.Begin().Set(p1).Set(p2).Set(p3).Set(p4).Set(p5).Set(p6).Set(p7)
                .Set(p8).Set(p9).Set(p10).Set(p11).Set(p12).Set(p13).Set(p14).Launch(shape);
    }
}
