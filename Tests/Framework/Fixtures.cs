namespace DenseEngine.Tests;

/// <summary>Where fixture data lies: the project's own, and the folders that DENSE_FIXTURES names (separated by ':').</summary>
internal static class Fixtures {
    /// <summary>The repository's root: the folder of DenseEngine.sln above the test assembly, or, in a bundle, <c>source</c> beside
    /// it.</summary>
    public static string Repository { get; } = Find();

    /// <summary>The project's own folder and each further one that has the group,
    /// with a prefix for case names that is empty for the own.</summary>
    public static IEnumerable<(string Prefix, string Folder)> Folders(string group) {
        yield return ("", Path.Combine(Repository, "Tests", "Fixtures", group));
        string[] further = (Environment.GetEnvironmentVariable("DENSE_FIXTURES") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries);
        for (int i = 0; i < further.Length; i++) {
            if (!Directory.Exists(further[i]))
                throw new DirectoryNotFoundException($"DENSE_FIXTURES names '{further[i]}', which is no folder.");
            string folder = Path.Combine(further[i], group);
            if (Directory.Exists(folder)) yield return ($"more{i}:", folder);
        }
    }

    /// <summary>All files of a kind in a group's folders.</summary>
    public static IEnumerable<(string Prefix, string Path)> Files(string group, string pattern) =>
        from place in Folders(@group)
        from path in Directory.GetFiles(place.Folder, pattern).Order(StringComparer.Ordinal)
        select (place.Prefix, path);

    private static string Find() {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            foreach (string root in (string[])[folder.FullName, Path.Combine(folder.FullName, "source")])
                if (File.Exists(Path.Combine(root, "DenseEngine.sln"))) return root;
        throw new DirectoryNotFoundException("The tests run inside the repository: no DenseEngine.sln above the test assembly.");
    }
}
