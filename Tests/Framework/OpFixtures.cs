using System.Text.Json;
using Xunit;

namespace DenseEngine.Tests;

/// <summary>Runs operations' fixture cases: forward, then every gradient that the case holds.</summary>
internal static class OpFixtures {
    /// <summary>All cases of the group "ops", as prefix + file + "/" + case.</summary>
    public static IReadOnlyList<string> Cases { get; } = [.. Fixtures.Files("ops", "*.json").SelectMany(file => {
        using JsonDocument json = JsonDocument.Parse(File.ReadAllBytes(file.Path));
        return json.RootElement.GetProperty("cases").EnumerateObject()
            .Select(one => $"{file.Prefix}{Path.GetFileNameWithoutExtension(file.Path)}/{one.Name}").ToArray();
    })];

    /// <summary>Runs one case on a device.</summary>
    public static void Run(string name, Device device) {
        (string file, string caseName) = (name[..name.IndexOf('/')], name[(name.IndexOf('/') + 1)..]);
        string path = Fixtures.Files("ops", "*.json")
            .Single(candidate => candidate.Prefix + Path.GetFileNameWithoutExtension(candidate.Path) == file).Path;
        string op = Path.GetFileNameWithoutExtension(path);
        OpRow? row = OpCases.Rows.Values.SingleOrDefault(candidate => candidate.Fixture == op || candidate.MoreFixtures.Contains(op));
        if (row is null && OpCases.OpenFixtures.Contains(op)) return;
        Assert.True(row?.Run is not null, $"no row of OpCases runs the fixture '{op}'");

        using var scope = new TensorScope();
        using JsonDocument json = JsonDocument.Parse(File.ReadAllBytes(path));
        using SafeTensorsFile tensors = SafeTensorsFile.Open(Path.ChangeExtension(path, ".safetensors"));
        var fixture = new FixtureCase(caseName, json.RootElement.GetProperty("cases").GetProperty(caseName), tensors, device);
        Outputs outputs = row!.Run!(fixture);
        foreach (string output in fixture.Outputs) {
            (string _, Tensor actual) = outputs.Named.Single(named => named.Name == output);
            Check(op, $"{name} out.{output}", $"out.{output}", actual);
            if (fixture.Has($"gradout.{output}")) actual.Backward(fixture.Read($"gradout.{output}"), keepGraph: true);
        }
        foreach (string input in fixture.Gradients) {
            Tensor gradient = fixture.Leaf(input).Grad ?? Tensor.Zeros(fixture.Leaf(input).Shape, DType.Float32, device);
            Check(op, $"{name} grad.{input}", $"grad.{input}", gradient);
        }

        void Check(string group, string what, string tensor, Tensor actual) {
            Tensor expected = fixture.Read(tensor);
            (double absolute, double relative) = fixture.Allowed(tensor, expected);
            Compare.Close(group, what, expected, actual, absolute, relative);
        }
    }
}
