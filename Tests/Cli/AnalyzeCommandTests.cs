using System.Globalization;
using DenseEngine.Models;
using DenseEngine.Training;
using Xunit;

namespace DenseEngine.Tests;

/// <summary><c>dense analyze</c> as users run it.</summary>
public sealed class AnalyzeCommandTests : IDisposable {
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Sampling_by_iou_draws_more_hard_negatives_than_chance() {
        CommandRun run = DenseProcess.Run("analyze", "sampling", "--most", "12", "--out", folder["bars.png"]);
        Assert.Equal(0, run.Code);
        string last = run.Output.TrimEnd().Split('\n')[^1];
        double[] percent = [.. last.Split(' ').Where(word => word.EndsWith('%'))
            .Select(word => double.Parse(word.TrimEnd('%'), CultureInfo.InvariantCulture))];
        Assert.Equal(3, percent.Length);
        Assert.True(percent[2] > 1.5 * percent[1], last);
        Assert.Contains("every bin gave its share", run.Output, StringComparison.Ordinal);
        Picture bars = Picture.Load(folder["bars.png"]);
        Assert.True(Coloured(bars) > 10_000);
        Assert.Equal(run.Output, DenseProcess.Run("analyze", "sampling", "--most", "12", "--out", folder["again.png"]).Output);
        Assert.Equal(File.ReadAllBytes(folder["bars.png"]), File.ReadAllBytes(folder["again.png"]));
    }

    [Fact]
    public void A_checkpoint_proposes_on_the_pictures_of_a_file() {
        DemoSet.Write(folder.Path, "val", 3, 9);
        using (Detector detector = Detector.Build(Presets.Find("faster_rcnn/faster_rcnn_r18_demo"), 5))
            detector.Save(folder["m.safetensors"]);
        string[] options = ["analyze", "sampling", "--checkpoint", folder["m.safetensors"], "--annotations", folder["val.json"],
            "--out", folder["bars.png"]];
        CommandRun few = DenseProcess.Run(options), many = DenseProcess.Run([.. options, "--proposals", "500", "--bins", "2"]);
        Assert.Equal((0, 0), (few.Code, many.Code));
        Assert.Contains("3 pictures;", few.Errors, StringComparison.Ordinal);
        Assert.Contains("0.00-0.33", few.Output, StringComparison.Ordinal);
        Assert.Contains("0.00-0.50", many.Output, StringComparison.Ordinal);
        Assert.True(First(many, "0.00-0.50") > 1.5 * First(few, "0.00-0.33"), many.Output);
    }

    [Fact]
    public void What_cannot_be_analysed_is_refused() {
        Refused("two stages", "--config", "gfl/gfl_r18_demo");
        Refused("nothing was drawn", "--count", "10000", "--most", "1");
        Refused("--bins is '0'", "--bins", "0");
        Refused("IoU-balanced sampling: the floor -0.5", "--floor", "-0.5");
        Refused("no-such-file", "--annotations", folder["no-such-file.json"]);
    }

    private void Refused(string message, params string[] options) {
        CommandRun run = DenseProcess.Run(["analyze", "sampling", "--out", folder["x.png"], .. options]);
        Assert.Equal(2, run.Code);
        Assert.Contains(message, run.Errors, StringComparison.Ordinal);
        Assert.False(File.Exists(folder["x.png"]));
    }

    /// <summary>The first number of a bin's row: its negatives a picture.</summary>
    private static double First(CommandRun run, string bin) => double.Parse(run.Output.Split('\n').First(line =>
        line.TrimStart().StartsWith(bin, StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1],
        CultureInfo.InvariantCulture);

    /// <summary>Pixels that are no grey.</summary>
    private static int Coloured(Picture picture) {
        int count = 0;
        for (int i = 0; i < picture.Pixels.Length; i += 3)
            if (Math.Abs(picture.Pixels[i] - picture.Pixels[i + 2]) > 60) count++;
        return count;
    }
}
