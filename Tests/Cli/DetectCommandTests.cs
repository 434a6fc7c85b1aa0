using System.Text.Json;
using DenseEngine.Models;
using Xunit;

namespace DenseEngine.Tests;

/// <summary><c>dense detect</c> as users run it.</summary>
public sealed class DetectCommandTests : IDisposable {
    private static readonly DetectorConfig Config =
        GflConfig.Demo(["disc", "\"box\" ü", "c"]) with { Test = new(ScoreThreshold: 0.01f, MaxPerImage: 20) };

    private readonly TemporaryFolder folder = new();
    private readonly Detector detector = Detector.Build(Config, seed: 5);
    private readonly string checkpoint, pictures;

    public DetectCommandTests() {
        foreach (Conv2d convolution in ((DenseDetector)detector).Head.Modules<Conv2d>())
            Initializers.KaimingNormal(convolution, new Philox(6));
        checkpoint = folder["weights ä.safetensors"];
        detector.Save(checkpoint);
        pictures = Directory.CreateDirectory(folder["Bilder ö"]).FullName;
    }

    public void Dispose() {
        detector.Dispose();
        folder.Dispose();
    }

    [Fact]
    public void Json_has_all_that_the_model_keeps_bit_for_bit() {
        string first = Noise("z ß.png", 1), second = Noise("Ä.PNG", 2);
        Directory.CreateDirectory(Path.Combine(pictures, "inside"));
        File.Copy(first, Path.Combine(pictures, "inside", "not looked into.png"));
        File.WriteAllText(Path.Combine(pictures, "notes.txt"), "no picture");
        string oriented = Path.Combine(Fixtures.Repository, "Tests", "Fixtures", "images", "png_exif_6.png");
        Picture turned = Picture.Load(oriented);
        CommandRun run = DenseProcess.Run("detect", pictures, oriented, first, "--checkpoint", checkpoint, "--json",
            folder["new/all.json"]);
        Assert.Equal((0, ""), (run.Code, run.Errors));
        JsonElement[] found = Read("new/all.json");
        Assert.Equal([first, second, oriented], found.Select(each => each.GetProperty("file").GetString()));   // ordinal: 'z' before 'Ä'
        Assert.Equal((19, 25), (turned.Width, turned.Height));
        foreach (JsonElement each in found) {
            Assert.Equal(["file", "width", "height", "detections"], each.EnumerateObject().Select(member => member.Name));
            Picture picture = Picture.Load(each.GetProperty("file").GetString()!);
            Assert.Equal((picture.Width, picture.Height), (each.GetProperty("width").GetInt32(), each.GetProperty("height").GetInt32()));
            Detections expected = detector.Detect(picture);
            Same(expected, each.GetProperty("detections"));
            Assert.NotEmpty(expected);
        }
    }

    [Fact]
    public void Minimum_score_holds_for_json_and_table() {
        string picture = Noise("a.png", 1);
        Detections all = detector.Detect(Picture.Load(picture));
        double least = all[all.Count / 2].Score;
        Detections expected = new([.. all.Where(one => one.Score >= least)]);
        Assert.InRange(expected.Count, 1, all.Count - 1);
        CommandRun run = DenseProcess.Run("detect", picture, "--checkpoint", checkpoint, "--json", folder["x.json"], "--min-score",
            least.ToString("R", System.Globalization.CultureInfo.InvariantCulture));
        Assert.Equal((0, ""), (run.Code, run.Errors));
        Same(expected, Read("x.json").Single().GetProperty("detections"));
        Assert.Equal(expected.Count, run.Output.Split('\n').Count(line => line.Contains("a.png", StringComparison.Ordinal)));
    }

    /// <summary>From nothing but the two files to the original's detections.</summary>
    [Fact]
    public void A_checkpoint_of_mmdetection_and_a_picture_give_mmdetection_s_boxes() {
        string original = Path.Combine(Fixtures.Repository, "Tests", "Fixtures", "detectors", "gfl_r18");
        CommandRun run = DenseProcess.Run("detect", Path.Combine(original, "image0.png"), "--checkpoint",
            Path.Combine(original, "checkpoint.pth"), "--json", folder["x.json"]);
        Assert.Equal((0, ""), (run.Code, run.Errors));
        JsonElement[] found = [.. Read("x.json").Single().GetProperty("detections").EnumerateArray()],
            expected = [.. JsonDocument.Parse(File.ReadAllBytes(Path.Combine(original, "detections.json"))).RootElement.EnumerateArray()];
        Assert.Equal(expected.Select(one => (one.GetProperty("label").GetInt32(), one.GetProperty("name").GetString())),
            found.Select(one => (one.GetProperty("class").GetInt32(), one.GetProperty("name").GetString())));
        foreach ((JsonElement one, JsonElement other) in expected.Zip(found)) {
            Assert.Equal(one.GetProperty("score").GetDouble(), other.GetProperty("score").GetDouble(), 1e-4);
            foreach ((JsonElement edge, JsonElement near) in one.GetProperty("box").EnumerateArray()
                .Zip(other.GetProperty("box").EnumerateArray()))
                Assert.Equal(edge.GetDouble(), near.GetDouble(), 0.05);
        }
    }

    [Fact]
    public void A_named_configuration_takes_the_file_s_classes() {
        using (var scope = new TensorScope()) {
            SafeTensorsWriter.Write(folder["bare.safetensors"], detector.StateDict(), new Dictionary<string, string> {
                ["meta/dataset_meta/classes/0"] = "nil",
                ["meta/dataset_meta/classes/2"] = "two",
                ["meta/dataset_meta/classes/1"] = "one",
            });
        }
        CommandRun run = DenseProcess.Run("detect", Noise("a.png", 1), "--checkpoint", folder["bare.safetensors"], "--json",
            folder["x.json"],
            "--config", "gfl_r18_demo");
        Assert.Equal((0, ""), (run.Code, run.Errors));
        JsonElement[] found = [.. Read("x.json").Single().GetProperty("detections").EnumerateArray()];
        Assert.NotEmpty(found);
        foreach (JsonElement one in found)
            Assert.Equal(one.GetProperty("class").GetInt32() switch { 0 => "nil", 1 => "one", _ => "two" },
                one.GetProperty("name").GetString());
    }

    [Fact]
    public void A_bad_picture_is_named_and_the_others_are_done() {
        string good = Noise("a.png", 1), last = Noise("c.png", 2), bad = Path.Combine(pictures, "b\u001b[31m.png");
        File.WriteAllBytes(bad, File.ReadAllBytes(good)[..500]);
        CommandRun run = DenseProcess.Run("detect", pictures, "--checkpoint", checkpoint, "--json", folder["x.json"], "--out",
            folder["out"]);
        Assert.Equal(2, run.Code);
        Assert.Contains("b\uFFFD[31m.png", Assert.Single(run.ErrorLines), StringComparison.Ordinal);
        Assert.Equal([good, last], Read("x.json").Select(each => each.GetProperty("file").GetString()));
        Assert.Equal(["a.png", "c.png"], Directory.GetFiles(folder["out"]).Select(Path.GetFileName).Order());
    }

    [Fact]
    public void Pictures_of_one_name_are_kept_apart_and_inputs_are_never_overwritten() {
        string first = Noise("a.png", 1), second = Path.Combine(pictures, "a.jpg"), other = Noise("b.png", 2);   // content decides
        File.Copy(first, second);
        string elsewhere = Path.Combine(Directory.CreateDirectory(folder["elsewhere"]).FullName, "a.png");
        File.Copy(other, elsewhere);
        byte[][] before = [.. new[] { first, second, other, elsewhere }.Select(File.ReadAllBytes)];
        CommandRun run = DenseProcess.Run("detect", pictures, elsewhere, "--checkpoint", checkpoint, "--out", pictures);
        Assert.Equal((0, ""), (run.Code, run.Errors));
        Assert.Equal(before, new[] { first, second, other, elsewhere }.Select(File.ReadAllBytes));
        string[] made = ["a.jpg.png", "a.png-2.png", "a.png.png", "b.png.png"];
        Assert.Equal([.. made, "a.jpg", "a.png", "b.png"], Directory.GetFiles(pictures).Select(Path.GetFileName)
            .OrderBy(name => !made.Contains(name)).ThenBy(name => name, StringComparer.Ordinal));
        Detections expected = detector.Detect(Picture.Load(elsewhere));
        Assert.Equal(Cli.DetectCommand.Annotate(Picture.Load(elsewhere), expected, Config.Classes, 0.3).Pixels,
            Picture.Load(Path.Combine(pictures, "a.png-2.png")).Pixels);
    }

    [Fact]
    public void Ctrl_c_keeps_what_is_done() {
        const int Many = 400;
        string first = Noise("0.png", 1);
        for (int i = 1; i < Many; i++) File.Copy(first, Path.Combine(pictures, $"{i}.png"));
        using DenseProcess process =
            DenseProcess.Start("detect", pictures, "--checkpoint", checkpoint, "--json", folder["x.json"], "--out", folder["out"]);
        while (!process.HasEnded && (!Directory.Exists(folder["out"]) || Directory.GetFiles(folder["out"]).Length < 3)) Thread.Sleep(5);
        process.Interrupt();
        CommandRun run = process.End();
        Assert.True(run.Code == 130, run.Errors);
        JsonElement[] found = Read("x.json");
        Assert.InRange(found.Length, 3, Many - 1);
        Assert.Contains($"{found.Length} of {Many} pictures are done", run.ErrorLines[^1], StringComparison.Ordinal);
        Assert.False(File.Exists(folder["x.json.partial"]));
        Same(detector.Detect(Picture.Load(first)), found[^1].GetProperty("detections"));
    }

    [Fact]
    public void A_device_runs_the_model_or_says_that_it_cannot() {
        string picture = Noise("a.png", 1), device = GpuDevice.Names()[^1];
        CommandRun run =
            DenseProcess.Run("detect", picture, "--checkpoint", checkpoint, "--json", folder["x.json"], "--device", device);
        if (run.Code == 0) {
            Assert.Equal(detector.Detect(Picture.Load(picture)).Count, Read("x.json").Single().GetProperty("detections").GetArrayLength());
        } else {
            Assert.Equal(2, run.Code);
            Assert.StartsWith($"dense: {device} cannot run this model: ", Assert.Single(run.ErrorLines), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("There is no device 'tpu:7'; there are host", "detect", "PICTURE", "--checkpoint", "CHECKPOINT", "--device", "tpu:7")]
    [InlineData("--precision tf32 takes a GPU (--device): host computes in single precision", "detect", "PICTURE", "--checkpoint",
        "CHECKPOINT", "--precision", "tf32")]
    [InlineData("'no such.png': there is no such file or folder", "detect", "no such.png", "--checkpoint", "CHECKPOINT")]
    [InlineData("There is no picture in", "detect", "EMPTY", "--checkpoint", "CHECKPOINT")]
    [InlineData("no such.pth: cannot be opened", "detect", "PICTURE", "--checkpoint", "no such.pth")]
    [InlineData("There is no configuration 'x'", "detect", "PICTURE", "--checkpoint", "CHECKPOINT", "--config", "x")]
    [InlineData("neither a safetensors file nor a PyTorch checkpoint", "detect", "PICTURE", "--checkpoint", "PICTURE")]
    [InlineData("is a folder; a file is needed", "detect", "PICTURE", "--checkpoint", "CHECKPOINT", "--json", "EMPTY")]
    [InlineData("is a file; a folder is needed", "detect", "PICTURE", "--checkpoint", "CHECKPOINT", "--out", "PICTURE")]
    [InlineData("--min-score is '2'; it must be a number from 0 to 1", "detect", "PICTURE", "--checkpoint", "CHECKPOINT",
        "--min-score", "2")]
    [InlineData("--min-score is '0,5'; it must be a number from 0 to 1", "detect", "PICTURE", "--checkpoint", "CHECKPOINT",
        "--min-score", "0,5")]
    [InlineData("--precision is 'TF32'; it must be float32, tf32 or bf16.", "detect", "PICTURE", "--checkpoint", "CHECKPOINT",
        "--precision", "TF32")]
    [InlineData("--epochs is '1.5'; it must be a whole number from 0 to 10000.", "demo", "--epochs", "1.5")]
    [InlineData("--lr is 'nan'; it must be a number from 1E-12 to 1000000000000.", "train", "--annotations", "a.json",
        "--config", "x", "--out", "EMPTY", "--lr", "nan")]
    [InlineData("'--jsn' is no option and no file", "detect", "PICTURE", "--jsn", "--checkpoint", "CHECKPOINT")]
    [InlineData("it is a folder", "detect", "PICTURE", "--checkpoint", "EMPTY")]
    [InlineData("--checkpoint", "detect", "PICTURE")]
    [InlineData("--config NAME", "detect", "PICTURE", "--checkpoint", "BARE")]
    public void Refusals_are_one_line(string message, params string[] arguments) {
        using (var scope = new TensorScope()) SafeTensorsWriter.Write(folder["bare.safetensors"], [("a", Tensor.Scalar(1))]);
        string picture = Noise("a.png", 1), empty = Directory.CreateDirectory(folder["empty"]).FullName;
        CommandRun run = DenseProcess.Run([.. arguments.Select(argument => argument switch {
            "PICTURE" => picture,
            "CHECKPOINT" => checkpoint,
            "EMPTY" => empty,
            "BARE" => folder["bare.safetensors"],
            _ => argument,
        })]);
        Assert.Equal((2, ""), (run.Code, run.Output));
        string line = Assert.Single(run.ErrorLines);
        Assert.StartsWith("dense: ", line, StringComparison.Ordinal);
        Assert.Contains(message, line, StringComparison.Ordinal);
    }

    private static void Same(Detections expected, JsonElement actual) {
        Assert.Equal(expected.Count, actual.GetArrayLength());
        foreach ((Detection one, JsonElement other) in expected.Zip(actual.EnumerateArray())) {
            Assert.Equal(["class", "name", "score", "box"], other.EnumerateObject().Select(member => member.Name));
            Assert.Equal((one.Label, Config.Classes[one.Label]),
                (other.GetProperty("class").GetInt32(), other.GetProperty("name").GetString()));
            Assert.Equal([one.Score, one.Box.X1, one.Box.Y1, one.Box.X2, one.Box.Y2],
                [other.GetProperty("score").GetSingle(), .. other.GetProperty("box").EnumerateArray().Select(edge => edge.GetSingle())]);
        }
    }

    private JsonElement[] Read(string name) =>
        [.. JsonDocument.Parse(File.ReadAllBytes(folder[name])).RootElement.EnumerateArray()];

    private string Noise(string name, int seed) {
        byte[] pixels = new byte[3 * 90 * 60];
        new Random(seed).NextBytes(pixels);
        string path = Path.Combine(pictures, name);
        new Picture(90, 60, pixels).SavePng(path);
        return path;
    }
}
