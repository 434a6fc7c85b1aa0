using System.Text.Json;

namespace DenseEngine.Tests;

/// <summary>Runs cases of the groups whose files are a JSON of cases with a safetensors beside it: forward, then every gradient.</summary>
internal static class FixtureFile {
    /// <summary>All cases of a group, as prefix + file + "/" + case.</summary>
    public static IReadOnlyList<string> Cases(string group) => [.. Fixtures.Files(group, "*.json").SelectMany(file => {
        using JsonDocument json = JsonDocument.Parse(File.ReadAllBytes(file.Path));
        return json.RootElement.GetProperty("cases").EnumerateObject()
            .Select(one => $"{file.Prefix}{Path.GetFileNameWithoutExtension(file.Path)}/{one.Name}").ToArray();
    })];

    /// <summary>A case name's file, without prefix and ending: the operation or unit.</summary>
    public static string Subject(string name) => name[(name.IndexOf(':') + 1)..name.IndexOf('/')];

    /// <summary>Runs one case on a device and compares every output and gradient that the file holds.</summary>
    public static void Run(string group, string name, Device device, Func<FixtureCase, Outputs> run) {
        (string file, string caseName) = (name[..name.IndexOf('/')], name[(name.IndexOf('/') + 1)..]);
        string path = Fixtures.Files(group, "*.json")
            .Single(candidate => candidate.Prefix + Path.GetFileNameWithoutExtension(candidate.Path) == file).Path;
        string subject = Subject(name);

        using var scope = new TensorScope();
        using JsonDocument json = JsonDocument.Parse(File.ReadAllBytes(path));
        using CheckpointFile tensors = CheckpointFile.Open(Path.ChangeExtension(path, ".safetensors"));
        var fixture = new FixtureCase(caseName, json.RootElement.GetProperty("cases").GetProperty(caseName), tensors, device);
        Outputs outputs = run(fixture);
        foreach (string output in fixture.Outputs) {
            (string _, Tensor actual) = outputs.Named.Single(named => named.Name == output);
            Check(subject, $"{name} out.{output}", $"out.{output}", actual);
            if (fixture.Has($"gradout.{output}")) actual.Backward(fixture.Read($"gradout.{output}"), keepGraph: true);
        }
        foreach (string input in fixture.Gradients) {
            Check(subject, $"{name} grad.{input}", $"grad.{input}", fixture.Gradient(input));
        }

        void Check(string report, string what, string tensor, Tensor actual) {
            Tensor expected = fixture.Read(tensor);
            (double absolute, double relative) = fixture.Allowed(tensor, expected);
            Compare.Close(report, what, expected, actual, absolute, relative);
        }
    }
}
