using System.Text.RegularExpressions;
using System.Xml.Linq;
using Xunit;

namespace DenseEngine.Tests;

/// <summary>The house's rules on files, folders and projects.</summary>
public class LayoutTests {
    private static readonly Dictionary<string, string[]> Arrows = new() {
        ["Ilgpu.Checked"] = [],
        ["Engine"] = ["Ilgpu.Checked"],
        ["Ops"] = ["Engine"],
        ["Models"] = ["Ops"],
        ["Training"] = ["Models"],
        ["Cases"] = ["Training"],
        ["Cli"] = ["Cases"],
    };

    [Fact]
    public void Every_room_has_sources() => Assert.Equal(Sources.Rooms.Order(), Sources.All.Select(file => file.Room).Distinct().Order());

    [Fact]
    public void No_file_is_over_500_lines() => Assert.Empty(Sources.All.Where(file => file.Lines.Length > 500).Select(file => file.Path));

    /// <summary>But for texts, which may be in one piece.</summary>
    [Fact]
    public void No_line_has_over_140_columns() => Assert.Empty(from file in Sources.All
                                                               from line in file.Lines.Index()
                                                               where line.Item.Length > 140 && !line.Item.Contains('"')
                                                               select $"{file.Path}:{line.Index + 1}");

    [Fact]
    public void No_folder_has_over_25_sources() => Assert.Empty(Sources.All.GroupBy(file => Path.GetDirectoryName(file.Path))
        .Where(folder => folder.Count() > 25).Select(folder => $"{folder.Key}: {folder.Count()}"));

    [Fact]
    public void Projects_reference_what_the_arrows_say() {
        foreach ((string room, string[] needed) in Arrows)
            Assert.Equal(needed, References(room).Select(path => Path.GetFileNameWithoutExtension(path)));
        foreach (string room in (string[])["Tests", "Benchmarks"])
            Assert.DoesNotContain(References(room), path => Path.GetFileNameWithoutExtension(path) is "Tests" or "Benchmarks");
    }

    [Fact]
    public void Documentation_and_warnings_are_errors_in_every_library() {
        XDocument settings = XDocument.Load(Path.Combine(Fixtures.Repository, "Directory.Build.props"));
        Assert.Equal("true", settings.Descendants("GenerateDocumentationFile").Single().Value);
        Assert.Equal("true", settings.Descendants("TreatWarningsAsErrors").Single().Value);
        foreach (string room in Arrows.Keys) {
            XDocument project = Project(room);
            foreach (string setting in (string[])["GenerateDocumentationFile", "TreatWarningsAsErrors", "NoWarn", "WarningsNotAsErrors"])
                Assert.Empty(project.Descendants(setting));
            Assert.Empty(Sources.Of(room).Where(file => file.Code.Any(line => line.Contains("#pragma warning disable CS1591")))
                .Select(file => file.Path));
        }
    }

    [Fact]
    public void Links_of_the_pages_lead_somewhere() {
        string[] pages = [.. Directory.GetFiles(Fixtures.Repository, "*.md"),
            .. Directory.GetFiles(Path.Combine(Fixtures.Repository, "docs"), "*.md", SearchOption.AllDirectories)];
        Assert.NotEmpty(pages);
        Assert.Empty(from page in pages
                     from Match link in Regex.Matches(File.ReadAllText(page), @"\]\((?!https?:|#)([^)#\s]+)")
                     where !Path.Exists(Path.Combine(Path.GetDirectoryName(page)!, link.Groups[1].Value))
                     select $"{Path.GetRelativePath(Fixtures.Repository, page)}: {link.Groups[1].Value}");
    }

    private static IEnumerable<string> References(string room) =>
        Project(room).Descendants("ProjectReference").Select(reference => reference.Attribute("Include")!.Value);

    private static XDocument Project(string room) => XDocument.Load(Path.Combine(Fixtures.Repository, room, room + ".csproj"));
}
