using System.Text.Json;
using System.Text.Json.Serialization;
using DenseEngine.Models;
using DenseEngine.Ops;
using Xunit;

namespace DenseEngine.Tests;

/// <summary>Backbones and pyramids of the originals' tiny detectors (group "necks": their input, weights and neck outputs in training
/// mode): bottlenecks, caffe style, trained batch norm, and further levels by each rule.</summary>
public class NeckTests {
    private static readonly JsonSerializerOptions Json = new() { Converters = { new JsonStringEnumConverter() } };

    private sealed record Config(ResNetConfig Backbone, FpnConfig Neck);

    public static TheoryData<string, string> Cases =>
        GpuCase.Everywhere(Directory.GetDirectories(Folder).Select(folder => Path.GetFileName(folder)!).Order(StringComparer.Ordinal));

    private static string Folder => Path.Combine(Fixtures.Repository, "Tests", "Fixtures", "necks");

    [Theory]
    [MemberData(nameof(Cases))]
    public void Levels_are_the_originals(string name, string place) {
        using GpuDevice? gpu = GpuCase.Open(place);
        Device device = (Device?)gpu ?? HostDevice.Default;
        using var scope = new TensorScope();
        Config config = JsonSerializer.Deserialize<Config>(File.ReadAllText(Path.Combine(Folder, name, "config.json")), Json)!;
        using CheckpointFile file = CheckpointFile.Open(Path.Combine(Folder, name, "case.safetensors"));
        using var backbone = new ResNet(config.Backbone);
        using var neck = new Fpn(config.Neck, backbone.Channels);
        Load(backbone, file, "state.backbone.");
        Load(neck, file, "state.neck.");
        backbone.To(device);
        neck.To(device);
        backbone.Train();
        Tensor batch = Op.Permute(file.Read("input", device), 0, 2, 3, 1);
        Tensor[] levels = neck.Forward(backbone.Forward(batch));
        for (int i = 0; i < levels.Length; i++) {
            Tensor expected = file.Read($"neck.{i}");
            Compare.Close("necks", $"{name} neck.{i}", expected, FixtureCase.Nchw(levels[i]), 1e-4 * expected.ToArray().Max(Math.Abs), 0);
        }
        Assert.False(file.Contains($"neck.{levels.Length}"));
        if (gpu is null) return;
        long waits = gpu.Waits;
        neck.Forward(backbone.Forward(batch));
        Assert.Equal(waits, gpu.Waits);
    }

    [Fact]
    public void Training_moves_the_statistics_of_norms_that_are_not_frozen() {
        using var scope = new TensorScope();
        using var backbone = new ResNet(new() { Depth = 18, BaseChannels = 4, NormEval = false, FrozenStages = 1 });
        backbone.Initialize(new Philox(3));
        backbone.Train();
        backbone.Forward(Draws.Normal(2, 64, 64, 3)(new Philox(4), HostDevice.Default));
        foreach ((string name, StateTensor value) in backbone.State()
            .Where(entry => entry.Name.EndsWith("num_batches_tracked", StringComparison.Ordinal))) {
            bool frozen = name.StartsWith("bn1.", StringComparison.Ordinal) || name.StartsWith("layer1.", StringComparison.Ordinal);
            Assert.Equal(frozen ? 0 : 1, value.Value.ToIntArray()[0]);
        }
        foreach ((string name, Parameter parameter) in backbone.Parameters())
            Assert.Equal(!name.StartsWith("conv1.", StringComparison.Ordinal) && !name.StartsWith("bn1.", StringComparison.Ordinal)
                && !name.StartsWith("layer1.", StringComparison.Ordinal), parameter.Trains);
    }

    [Fact]
    public void Impossible_pyramids_and_backbones_are_refused() {
        Assert.Contains("depth 19", Assert.Throws<ConfigException>(() => new ResNet(new() { Depth = 19 })).Message,
            StringComparison.Ordinal);
        Assert.Contains("out indices [4]", Assert.Throws<ConfigException>(() => new ResNet(new() { OutIndices = [4] })).Message,
            StringComparison.Ordinal);
        Assert.Contains("2 levels cannot be made", Assert.Throws<ConfigException>(() => new Fpn(new() { Levels = 2 }, [4, 8, 16])).Message,
            StringComparison.Ordinal);
        Assert.Contains("levels 3 to 2", Assert.Throws<ConfigException>(() => new Fpn(new() { StartLevel = 3 }, [4, 8, 16])).Message,
            StringComparison.Ordinal);
    }

    private static void Load(Module module, CheckpointFile file, string prefix) => module.Load(file.Entries
        .Where(entry => entry.Name.StartsWith(prefix, StringComparison.Ordinal))
            .ToDictionary(entry => entry.Name[prefix.Length..], entry => file.Read(entry.Name)));
}
