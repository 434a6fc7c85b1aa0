using System.Reflection;
using System.Text.RegularExpressions;
using ILGPU.Checking;
using Xunit;
using Xunit.Abstractions;
using Xunit.Sdk;

namespace DenseEngine.Tests;

/// <summary>A bug planted into each kernel in turn must be noticed by what tests the operations anyway.</summary>
public class DamagedKernelsTests(ITestOutputHelper output) {
    private static IEnumerable<LaunchedKernel> Kernels => ProductKernels.All.Where(kernel => !IsNeverLaunched(kernel));

    /// <summary>Some are closed over types that their launches never see: the gradient of a sum or difference needs neither input, which
    /// <c>Op.Binary</c> finds out when it runs.</summary>
    private static bool IsNeverLaunched(LaunchedKernel kernel) => kernel.Name.StartsWith("Broadcast", StringComparison.Ordinal)
        && kernel.Method.GetGenericArguments() is [{ IsGenericType: true } slope]
        && slope.Name is "ByA`1" or "ByB`1" && slope.GetGenericArguments()[0].Name is "AddOp" or "SubOp";

    [Fact]
    public void Kernels_said_to_be_never_launched_are_not() =>
        Assert.All(ProductKernels.All.Where(IsNeverLaunched), kernel => Assert.Empty(LaunchRecord.Of(kernel.Method)));

    /// <summary>A kernel that writes zeros makes some comparison with the host fail.</summary>
    [Fact]
    public void Zeros_are_noticed() {
        var unnoticed = new List<string>();
        int runs = 0;
        foreach (LaunchedKernel kernel in Kernels) {
            IReadOnlyList<string> comparisons = LaunchRecord.Of(kernel.Method);
            if (comparisons.Count == 0) unnoticed.Add($"{kernel.Name} is launched by no comparison with the host");
            else if (!comparisons.Any(comparison =>
                Try(comparison, new KernelDamage(kernel.Method, DamageKind.ZeroStores), ref runs) is not null))
                unnoticed.Add($"{kernel.Name} writing zeros is noticed by none of {string.Join(", ", comparisons)}");
        }
        output.WriteLine($"{Kernels.Count()} kernels, {runs} runs");
        Assert.True(unnoticed.Count == 0, string.Join('\n', unnoticed));
    }

    /// <summary>A kernel that lacks any one of its barriers is reported by the checking runtime.</summary>
    [Fact]
    public void A_missing_barrier_is_reported() {
        var unnoticed = new List<string>();
        int runs = 0, barriers = 0;
        foreach (LaunchedKernel kernel in Kernels) {
            KernelBody body = KernelReader.Read(kernel.Method, kernel.PerIndex);
            // one that a method has stands in the kernel wherever it calls that
            foreach (Instruction barrier in body.Barriers.DistinctBy(wait =>
                (body.Sites[wait.Site].Method, body.Sites[wait.Site].Offset))) {
                barriers++;
                (MethodBase method, int offset, _) = body.Sites[barrier.Site];
                var damage = new KernelDamage(kernel.Method, DamageKind.NoBarrier, (method, offset));
                string? report = null;
                foreach (string comparison in LaunchRecord.Of(kernel.Method))
                    if (Reported(report = Try(comparison, damage, ref runs), kernel)) break;
                if (Reported(report, kernel)) output.WriteLine($"{kernel.Name}: {report}");
                else unnoticed.Add($"{kernel.Name} without the barrier in {body.Path(barrier.Site)}");
            }
        }
        output.WriteLine($"{barriers} barriers, {runs} runs");
        Assert.True(unnoticed.Count == 0, string.Join('\n', unnoticed));
    }

    /// <summary>A kernel that reads its shared memory before it has written it is reported.</summary>
    [Fact]
    public void Shared_memory_read_before_it_is_written_is_reported() {
        var unnoticed = new List<string>();
        int runs = 0;
        LaunchedKernel[] sharing = [.. Kernels.Where(kernel => KernelReader.Read(kernel.Method, kernel.PerIndex).Shared.Bytes > 0)];
        foreach (LaunchedKernel kernel in sharing) {
            var damage = new KernelDamage(kernel.Method, DamageKind.NoSharedStores);
            if (!LaunchRecord.Of(kernel.Method).Any(comparison => Try(comparison, damage, ref runs) is { } fault
                && fault.StartsWith("unwritten: reads memory that nothing has written: shared memory '", StringComparison.Ordinal)
                && Reported(fault, kernel))) unnoticed.Add(kernel.Name);
        }
        output.WriteLine($"{sharing.Length} kernels with shared memory, {runs} runs");
        Assert.True(unnoticed.Count == 0, string.Join('\n', unnoticed));
    }

    /// <summary>The report names what was damaged: a race or an unwritten cell its memory, a divergence both its
    /// places; each the kernel, a group and thread, and a line.</summary>
    private static bool Reported(string? fault, LaunchedKernel kernel) => fault is not null
        && (fault.StartsWith("race", StringComparison.Ordinal) || fault.StartsWith("unwritten", StringComparison.Ordinal)
            ? fault.Contains("shared memory '", StringComparison.Ordinal) || fault.Contains("buffer '", StringComparison.Ordinal)
            : fault.StartsWith("divergent barrier", StringComparison.Ordinal))
        && Regex.IsMatch(fault, $@"; kernel {kernel.Method.Name}, group \d+, thread \d+, barrier interval \d+, at [\w.]+\.cs:\d+ \(");

    /// <summary>What a comparison reports of a kernel with a bug; null if nothing.</summary>
    private static string? Try(string comparison, KernelDamage damage, ref int runs) {
        runs++;
        try {
            LaunchRecord.Compare(comparison, damage);
            return null;
        } catch (Exception e) when (e is KernelFaultException or XunitException) {
            return e.Message;
        }
    }
}
