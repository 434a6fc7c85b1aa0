using System.CommandLine;
using System.Globalization;
using DenseEngine.Models;

namespace DenseEngine.Cli;

/// <summary><c>dense detect</c>: finds objects in pictures; writes a table, JSON, and pictures with boxes. A picture that cannot be read is
/// named and the others are done; when interrupted, what was done until then is written.</summary>
internal static class DetectCommand {
    private const double ShownScore = 0.3;

    private sealed record Options(string[] Inputs, string Checkpoint, string? Config, string? Output, string? Json, double? MinScore,
        string Device, string Precision);

    /// <summary>The command.</summary>
    public static Command Create() {
        var inputs =
            new Argument<string[]>("IMAGE|FOLDER") { Description = "Pictures, or folders of them.", Arity = ArgumentArity.OneOrMore };
        Option<string> checkpoint = CommonOptions.Checkpoint(), device = CommonOptions.Device(), precision = CommonOptions.Precision();
        Option<string?> config = CommonOptions.Config();
        var output = new Option<string?>("--out") { Description = "Writes pictures with boxes there.", HelpName = "FOLDER" };
        var json = new Option<string?>("--json") { Description = "Writes all detections there.", HelpName = "FILE" };
        Option<double> minScore = CommonOptions.Number("--min-score",
            "Shows detections from this score on (JSON has all that the model keeps unless given).", ShownScore, 0, 1);
        var command = new Command("detect", "Finds objects in pictures.") {
            inputs, checkpoint, config, output, json, minScore, device, precision
        };
        command.SetAction((parsed, cancel) => Task.FromResult(Run(new Options(parsed.GetValue(inputs)!, parsed.GetValue(checkpoint)!,
            parsed.GetValue(config), parsed.GetValue(output), parsed.GetValue(json),
            parsed.GetResult(minScore) is { Implicit: false } ? parsed.GetValue(minScore) : null, parsed.GetValue(device)!,
            parsed.GetValue(precision)!), cancel)));
        return command;
    }

    /// <summary>A picture with the boxes, names and scores from a score on.</summary>
    public static Picture Annotate(Picture picture, Detections detections, IReadOnlyList<string> classes, double minScore) {
        Picture drawn = picture.Clone();
        Detection[] shown = [.. detections.Where(one => one.Score >= minScore).Reverse()];   // the best on top
        Annotator.Draw(drawn, [.. shown.SelectMany(one => (float[])[one.Box.X1, one.Box.Y1, one.Box.X2, one.Box.Y2])],
            [.. shown.Select(one => one.Label)], [.. shown.Select(one => one.Score)], [.. classes]);
        return drawn;
    }

    private static int Run(Options options, CancellationToken cancel) {
        Device device = CommonOptions.Open(options.Device, options.Precision);
        using GpuDevice? gpu = device as GpuDevice;
        IReadOnlyList<string> files = PictureFiles.Expand(options.Inputs);
        if (options.Json is not null) CommonOptions.CheckFile(options.Json);
        IReadOnlyList<string>? targets = options.Output is null ? null : PictureFiles.Targets(files, CommonOptions.Folder(options.Output));
        using Detector detector = CommonOptions.Load(options.Checkpoint, options.Config, device);

        var found = new List<PictureDetections>();
        int failed = 0;
        bool stopped = false;
        Terminal.Progress("detecting", show => {
            for (int i = 0; i < files.Count && !stopped; i++) {
                try {
                    found.Add(Detect(detector, files[i], targets?[i], options.MinScore, cancel));
                } catch (OperationCanceledException) {
                    stopped = true;
                } catch (ImageException e) {   // one bad picture of many is no reason to stop
                    Terminal.Refuse(e.Message);
                    failed++;
                }
                show((double)(found.Count + failed) / files.Count, FormattableString.Invariant($"{found.Count + failed}/{files.Count}"));
            }
        }, onlyOnTerminals: true);

        IReadOnlyList<string> classes = detector.Config.Classes;
        Terminal.Table(["picture", "class", "score", "x1", "y1", "x2", "y2"],
            from each in found
            from one in each.Detections
            where one.Score >= (options.MinScore ?? ShownScore)
            select Row(Path.GetFileName(each.File), classes[one.Label], one));
        if (options.Json is not null) DetectionsJson.Write(options.Json, found, classes);
        if (stopped) Terminal.Note($"stopped; {found.Count} of {files.Count} pictures are done");
        return stopped ? Interrupt.ExitCode : failed > 0 ? 2 : 0;
    }

    private static PictureDetections Detect(Detector detector, string file, string? target, double? minScore, CancellationToken cancel) {
        cancel.ThrowIfCancellationRequested();
        Picture picture = Picture.Load(file);
        Detections found;
        try {
            found = detector.Detect(picture, cancel);
        } catch (DeviceException e) {
            throw new DeviceException($"{detector.Device.Name} cannot run this model: {e.Message}", e);
        }
        if (minScore is { } least) found = new Detections([.. found.Where(one => one.Score >= least)]);
        if (target is not null) Annotate(picture, found, detector.Config.Classes, minScore ?? ShownScore).SavePng(target);
        return new PictureDetections(file, picture.Width, picture.Height, found);
    }

    private static IReadOnlyList<string> Row(string file, string name, Detection one) => [
        file, name, Text(one.Score, "0.000"), Text(one.Box.X1, "0.0"), Text(one.Box.Y1, "0.0"), Text(one.Box.X2, "0.0"),
        Text(one.Box.Y2, "0.0")];

    private static string Text(float value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
