using DenseEngine.Models;
using Xunit;

namespace DenseEngine.Tests;

/// <summary><c>dense info</c> as users run it.</summary>
public sealed class InfoCommandTests : IDisposable {
    private readonly TemporaryFolder folder = new();

    private static string Checkpoints => Path.Combine(Fixtures.Repository, "Tests", "Fixtures", "checkpoints");

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Without_a_file_it_shows_build_devices_and_configurations() {
        CommandRun run = DenseProcess.Run("info");
        Assert.Equal((0, ""), (run.Code, run.Errors));
        foreach (string text in (string[])["host", .. GpuDevice.Names(), .. Presets.Names])
            Assert.Contains(text, run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_detector_s_file_shows_network_weights_and_tensors() {
        using Detector detector = Detector.Build(GflConfig.Demo(["disc", "box"]));
        detector.Save(folder["m.safetensors"]);
        CommandRun run = DenseProcess.Run("info", folder["m.safetensors"]);
        Assert.Equal((0, ""), (run.Code, run.Errors));
        string[] lines = [.. run.Output.Split('\n')
            .Select(line => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries)))];
        Assert.Contains("network GFL", lines);
        Assert.Contains("classes 2: disc, box", lines);
        Assert.Contains("weights all fit", lines);
        Assert.Contains($"format safetensors, {new FileInfo(folder["m.safetensors"]).Length} bytes", lines);
        Assert.Contains(lines, line => line.StartsWith("test score threshold 0.05, before nms 1000, iou threshold 0.6, max per image 100",
            StringComparison.Ordinal));
        Assert.Contains("backbone.conv1.weight F32 [16, 3, 7, 7]", lines);
        (int tensors, int parts) = (detector.State().Count(), lines.Count(line => line.EndsWith(']') && line.Contains(" F32 ")));
        Assert.True(parts < tensors);
        Assert.Contains(lines, line => line.StartsWith($"… {tensors - 16} more", StringComparison.Ordinal));
        string all = DenseProcess.Run("info", "--all", folder["m.safetensors"]).Output;
        foreach ((string name, _) in detector.State()) Assert.Contains($"  {name} ", all, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_makes_no_network_says_why() {
        using Detector detector = Detector.Build(GflConfig.Demo(["disc", "box"]));
        using (var scope = new TensorScope()) {
            SafeTensorsWriter.Write(folder["less.safetensors"], [.. detector.StateDict().Skip(1)],
                new Dictionary<string, string> { [Detector.ConfigKey] = detector.Config.ToJson() });
            SafeTensorsWriter.Write(folder["odd.safetensors"], [("a", Tensor.Scalar(1))],
                new Dictionary<string, string> { [Detector.ConfigKey] = "{\"type\":\"\u001b[2J\"}" });
        }
        Assert.Contains("1 missing: backbone.conv1.weight", DenseProcess.Run("info", folder["less.safetensors"]).Output);
        Assert.Contains("--config NAME", DenseProcess.Run("info", Path.Combine(Checkpoints, "all_dtypes.safetensors")).Output);
        CommandRun odd = DenseProcess.Run("info", folder["odd.safetensors"]);
        Assert.Equal((0, ""), (odd.Code, odd.Errors));
        Assert.Contains("The configuration cannot be read", odd.Output);
        Assert.DoesNotContain('\u001b', odd.Output);
    }

    [Fact]
    public void Objects_that_were_not_read_are_named() {
        string output = DenseProcess.Run("info", Path.Combine(Checkpoints, "..", "detectors", "gfl_r18", "checkpoint.pth")).Output;
        Assert.Contains("PyTorch zip", output);
        Assert.Contains("numpy.core.multiarray.scalar", output);
        Assert.Contains("3: disc, box, wedge", output);
    }

    [Fact]
    public void A_picture_shows_format_and_size() {
        string output = DenseProcess.Run("info", Path.Combine(Checkpoints, "..", "images", "png_exif_6.png")).Output;
        Assert.Contains("PNG, ", output);
        Assert.Contains("19 x 25 pixels", output);
    }

    [Theory]
    [InlineData("checkpoints/broken/st_hole.safetensors")]
    [InlineData("checkpoints/broken/st_not_utf8.safetensors")]
    [InlineData("checkpoints/no such")]
    [InlineData("checkpoints")]
    [InlineData("configs.json.gz")]
    public void What_is_no_sound_file_is_refused_in_one_line(string name) {
        CommandRun run = DenseProcess.Run("info", Path.Combine(Checkpoints, "..", name));
        Assert.Equal((2, ""), (run.Code, run.Output));
        Assert.StartsWith("dense: ", Assert.Single(run.ErrorLines), StringComparison.Ordinal);
    }
}
