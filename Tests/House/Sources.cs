using System.Text.RegularExpressions;

namespace DenseEngine.Tests;

/// <summary>A source file of the repository.</summary>
/// <param name="Path">From the root, with slashes.</param>
/// <param name="Lines">Its lines.</param>
internal sealed partial record SourceFile(string Path, string[] Lines) {
    /// <summary>The project's folder.</summary>
    public string Room => Path[..Path.IndexOf('/')];

    /// <summary>The lines without comments (those that end on // inside a text are cut short: no test minds).</summary>
    public IEnumerable<string> Code => Lines.Select(line => Comment().Replace(line, ""));

    [GeneratedRegex(@"//.*")]
    private static partial Regex Comment();
}

/// <summary>The repository's C# files, generated ones left out.</summary>
internal static class Sources {
    public static IReadOnlyList<string> Rooms { get; } =
        ["Ilgpu.Checked", "Engine", "Ops", "Models", "Training", "Cases", "Cli", "Tests", "Benchmarks"];

    public static IReadOnlyList<SourceFile> All { get; } = [.. from room in Rooms
        from path in Directory.EnumerateFiles(Path.Combine(Fixtures.Repository, room), "*.cs", SearchOption.AllDirectories)
        let name = Path.GetRelativePath(Fixtures.Repository, path).Replace('\\', '/')
        where !name.Contains("/obj/") && !name.Contains("/bin/")
        orderby name
        select new SourceFile(name, File.ReadAllLines(path))];

    public static IEnumerable<SourceFile> Of(params string[] rooms) => All.Where(file => rooms.Contains(file.Room));
}
