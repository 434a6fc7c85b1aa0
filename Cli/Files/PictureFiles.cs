namespace DenseEngine.Cli;

/// <summary>The picture files that a command line names, and where what is made of each goes.</summary>
internal static class PictureFiles {
    /// <summary>What a folder's files end with that are taken for pictures. Those that this build cannot read are named, not passed
    /// over.</summary>
    private static readonly string[] Endings =
        [".jpg", ".jpeg", ".png", ".bmp", ".ppm", ".pgm", ".pbm", ".pnm", ".webp", ".gif", ".tif", ".tiff"];

    /// <summary>Files as they are, and each folder's pictures (not those of folders inside) in ordinal order; each once.</summary>
    /// <exception cref="ImageException">There is no such file or folder, or no picture at all.</exception>
    public static IReadOnlyList<string> Expand(IReadOnlyList<string> inputs) {
        string[] files = [.. inputs.SelectMany(Of).DistinctBy(Path.GetFullPath, StringComparer.Ordinal)];
        return files.Length > 0 ? files : throw new ImageException($"There is no picture in {string.Join(", ", inputs)}.");
    }

    /// <summary>For each file the path of a PNG in a folder: named after it, with its own ending where names would meet otherwise, and
    /// numbered where that is not enough. None of them is one of the files.</summary>
    public static IReadOnlyList<string> Targets(IReadOnlyList<string> files, string folder) {
        // Names that differ in case alone are one file on many systems.
        var taken = new HashSet<string>(files.Select(Path.GetFullPath), StringComparer.OrdinalIgnoreCase);
        HashSet<string> shared = new(files.GroupBy(Path.GetFileNameWithoutExtension, StringComparer.OrdinalIgnoreCase)
            .Where(same => same.Count() > 1).Select(same => same.Key!), StringComparer.OrdinalIgnoreCase);
        return [.. files.Select(Target)];

        string Target(string file) {
            string bare = Path.GetFileNameWithoutExtension(file), whole = Path.GetFileName(file);
            string target = At(shared.Contains(bare) ? whole : bare);
            if (!taken.Add(target)) {
                target = At(whole);
                for (int number = 2; !taken.Add(target); number++) target = At(FormattableString.Invariant($"{whole}-{number}"));
            }
            return target;
        }

        string At(string name) => Path.GetFullPath(Path.Combine(folder, name + ".png"));
    }

    private static IEnumerable<string> Of(string input) {
        if (File.Exists(input)) return [input];
        if (!Directory.Exists(input)) throw new ImageException(input.StartsWith("--", StringComparison.Ordinal)
            ? $"'{input}' is no option and no file; --help lists the options." : $"'{input}': there is no such file or folder.");
        return Directory.GetFiles(input).Where(file => Endings.Contains(Path.GetExtension(file), StringComparer.OrdinalIgnoreCase))
            .Order(StringComparer.Ordinal);
    }
}
