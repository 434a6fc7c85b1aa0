using System.Collections.Concurrent;
using System.Reflection;
using ILGPU.Runtime;

namespace DenseEngine;

/// <summary>Loads each kernel once, one after the other, and keeps its launcher: loading compiles.</summary>
internal sealed class KernelCache(Accelerator accelerator) {
    private readonly ConcurrentDictionary<MethodInfo, Delegate> loaded = new();
    private readonly Lock gate = new();

    /// <summary>The kernels that were loaded.</summary>
    public IEnumerable<MethodInfo> Kernels => loaded.Keys;

    /// <summary>The launcher of a kernel, which is a closed static method.</summary>
    public TLauncher Get<TLauncher>(Delegate kernel, Func<Accelerator, TLauncher> load) where TLauncher : Delegate {
        if (loaded.TryGetValue(kernel.Method, out Delegate? known)) return (TLauncher)known;
        lock (gate) {
            if (!loaded.TryGetValue(kernel.Method, out known)) loaded[kernel.Method] = known = GpuContext.Load(accelerator, kernel, load);
            return (TLauncher)known;
        }
    }
}
