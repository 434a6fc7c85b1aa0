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

    [Theory]
    [MemberData(nameof(Names))]
    public void Text_gives_the_preset_or_an_error_that_names_what_is_missing(string name) {
        string text = PythonWriter.Assignments(Configs.GetProperty(name));
        if (Presets.Names.Contains(name)) {
            Assert.Equal(Presets.Find(name).ToJson(), MmdetConfig.Read(text, classes: null).ToJson());
            return;
        }
        JsonElement model = Configs.GetProperty(name).GetProperty("model");
        string type = model.GetProperty("type").GetString()!, head = model.TryGetProperty("bbox_head", out JsonElement given)
            && given.ValueKind == JsonValueKind.Object ? given.GetProperty("type").GetString()! : "";
        string expected = type != "GFL" ? $"model.type = '{type}' is not supported (line "
            : head != "GFLHead" ? $"model.bbox_head.type = '{head}' is not supported (line "
            : $"model.backbone.type = '{model.GetProperty("backbone").GetProperty("type").GetString()}' is not supported (line ";
        Assert.StartsWith(expected, Assert.Throws<ConfigException>(() => MmdetConfig.Read(text)).Message, StringComparison.Ordinal);
    }

    private static JsonElement Read() {
        using var stream = new GZipStream(File.OpenRead(Path.Combine(Fixtures.Repository, "Tests", "Fixtures", "configs.json.gz")),
            CompressionMode.Decompress);
        return JsonDocument.Parse(stream).RootElement.GetProperty("configs");
    }
}
