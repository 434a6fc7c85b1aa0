using System.Runtime.InteropServices;

namespace DenseEngine;

/// <summary>Writes files all or nothing: a temporary file in the same folder, flushed to the disk, then renamed over the old one, then the
/// folder flushed.</summary>
public static partial class WholeFile {
    /// <summary>Writes a file, with the folders above it. If it cannot be written, what stood there before still does.</summary>
    /// <param name="path">The file; what stood there before is replaced.</param>
    /// <param name="write">Writes its content.</param>
    /// <param name="refusal">Makes the exception for a file that cannot be written, of a message and its cause.</param>
    public static void Write(string path, Action<Stream> write, Func<string, Exception, DenseEngineException> refusal) {
        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!, temporary = path + ".partial";
        try {
            Directory.CreateDirectory(folder);
            using (var file = new FileStream(temporary, FileMode.Create, FileAccess.Write)) {
                write(file);
                file.Flush(flushToDisk: true);
            }
            File.Move(temporary, path, overwrite: true);
            FlushFolder(folder);
        } catch (Exception e) {
            Discard(temporary);
            if (e is IOException or UnauthorizedAccessException)
                throw refusal($"{path}: cannot be written: {e.Message}", e);
            throw;
        }
    }

    private static void Discard(string temporary) {
        try {
            File.Delete(temporary);
        } catch (Exception e) when (e is IOException or UnauthorizedAccessException) {
            // What is left has another name; the error that led here says more.
        }
    }

    /// <summary>The new name is safe only when the folder is on the disk, too;
    /// .NET opens no folders, so the system is asked directly.</summary>
    private static void FlushFolder(string folder) {
        if (OperatingSystem.IsWindows()) return;
        int handle = OpenFile(folder, 0);
        if (handle < 0) return;
        _ = FlushFile(handle);
        _ = CloseFile(handle);
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenFile(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync")]
    private static partial int FlushFile(int handle);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int CloseFile(int handle);
}
