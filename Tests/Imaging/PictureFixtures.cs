using System.Text.Json;

namespace DenseEngine.Tests;

internal static class PictureFixtures {
    public static IEnumerable<string> Folders(string group) {
        string? here = AppContext.BaseDirectory;
        while (here is not null && !Directory.Exists(Path.Combine(here, "Tests", "Fixtures"))) here = Path.GetDirectoryName(here);
        if (here is null) throw new DirectoryNotFoundException("No folder above the tests has Tests/Fixtures.");
        string own = Path.Combine(here, "Tests", "Fixtures");
        string? others = Environment.GetEnvironmentVariable("DENSE_FIXTURES");
        IEnumerable<string> roots = [own, .. (others ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries)];
        return roots.Select(root => Path.GetFullPath(Path.Combine(root, group))).Where(Directory.Exists);
    }

    public static (int[] Shape, byte[] Values) Bytes(string file, string name) {
        byte[] bytes = File.ReadAllBytes(file);
        int header = (int)BitConverter.ToInt64(bytes);
        using var json = JsonDocument.Parse(bytes.AsMemory(8, header));
        JsonElement entry = json.RootElement.GetProperty(name);
        int[] offsets = [.. entry.GetProperty("data_offsets").EnumerateArray().Select(e => e.GetInt32())];
        int[] shape = [.. entry.GetProperty("shape").EnumerateArray().Select(e => e.GetInt32())];
        return (shape, bytes[(8 + header + offsets[0])..(8 + header + offsets[1])]);
    }
}
