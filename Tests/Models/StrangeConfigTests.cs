using System.Text.Json.Nodes;
using DenseEngine.Models;
using Xunit;

namespace DenseEngine.Tests;

/// <summary>Configurations come with strangers' files: each makes a detector that works, or a refusal that names what is wrong, and none
/// makes a small picture take much memory.</summary>
public sealed class StrangeConfigTests : IDisposable {
    private const long MostAllocated = 64 << 20;

    private static readonly DetectorConfig Config = GflConfig.Demo(["a", "b", "c"]) with { Test = new(ScoreThreshold: 0.01f) };

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("Input.LongSide", "0")]
    [InlineData("Input.LongSide", "-1")]
    [InlineData("Input.LongSide", "2147483647")]
    [InlineData("Input.ShortSide", "0")]
    [InlineData("Input", "{\"LongSide\":2147483647,\"ShortSide\":2147483647}")]
    [InlineData("Input", "{\"LongSide\":16384,\"ShortSide\":16384}")]
    [InlineData("Input.SizeDivisor", "0")]
    [InlineData("Input.SizeDivisor", "-32")]
    [InlineData("Input.SizeDivisor", "1073741824")]
    [InlineData("Input.Mean", "[1,2]")]
    [InlineData("Input.Mean", "[1,2,1e60]")]
    [InlineData("Input.Std", "[0,1,1]")]
    [InlineData("Input.Std", "[1e-44,1,1]")]
    [InlineData("Test.BeforeNms", "-1")]
    [InlineData("Test.BeforeNms", "2147483647")]
    [InlineData("Test.MaxPerImage", "-1")]
    [InlineData("Test.MaxPerImage", "2147483647")]
    [InlineData("Test.IouThreshold", "-1e60")]
    [InlineData("Test.IouThreshold", "1e60")]
    [InlineData("Test.ScoreThreshold", "-1")]
    [InlineData("Test.ScoreThreshold", "1e60")]
    [InlineData("Strides", "[8,16,32,2147483647]")]
    [InlineData("Strides", "[8,16,32]")]
    [InlineData("OctaveBaseScale", "2147483647")]
    [InlineData("Neck.OutChannels", "0")]
    [InlineData("Neck.OutChannels", "-1")]
    [InlineData("Neck.OutChannels", "2147483647")]
    [InlineData("Neck.StartLevel", "-1")]
    [InlineData("Neck.StartLevel", "9")]
    [InlineData("Neck.EndLevel", "99")]
    [InlineData("Neck", "{\"Levels\":100000000}")]
    [InlineData("HeadNorm.Groups", "0")]
    [InlineData("HeadNorm.Groups", "-3")]
    [InlineData("HeadNorm.Groups", "7")]
    [InlineData("FeatChannels", "4096")]
    [InlineData("RegMax", "0")]
    [InlineData("Backbone.Strides", "[1,2,2]")]
    [InlineData("Backbone.Strides", "[]")]
    [InlineData("Backbone.OutIndices", "[3,2]")]
    [InlineData("Backbone", "null")]
    [InlineData("Classes", "[]")]
    [InlineData("Classes", "[null]")]
    [InlineData("Classes", "null")]
    [InlineData("Assigner", "null")]
    [InlineData("Unknown", "1")]
    public void Each_works_or_is_refused(string path, string value) {
        using Detector detector = Detector.Build(Config, seed: 5);
        JsonNode json = JsonNode.Parse(Config.ToJson())!;
        string[] keys = path.Split('.');
        JsonNode place = keys[..^1].Aggregate(json, (node, key) => node[key]!);
        place[keys[^1]] = JsonNode.Parse(value);
        using (var scope = new TensorScope()) {
            SafeTensorsWriter.Write(folder["x.safetensors"], detector.StateDict(),
                new Dictionary<string, string> { [Detector.ConfigKey] = json.ToJsonString() });
        }
        long before = GC.GetAllocatedBytesForCurrentThread();
        try {
            using Detector loaded = Detector.Load(folder["x.safetensors"]);
            foreach (Detection found in loaded.Detect(new Picture(40, 30))) Assert.InRange(found.Box.X2, 0, 40);
        } catch (DenseEngineException e) {
            Assert.False(string.IsNullOrWhiteSpace(e.Message));
        }
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, MostAllocated);
    }
}
