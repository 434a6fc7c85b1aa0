using System.Reflection;
using System.Text.RegularExpressions;
using DenseEngine.Ops;
using Xunit;

namespace DenseEngine.Tests;

/// <summary>What is claimed to be fast is measured.</summary>
public class BenchmarksTests {
    [Fact]
    public void Every_operation_has_a_benchmark() {
        string benchmarks = string.Join('\n', Sources.Of("Benchmarks").SelectMany(file => file.Code));
        string[] operations = [.. typeof(Op).GetMethods(BindingFlags.Public | BindingFlags.Static | BindingFlags.DeclaredOnly)
            .Select(method => method.Name).Distinct()];
        Assert.NotEmpty(operations);
        Assert.DoesNotContain(operations, name => !Regex.IsMatch(benchmarks, $@"\bOp\.{name}\b"));
    }
}
