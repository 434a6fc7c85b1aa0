namespace DenseEngine.Cli;

/// <summary>Files that are written all or nothing: beside their place, then renamed into it.</summary>
internal static class WholeFile {
    /// <summary>Writes a file; what stood there before is replaced once the new one is whole.</summary>
    public static void Write(string path, ReadOnlySpan<byte> bytes) {
        string temporary = path + ".partial";
        try {
            using (FileStream file = File.Create(temporary)) {
                file.Write(bytes);
                file.Flush(flushToDisk: true);
            }
            File.Move(temporary, path, overwrite: true);
        } catch {
            File.Delete(temporary);
            throw;
        }
    }

    /// <summary>Makes the folder of a file that is to be written, and refuses a path that cannot be one: before the work, not after
    /// it.</summary>
    public static void Prepare(string path) {
        if (Directory.Exists(path) || path.Length == 0 || Path.EndsInDirectorySeparator(path))
            throw new IOException($"'{path}' is a folder; a file is needed.");
        CommonOptions.Folder(Path.GetDirectoryName(Path.GetFullPath(path))!);
    }
}
