using System.Text.Json;

namespace DenseEngine.Tests;

/// <summary>Fixture files of pictures by case name: the file's name within its group, after the prefix of its folder.</summary>
internal static class PictureFixtures {
    /// <summary>The case names of a group's <c>expected.json</c>, for files that are wanted.</summary>
    public static IEnumerable<string> Listed(string group, Func<string, bool> wanted) =>
        from place in Fixtures.Folders(@group)
        from file in Expected(place.Folder).EnumerateObject()
        where wanted(Path.Combine(place.Folder, file.Name))
        select place.Prefix + file.Name;

    /// <summary>The place of a case's file or folder.</summary>
    public static string Locate(string group, string name) {
        int prefix = name.IndexOf(':', StringComparison.Ordinal) + 1;
        return Path.Combine(Fixtures.Folders(group).First(place => place.Prefix == name[..prefix]).Folder, name[prefix..]);
    }

    /// <summary>What <c>expected.json</c> beside a file says, by file name.</summary>
    public static JsonElement Expected(string folder) =>
        JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "expected.json"))).RootElement.GetProperty("files");

    /// <summary>Shape and values of a tensor of bytes.</summary>
    public static (int[] Shape, byte[] Values) Bytes(string file, string name) {
        using CheckpointFile tensors = CheckpointFile.Open(file);
        return ([.. tensors[name].Shape.Select(size => (int)size)], tensors.ReadBytes(name));
    }
}
