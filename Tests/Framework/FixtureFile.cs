namespace DenseEngine.Tests;

/// <summary>Runs cases of the groups whose files are a JSON of cases with a safetensors beside it: forward, then every gradient.</summary>
internal static class FixtureFile {
    /// <summary>All cases of a group, as prefix + file + "/" + case.</summary>
    public static IReadOnlyList<string> Cases(string group) => [.. Fixtures.Files(group, "*.json").SelectMany(file =>
        FixtureRun.Names(file.Path).Select(name => $"{file.Prefix}{Path.GetFileNameWithoutExtension(file.Path)}/{name}"))];

    /// <summary>A case name's file, without prefix and ending: the operation or unit.</summary>
    public static string Subject(string name) => name[(name.IndexOf(':') + 1)..name.IndexOf('/')];

    /// <summary>Runs one case on a device and compares every output and gradient that the file holds.</summary>
    public static void Run(string group, string name, Device device, Func<FixtureCase, Outputs> run) {
        (string file, string caseName) = (name[..name.IndexOf('/')], name[(name.IndexOf('/') + 1)..]);
        string path = Fixtures.Files(group, "*.json")
            .Single(candidate => candidate.Prefix + Path.GetFileNameWithoutExtension(candidate.Path) == file).Path;
        Compare.Close(Subject(name), FixtureRun.Of(path, caseName, name, device, run));
    }
}
