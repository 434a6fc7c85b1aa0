using DenseEngine.Models;
using Xunit;

namespace DenseEngine.Tests;

/// <summary><c>dense convert</c> as users run it.</summary>
public sealed class ConvertCommandTests : IDisposable {
    private readonly TemporaryFolder folder = new();

    private static string Fixture(string name) => Path.Combine(Fixtures.Repository, "Tests", "Fixtures", name);

    public void Dispose() => folder.Dispose();

    /// <summary>That file's configuration is no whole one.</summary>
    private static string Expected(string name) =>
        name.EndsWith("nested_zip.pth", StringComparison.Ordinal) ? "no configuration of ours is written:" : "";

    private static string Start(string errors) => errors.Length == 0 ? "" : errors[..(errors.IndexOf(':', StringComparison.Ordinal) + 1)];

    [Theory]
    [InlineData("checkpoints/all_dtypes.safetensors")]
    [InlineData("checkpoints/dtypes_zip.pth")]
    [InlineData("checkpoints/dtypes_legacy.pth")]
    [InlineData("checkpoints/views_zip.pth")]
    [InlineData("checkpoints/nested_zip.pth")]
    [InlineData("checkpoints/module_prefix.pth")]
    [InlineData("detectors/gfl_r18/checkpoint.pth")]
    public void Names_types_shapes_and_bits_stay(string name) {
        CommandRun run = DenseProcess.Run("convert", Fixture(name), folder["out.safetensors"]);
        Assert.Equal((0, Expected(name)), (run.Code, Start(run.Errors)));
        using CheckpointFile from = CheckpointFile.Open(Fixture(name)), to = CheckpointFile.Open(folder["out.safetensors"]);
        Assert.Equal("safetensors", to.Format);
        IReadOnlyDictionary<string, CheckpointEntry> state = from.State();
        Assert.NotEmpty(state);
        Assert.Equal(state.Keys, to.Entries.Select(entry => entry.Name));
        foreach ((string key, CheckpointEntry entry) in state) {
            Assert.Equal((entry.Type, string.Join(',', entry.Shape)), (to[key].Type, string.Join(',', to[key].Shape)));
            Assert.Equal(from.ReadBytes(entry.Name), to.ReadBytes(key));
        }
        Assert.Equal(from.Values.Where(value => value.Value is string && value.Key.StartsWith("meta/", StringComparison.Ordinal)),
            to.Values.Where(value => value.Key != Detector.ConfigKey));
        Assert.Equal([folder["out.safetensors"]], Directory.GetFiles(folder.Path));
    }

    [Theory]
    [InlineData("checkpoints/dtypes_legacy.pth")]
    [InlineData("checkpoints/views_zip.pth")]
    [InlineData("checkpoints/nested_zip.pth")]
    [InlineData("ops/abs.safetensors")]
    [InlineData("detectors/gfl_r18/checkpoint.pth")]
    public void Checkpoints_for_PyTorch_hold_the_same(string name) {
        CommandRun run = DenseProcess.Run("convert", Fixture(name), folder["out.pth"]);
        Assert.Equal((0, Expected(name)), (run.Code, Start(run.Errors)));
        using CheckpointFile from = CheckpointFile.Open(Fixture(name)), to = CheckpointFile.Open(folder["out.pth"]);
        Assert.Equal("PyTorch zip", to.Format);
        Assert.Equal(from.State().Keys, to.State().Keys);
        foreach ((string key, CheckpointEntry entry) in from.State()) {
            CheckpointEntry written = to.State()[key];
            Assert.Equal((entry.Type, string.Join(',', entry.Shape)), (written.Type, string.Join(',', written.Shape)));
            Assert.Equal(from.ReadBytes(entry.Name), to.ReadBytes(written.Name));
        }
        Assert.Equal(from.Values.Where(value => value.Key.StartsWith("meta/", StringComparison.Ordinal)),
            to.Values.Where(value => value.Key != Detector.ConfigKey));
    }

    [Fact]
    public void A_configuration_goes_along() {
        using Detector detector = Detector.Build(GflConfig.Demo(["a", "b", "c", "d", "e"]), seed: 3);
        detector.Save(folder["a.safetensors"]);
        using (var scope = new TensorScope()) SafeTensorsWriter.Write(folder["bare.safetensors"], detector.StateDict());
        Assert.Equal(0, DenseProcess.Run("convert", folder["a.safetensors"], folder["b.safetensors"]).Code);
        Assert.Equal(0, DenseProcess.Run("convert", folder["bare.safetensors"], folder["c.safetensors"], "--config", "gfl_r18_demo").Code);
        using Detector kept = Detector.Load(folder["b.safetensors"]), named = Detector.Load(folder["c.safetensors"]);
        Assert.Equal(detector.Config.ToJson(), kept.Config.ToJson());
        Assert.Equal(Presets.Find("gfl_r18_demo").ToJson(), named.Config.ToJson());
        foreach (((string name, StateTensor expected), (_, StateTensor actual)) in detector.State().Zip(named.State()))
            Compare.SameBits(name, expected.Value, actual.Value);
    }

    [Fact]
    public void Nothing_is_replaced_unless_forced_and_nothing_is_left_behind() {
        string source = Fixture("checkpoints/all_dtypes.safetensors"), target = folder["there.safetensors"];
        File.WriteAllText(target, "mine");
        Refused("--force", "convert", source, target);
        Assert.Equal("mine", File.ReadAllText(target));
        Refused("ending", "convert", source, folder["x.onnx"]);
        Refused("is the file that is read", "convert", source, source, "--force");
        Refused("", "convert", Fixture("checkpoints/broken/st_hole.safetensors"), folder["y.safetensors"]);
        Refused("no weights", "convert", Fixture("checkpoints/no_tensors.safetensors"), folder["y.safetensors"]);
        Refused("no such: cannot be opened", "convert", folder["no such"], folder["y.safetensors"]);
        Assert.Equal([target], Directory.GetFiles(folder.Path));
        Assert.Equal(0, DenseProcess.Run("convert", source, target, "--force").Code);
        Assert.NotEmpty(Open(target));
    }

    private static void Refused(string message, params string[] arguments) {
        CommandRun run = DenseProcess.Run(arguments);
        Assert.Equal((2, ""), (run.Code, run.Output));
        Assert.Contains(message, Assert.Single(run.ErrorLines), StringComparison.Ordinal);
    }

    private static IReadOnlyList<CheckpointEntry> Open(string path) {
        using CheckpointFile file = CheckpointFile.Open(path);
        return file.Entries;
    }
}
