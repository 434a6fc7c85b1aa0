using Xunit;

namespace DenseEngine.Tests;

/// <summary>The stand-in offers nothing that ILGPU lacks, or the project would compile against one of the two only. Its surface is a
/// committed list (<c>IlgpuSurface.txt</c>), which the checked build compares with the stand-in and the packages build with
/// ILGPU.</summary>
public class IlgpuSurfaceTests {
    private static readonly string Committed = Path.Combine(Fixtures.Repository, "Tests", "Kernels", "IlgpuSurface.txt");

#if ILGPU_CHECKED
    [Fact]
    public void The_list_is_the_stand_in() {
        SortedSet<string> found = PublicSurface.Of(typeof(ILGPU.Context).Assembly);
        string[] listed = File.Exists(Committed) ? File.ReadAllLines(Committed) : [];
        if (found.SequenceEqual(listed)) return;
        string actual = Path.Combine(AppContext.BaseDirectory, "IlgpuSurface.txt");
        File.WriteAllLines(actual, found);
        Assert.Fail($"""
            The stand-in's surface is not what Tests/Kernels/IlgpuSurface.txt says; if it is meant, take over {actual}
            and run the tests of a packages build.
            New: {string.Join("; ", found.Except(listed).Take(10))}.
            Gone: {string.Join("; ", listed.Except(found).Take(10))}.
            """);
    }

    [Fact(Skip = "needs a build against the real ILGPU (-p:IlgpuFlavor=packages or -p:IlgpuPath=FOLDER)")]
    public void The_list_is_part_of_ILGPU() { }
#else
    [Fact(Skip = "needs a build against the in-tree stand-in (-p:IlgpuFlavor=checked)")]
    public void The_list_is_the_stand_in() { }

    [Fact]
    public void The_list_is_part_of_ILGPU() {
        SortedSet<string> real = PublicSurface.Of(typeof(ILGPU.Context).Assembly, typeof(ILGPU.Algorithms.XMath).Assembly);
        string[] listed = File.ReadAllLines(Committed);
        Assert.True(listed.Length > 400, $"only {listed.Length} lines");
        string[] invented = [.. listed.Where(line => !real.Contains(line))];
        Assert.True(invented.Length == 0, $"{invented.Length} lines are not ILGPU's: {string.Join("; ", invented.Take(20))}");
    }
#endif
}
