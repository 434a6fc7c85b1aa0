using System.Reflection;
using ILGPU.Checking;

namespace DenseEngine.Tests;

/// <summary>Which kernels the comparisons of devices with the host launch, and with how many threads: a kernel's cheapest comes
/// first.</summary>
internal static class LaunchRecord {
    private static readonly Lazy<Dictionary<MethodInfo, List<(string Comparison, long Threads)>>> Known = new(Record);

    /// <summary>Each fails unless a device gives what the host gives. The devices: one whose warps are so narrow that joins go on in shared
    /// memory, and one without shuffles.</summary>
    private static readonly Dictionary<string, (PlayedGpu Played, Action<GpuDevice> Run)> Comparisons = (
        from played in new[] { new PlayedGpu(2), new PlayedGpu(Shuffles: false) }
        from name in SampleRun.Names.Append("Sgd")
        select (Name: $"{name} ({(played.Shuffles ? "warps of 2" : "no shuffles")})", played, name)).ToDictionary(
            each => each.Name, each => (each.played, (Action<GpuDevice>)(gpu => {
                if (each.name == "Sgd") OptimizerTests.StepsAgree(gpu);
                else DenseEngine.Tests.Compare.Close("kernels", SampleRun.Against(each.name, gpu, each.Name));
            })));

    /// <summary>The comparisons that launch a kernel.</summary>
    public static IReadOnlyList<string> Of(MethodInfo kernel) => Known.Value.TryGetValue(kernel, out List<(string, long)>? comparisons)
        ? [.. comparisons.OrderBy(comparison => comparison.Item2).Select(comparison => comparison.Item1)] : [];

    /// <summary>Compares with the host a checking device that has a bug in one kernel.</summary>
    public static void Compare(string comparison, KernelDamage damage) {
        (PlayedGpu played, Action<GpuDevice> run) = Comparisons[comparison];
        using GpuDevice gpu = Open(played, runner => runner.Damage = damage);
        run(gpu);
    }

    private static GpuDevice Open(PlayedGpu played, Action<GroupRunner> use) {
        var gpu = GpuDevice.Open("checked", played);
        gpu.Kernel<Action>(Nothing, accelerator => {
            use(accelerator.Runner);
            return Nothing;
        });
        return gpu;
    }

    private static void Nothing() { }

    private static Dictionary<MethodInfo, List<(string, long)>> Record() {
        var known = new Dictionary<MethodInfo, List<(string, long)>>();
        var launched = new HashSet<MethodInfo>();
        long threads = 0;
        foreach (var device in Comparisons.GroupBy(comparison => comparison.Value.Played)) {
            using GpuDevice gpu = Open(device.Key, runner => runner.Launched = (kernel, count) => {
                launched.Add(kernel);
                threads += count;
            });
            foreach ((string name, (_, Action<GpuDevice> run)) in device) {
                launched.Clear();
                threads = 0;
                run(gpu);
                foreach (MethodInfo kernel in launched) {
                    if (!known.TryGetValue(kernel, out List<(string, long)>? comparisons)) known[kernel] = comparisons = [];
                    comparisons.Add((name, threads));
                }
            }
        }
        return known;
    }
}
