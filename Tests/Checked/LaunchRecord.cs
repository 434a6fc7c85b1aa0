using System.Reflection;
using ILGPU.Checking;

namespace DenseEngine.Tests;

/// <summary>Which kernels the comparisons of devices with the host launch, and with how many threads: a kernel's cheapest comes
/// first.</summary>
internal static class LaunchRecord {
    private static readonly Lazy<Dictionary<MethodInfo, List<(string Comparison, long Threads)>>> Known = new(Record);

    /// <summary>Each fails unless a device gives what the host gives.</summary>
    private static readonly Dictionary<string, Action<GpuDevice>> Comparisons = SampleRun.Names
        .ToDictionary(name => name, name => (Action<GpuDevice>)(gpu => SampleRun.Agree(name, gpu, gpu.Name)));

    private const string WithoutShuffles = ", without shuffles";

    static LaunchRecord() {
        Comparisons["Sgd"] = OptimizerTests.StepsAgree;
        foreach (string name in SampleRun.Names.Where(name => WarpTests.Methods.Contains(name[..name.IndexOf('/')])))
            Comparisons[name + WithoutShuffles] = gpu => SampleRun.Agree(name, gpu, gpu.Name);
    }

    /// <summary>The comparisons that launch a kernel.</summary>
    public static IReadOnlyList<string> Of(MethodInfo kernel) => Known.Value.TryGetValue(kernel, out List<(string, long)>? comparisons)
        ? [.. comparisons.OrderBy(comparison => comparison.Item2).Select(comparison => comparison.Item1)] : [];

    /// <summary>Compares with the host a checking device that has a bug in one kernel.</summary>
    public static void Compare(string comparison, KernelDamage damage) {
        using GpuDevice gpu = Open(comparison, runner => runner.Damage = damage);
        Comparisons[comparison](gpu);
    }

    private static GpuDevice Open(string comparison, Action<GroupRunner> use) {
        var gpu = GpuDevice.Open("checked", new PlayedGpu(32, Shuffles: !comparison.EndsWith(WithoutShuffles, StringComparison.Ordinal)));
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
        void Note(MethodInfo kernel, long count) {
            launched.Add(kernel);
            threads += count;
        }
        using GpuDevice shuffling = Open("", runner => runner.Launched = Note);
        using GpuDevice sharing = Open(WithoutShuffles, runner => runner.Launched = Note);
        foreach ((string name, Action<GpuDevice> compare) in Comparisons) {
            launched.Clear();
            threads = 0;
            compare(name.EndsWith(WithoutShuffles, StringComparison.Ordinal) ? sharing : shuffling);
            foreach (MethodInfo kernel in launched) {
                if (!known.TryGetValue(kernel, out List<(string, long)>? comparisons)) known[kernel] = comparisons = [];
                comparisons.Add((name, threads));
            }
        }
        return known;
    }
}
