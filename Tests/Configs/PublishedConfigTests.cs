using System.IO.Compression;
using System.Text.Json;
using DenseEngine.Models;
using Xunit;

namespace DenseEngine.Tests;

/// <summary>All published configurations, written as text and read again.</summary>
public class PublishedConfigTests {
    private static readonly JsonElement Configs = Read();

    public static TheoryData<string> Names => [.. Configs.EnumerateObject().Select(config => config.Name)];

    [Fact]
    public void There_are_117() => Assert.Equal(117, Names.Count);

    [Theory]
    [MemberData(nameof(Names))]
    public void Text_gives_the_data(string name) {
        JsonElement data = Configs.GetProperty(name);
        PythonDict read = PythonConfig.Parse(PythonWriter.Assignments(data));
        Assert.Null(PythonWriter.Difference(data, read));
    }

    /// <summary>What has no preset names the part that is missing; what has one is compared in <see cref="PresetTests"/>.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void Text_is_read_or_refused_with_what_is_missing(string name) {
        if (Presets.Names.Contains(name)) return;
        string text = PythonWriter.Assignments(Configs.GetProperty(name));
        Assert.Matches(@"^model(\.[a-z_]+)* (= .* is not supported|is missing) \(line \d+, column \d+\)",
            Assert.Throws<ConfigException>(() => MmdetConfig.Read(text)).Message);
    }

    private static JsonElement Read() {
        using var stream = new GZipStream(File.OpenRead(Path.Combine(Fixtures.Repository, "Tests", "Fixtures", "configs.json.gz")),
            CompressionMode.Decompress);
        return JsonDocument.Parse(stream).RootElement.GetProperty("configs");
    }
}
