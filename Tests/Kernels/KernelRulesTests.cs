using ILGPU;
using ILGPU.Checking;
using Xunit;
using Xunit.Abstractions;

namespace DenseEngine.Tests;

/// <summary>Reads the code of every kernel that is launched, and of all that it calls, for what ILGPU refuses or miscompiles.</summary>
public class KernelRulesTests(ITestOutputHelper output) {
    private static readonly Lazy<Dictionary<string, LaunchedKernel>> Planted =
        new(() => KernelSearch.In(typeof(PlantedRules)).Kernels.ToDictionary(kernel => kernel.Method.Name));

    [Fact]
    public void Kernels_keep_the_rules() {
        Assert.True(ProductKernels.All.Count > 20, $"only {ProductKernels.All.Count} kernels were found");
        Assert.Empty(ProductKernels.Problems);
        var faults = new List<string>();
        var doubts = new SortedSet<string>(StringComparer.Ordinal);
        foreach (LaunchedKernel kernel in ProductKernels.All) {
            (IReadOnlyList<string> sure, IReadOnlyList<string> doubtful) = Review(kernel);
            faults.AddRange(sure.Select(fault => $"{kernel.Name}: {fault}"));
            doubts.UnionWith(doubtful);
        }
        output.WriteLine($"{ProductKernels.All.Count} kernels; {doubts.Count} doubtful places:");
        foreach (string doubt in doubts) output.WriteLine(doubt);
        Assert.True(faults.Count == 0, string.Join('\n', faults));
    }

    /// <summary>Each operation's own kernels are among those found.</summary>
    [Theory]
    [InlineData("FillKernel")]
    [InlineData("UnaryKernel<ReluOp>")]
    [InlineData("ReduceRowsKernel<SumReduction, Shuffles>")]
    [InlineData("TiledProductKernel<Tile128x128, TapSide, WeightSide>")]
    public void Kernels_are_found_by_their_launches(string name) =>
        Assert.Contains(name, ProductKernels.All.Select(kernel => kernel.Name));

    /// <summary>Kernel; what the message must say, before the path; the path; whether its line is marked in the source.</summary>
    public static TheoryData<string, bool, string, string> Violations => new() {
        { "K1Throws", true, "K1: throw", "K1Throws -> Demand at " },
        { "K1Tries", true, "K1: try", "K1Tries at " },
        { "K2Boxes", true, "K2: box", "K2Boxes at " },
        { "K3Delegate", true, "K", "K3Delegate" },
        { "K4Static", true, "K4: the static field PlantedRules.counter", "K4Static at " },
        { "K5Interface", true, "K", "K5Interface" },
        { "K6Stack", true, "K6: a variable of type Int32*", "K6Stack at " },
        { "K7Array", true, "K7: an array", "K7Array at " },
        { "K8Checked", true, "K8: checked arithmetic", "K8Checked at " },
        { "K9Clamp", true, "K9: a call of Math.Clamp", "K9Clamp -> Limit -> Bounded -> Math.Clamp at " },
        { "K9Decimal", true, "K9: a variable of type Decimal", "K9Decimal at " },
        { "K10Recursion", true, "K10: recursion", "K10Recursion -> Factorial -> Factorial at " },
        { "K11Flag", true, "K11: parameter 'flagged' holds a Boolean", "K11Flag at " },
        { "K11Index", true, "K11: a kernel with groups of its own takes no index", "K11Index at " },
        { "K12Captures", true, "K12: a local function that uses its method's variables", "K12Captures at " },
        { "K13NativeInteger", true, "K13: a", "K13NativeInteger at " },
        { "K14Double", false, "K14: arithmetic in double precision", "K14Double at " },
        { "K15Branch", false, "K15: a barrier that some threads may not reach, as decided at PlantedRules.cs:", "K15Branch at " },
        { "K15Return", false, "K15: a barrier that some threads may not reach, as decided at PlantedRules.cs:", "K15Return at " },
        { "K15TripCount", false, "K15: a barrier that some threads may not reach", "K15TripCount -> Wait at " },
        { "K15PerIndex", true, "K15: a barrier in a kernel run per index", "K15PerIndex at " },
        { "K16Loop", true, "K16: shared memory is allocated in a loop", "K16Loop at " },
        { "K16Size", true, "K16: the size of shared memory is no literal", "K16Size at " },
        { "K17Narrow", true, "K17: a float to an integer of 8 or 16 bits", "K17Narrow at " },
        { "K18Product", false, "K18: a product of 32-bit integers", "K18Product at " },
        { "K19Truth", true, "K19: the outcome of a comparison", "K19Truth at " },
        { "FloatAtomic", true, "float atomic: Atomic.Add on Single", "FloatAtomic -> Atomic.Add at " },
    };

    [Theory, MemberData(nameof(Violations))]
    public void A_violation_is_reported_with_its_path(string kernel, bool sure, string what, string path) {
        (IReadOnlyList<string> faults, IReadOnlyList<string> doubts) = Review(Planted.Value[kernel]);
        string message = Assert.Single((sure ? faults : doubts).Where(
            found => found.Contains(what, StringComparison.Ordinal) && found.Contains($"in {path}", StringComparison.Ordinal)).Take(1));
        Assert.Contains("PlantedRules.cs:", message, StringComparison.Ordinal);
        if (PlantedSource.LineOf(kernel) is { } line) Assert.Contains($"PlantedRules.cs:{line}", message, StringComparison.Ordinal);
        if (!sure) Assert.Empty(faults);
    }

    [Theory]
    [InlineData("Sound")]
    [InlineData("SoundNarrow")]
    public void A_sound_kernel_gives_no_report(string kernel) {
        (IReadOnlyList<string> faults, IReadOnlyList<string> doubts) = Review(Planted.Value[kernel]);
        Assert.Empty(faults);
        Assert.Empty(doubts);
    }

    [Fact]
    public void Every_rule_has_its_violation() {
        Assert.Equal(Enumerable.Range(1, 19).Select(k => $"K{k}").Order(),
            Violations.Select(row => new string([.. ((string)row[0]).TakeWhile((c, i) => i == 0 || char.IsAsciiDigit(c))]))
                .Where(name => name.Length > 1).Distinct().Order());
        Assert.Equal(Planted.Value.Count, Violations.Count + 2);
    }

    private static (IReadOnlyList<string> Faults, IReadOnlyList<string> Doubts) Review(LaunchedKernel kernel) {
        try {
            IReadOnlyList<KernelFinding> findings = KernelReview.Of(KernelReader.Read(kernel.Method, kernel.PerIndex));
            return ([.. findings.Where(finding => finding.Sure).Select(finding => finding.Message)],
                [.. findings.Where(finding => !finding.Sure).Select(finding => finding.Message)]);
        } catch (InternalCompilerException e) {
            return ([e.Message], []);
        }
    }
}
