using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using DenseEngine.Models;

namespace DenseEngine.Cli;

/// <summary><c>dense detect</c>: finds objects in pictures; writes a table, JSON, and pictures with boxes.</summary>
internal static class DetectCommand {
    private sealed record Found(string File, int Width, int Height, Picture Picture, Detections Detections);

    /// <summary>The command.</summary>
    public static Command Create() {
        var inputs =
            new Argument<string[]>("IMAGE|FOLDER") { Description = "Pictures, or folders of them.", Arity = ArgumentArity.OneOrMore };
        Option<string> checkpoint = CommonOptions.Checkpoint(), device = CommonOptions.Device();
        Option<string?> config = CommonOptions.Config();
        var output = new Option<string?>("--out") { Description = "Writes pictures with boxes there.", HelpName = "FOLDER" };
        var json = new Option<string?>("--json") { Description = "Writes all detections there.", HelpName = "FILE" };
        Option<double> minScore = CommonOptions.Number("--min-score",
            "Shows detections from this score on (JSON has all that the model keeps unless given).", 0.3, 0, 1);
        var command = new Command("detect", "Finds objects in pictures.") { inputs, checkpoint, config, output, json, minScore, device };
        command.SetAction((parsed, cancel) => Task.FromResult(Run(parsed.GetValue(inputs)!, parsed.GetValue(checkpoint)!,
            parsed.GetValue(config), parsed.GetValue(output), parsed.GetValue(json), parsed.GetValue(minScore),
            parsed.GetResult(minScore) is { Implicit: false }, parsed.GetValue(device)!, cancel)));
        return command;
    }

    private static int Run(string[] inputs, string checkpoint, string? config, string? output, string? json, double minScore,
        bool minScoreGiven, string device, CancellationToken cancel) {
        CommonOptions.CheckDevice(device);
        string[] files = [.. inputs.SelectMany(Pictures)];
        if (files.Length == 0) throw new ImageException($"There is no picture in {string.Join(", ", inputs)}.");
        string? folder = output is null ? null : CommonOptions.Folder(output);
        using Detector detector = CommonOptions.Load(checkpoint, config);
        IReadOnlyList<string> classes = detector.Config.Classes;
        var found = new List<Found>();
        int failed = 0;
        foreach (string file in files) {
            cancel.ThrowIfCancellationRequested();
            try {
                Picture picture = Picture.Load(file);
                Detections all = detector.Detect(picture, cancel);
                found.Add(new Found(file, picture.Width, picture.Height, picture,
                    minScoreGiven ? new Detections([.. all.Where(one => one.Score >= minScore)]) : all));
            } catch (ImageException e) {   // one bad picture of many is no reason to stop
                Terminal.Refuse(e.Message);
                failed++;
                continue;
            }
            if (folder is not null)
                Annotate(found[^1], classes, minScore).SavePng(Path.Combine(folder, Path.GetFileNameWithoutExtension(file) + ".png"));
        }
        Terminal.Table(["picture", "class", "score", "x1", "y1", "x2", "y2"],
            from each in found
            from one in each.Detections
            where one.Score >= minScore
            select Row(Path.GetFileName(each.File), classes[one.Label], one));
        if (json is not null) WriteJson(json, found, classes);
        return failed == 0 ? 0 : 2;
    }

    /// <summary>A picture with the boxes, names and scores from a score on.</summary>
    public static Picture Annotate(Picture picture, Detections detections, IReadOnlyList<string> classes, double minScore) {
        Picture drawn = picture.Clone();
        Detection[] shown = [.. detections.Where(one => one.Score >= minScore).Reverse()];   // the best on top
        Annotator.Draw(drawn, [.. shown.SelectMany(one => (float[])[one.Box.X1, one.Box.Y1, one.Box.X2, one.Box.Y2])],
            [.. shown.Select(one => one.Label)], [.. shown.Select(one => one.Score)], [.. classes]);
        return drawn;
    }

    private static Picture Annotate(Found found, IReadOnlyList<string> classes, double minScore) =>
        Annotate(found.Picture, found.Detections, classes, minScore);

    private static IEnumerable<string> Pictures(string input) {
        if (File.Exists(input)) return [input];
        if (!Directory.Exists(input)) throw new ImageException($"{input}: there is no such file or folder.");
        return Directory.GetFiles(input).Where(file => Path.GetExtension(file)
            .ToLowerInvariant() is ".png" or ".jpg" or ".jpeg" or ".bmp" or ".ppm" or ".pgm").Order(StringComparer.Ordinal);
    }

    private static void WriteJson(string path, IEnumerable<Found> found, IReadOnlyList<string> classes) {
        string text = JsonSerializer.Serialize(found.Select(each => new {
            file = each.File,
            width = each.Width,
            height = each.Height,
            detections = each.Detections.Select(one => new {
                @class = one.Label,
                name = classes[one.Label],
                score = one.Score,
                box = (float[])[one.Box.X1, one.Box.Y1, one.Box.X2, one.Box.Y2],
            }),
        }));
        File.WriteAllText(path, text);
    }

    private static IReadOnlyList<string> Row(string file, string name, Detection one) => [
        file, name, Text(one.Score, "0.000"), Text(one.Box.X1, "0.0"), Text(one.Box.Y1, "0.0"), Text(one.Box.X2, "0.0"),
        Text(one.Box.Y2, "0.0")];

    private static string Text(float value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
