using System.Text.Json;

namespace DenseEngine.Cases;

/// <summary>Runs cases of files that are a JSON of cases with a safetensors beside it: forward, then every gradient.</summary>
internal static class FixtureRun {
    /// <summary>The names of a file's cases.</summary>
    public static IReadOnlyList<string> Names(string path) {
        using JsonDocument json = JsonDocument.Parse(File.ReadAllBytes(path));
        return [.. json.RootElement.GetProperty("cases").EnumerateObject().Select(one => one.Name)];
    }

    /// <summary>Runs one case on a device and compares every output and gradient that the file holds.</summary>
    /// <param name="path">The JSON.</param>
    /// <param name="name">The case.</param>
    /// <param name="what">What failures call it.</param>
    /// <param name="device">Where it is run.</param>
    /// <param name="run">Calls what the case is of.</param>
    /// <param name="share">What is allowed at least, as a share of a tensor's largest element.</param>
    public static Closeness Of(string path, string name, string what, Device device, Func<FixtureCase, Outputs> run, double share = 0) {
        using var scope = new TensorScope();
        using JsonDocument json = JsonDocument.Parse(File.ReadAllBytes(path));
        using CheckpointFile tensors = CheckpointFile.Open(Path.ChangeExtension(path, ".safetensors"));
        var fixture = new FixtureCase(name, json.RootElement.GetProperty("cases").GetProperty(name), tensors, device);
        Outputs outputs = run(fixture);
        var all = new Closeness();
        foreach (string output in fixture.Outputs) {
            (string _, Tensor actual) = outputs.Named.Single(named => named.Name == output);
            all = all.And(Check($"out.{output}", actual));
            if (fixture.Has($"gradout.{output}")) actual.Backward(fixture.Read($"gradout.{output}"), keepGraph: true);
        }
        foreach (string input in fixture.Gradients) all = all.And(Check($"grad.{input}", fixture.Gradient(input)));
        return all;

        Closeness Check(string tensor, Tensor actual) {
            Tensor expected = fixture.Read(tensor);
            (double absolute, double relative) = fixture.Allowed(tensor, expected);
            return Closeness.Of($"{what} {tensor}", expected, actual, Math.Max(absolute, share * SampleRun.Largest(expected)), relative);
        }
    }
}
