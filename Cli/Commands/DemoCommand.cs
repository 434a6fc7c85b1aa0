using System.CommandLine;
using System.Globalization;
using DenseEngine.Models;
using DenseEngine.Training;

namespace DenseEngine.Cli;

/// <summary><c>dense demo</c>: from nothing to a trained detector: makes a set of shapes, trains a small detector, evaluates it on pictures
/// it never saw, and writes a report.</summary>
internal static class DemoCommand {
    private const int TrainPictures = 600, ValPictures = 150, ReportPictures = 12;
    private const float LongestGradient = 35;
    private const double ShownScore = 0.35;

    /// <summary>The command.</summary>
    public static Command Create() {
        var output = new Option<string>("--out") {
            Description = "Where everything is written.",
            DefaultValueFactory = _ => "demo",
            HelpName = "FOLDER"
        };
        var config = new Option<string>("--config") {
            Description = "Which detector; those ending in _demo fit the pictures.",
            DefaultValueFactory = _ => "gfl/gfl_r18_demo",
            HelpName = "NAME"
        };
        Option<int> epochs = CommonOptions.Number("--epochs", "Passes over the set; 0 for the configuration's.", 0, 0, 10_000);
        Option<int> seed = CommonOptions.Number("--seed", "Decides pictures, weights and order.", 1, 0, 1_000_000);
        Option<string> device = CommonOptions.Device(), precision = CommonOptions.Precision();
        var command = new Command("demo",
            "Makes a data set of shapes, trains a small detector on it, evaluates it, writes a report.") {
                output, config, epochs, seed, device, precision
            };
        command.SetAction((parsed, cancel) => Task.FromResult(Run(Presets.Find(parsed.GetValue(config)!),
            CommonOptions.Folder(parsed.GetValue(output)!), parsed.GetValue(epochs), parsed.GetValue(seed), parsed.GetValue(device)!,
            parsed.GetValue(precision)!, cancel)));
        return command;
    }

    private static int Run(DetectorConfig config, string folder, int epochs, int seed, string place, string precision,
        CancellationToken cancel) {
        if (config is DenseConfig { Distillation: not null })
            return Terminal.Refuse("this configuration learns from a teacher: see dense train.");
        Device device = CommonOptions.Open(place, precision);
        using GpuDevice? gpu = device as GpuDevice;
        var clock = System.Diagnostics.Stopwatch.StartNew();
        Terminal.Progress("making pictures", show => {
            DemoSet.Write(folder, "train", TrainPictures, 2 * (ulong)seed,
                done => show((double)done / (TrainPictures + ValPictures), $"{done}"), cancel);
            DemoSet.Write(folder, "val", ValPictures, 2 * (ulong)seed + 1,
                done => show((double)(TrainPictures + done) / (TrainPictures + ValPictures), $"{TrainPictures + done}"), cancel);
        });
        var set = new CocoDataset(new CocoAnnotations(Path.Combine(folder, "train.json")), folder);
        config = config with { Classes = [.. set.Categories.Select(category => category.Name)] };
        if (epochs == 0) epochs = config.Training.Epochs;
        int batch = config.Training.BatchSize, steps = BatchLoader.StepsOf(set.Pictures.Count, batch);
        var options = new TrainingOptions {
            Epochs = epochs,
            BatchSize = batch,
            Schedule = new CosineSchedule(config.Training.LearningRateFor(batch), (long)steps * epochs, 0,
                WarmupSteps: Math.Min(50, steps)),
            Adam = config.Training.Adam,
            WeightDecay = config.Training.WeightDecay,
            ClipNorm = LongestGradient,
            Seed = (ulong)seed,
        };
        using Detector detector = Detector.Build(config, (ulong)seed);
        detector.To(device);
        using var trainer = new Trainer(detector, set.Pictures, Augmentation.Of(config), options);
        using var run = new TrainingRun(folder, trainer, resume: false);
        var reports = new List<StepReport>();
        if (!TrainCommand.Train(run, reports.Add, cancel)) {
            Terminal.Note($"stopped after step {trainer.Step} of {trainer.TotalSteps}");
            return Interrupt.ExitCode;
        }
        double trained = clock.Elapsed.TotalSeconds;
        var truth = new CocoAnnotations(Path.Combine(folder, "val.json"));
        var shown = new List<(string Caption, byte[] Png)>();
        string pictures = CommonOptions.Folder(Path.Combine(folder, "detections"));
        IReadOnlyList<CocoResult> found = EvalCommand.Detect(detector, truth, folder, (image, detections) => {
            Picture drawn =
                DetectCommand.Annotate(Picture.Load(Path.Combine(folder, image.FileName)), detections, config.Classes, ShownScore);
            drawn.SavePng(Path.Combine(pictures, Path.GetFileName(image.FileName)));
            if (shown.Count < ReportPictures) shown.Add((image.FileName, drawn.ToPng()));
        }, cancel);
        CocoWriter.WriteResults(Path.Combine(folder, "results.json"), found);
        CocoEvaluation evaluation = CocoEvaluator.Evaluate(truth, found);
        run.Note(evaluation.Figures());
        string report = Path.Combine(folder, "report.html");
        string where = device is HostDevice host ? $"{host.Workers.Count} threads"
            : precision == "float32" ? device.Name : $"{device.Name} in {precision}";
        string summary = string.Create(CultureInfo.InvariantCulture,
            $"{TrainPictures} pictures, {epochs} epochs, {trainer.TotalSteps} steps; evaluated on {ValPictures} pictures that training "
                + $"never saw. {trained:0} s to the end of training on {where}.");
        DemoReport.Write(report, summary, reports, evaluation, shown);
        EvalCommand.Show(evaluation);
        Terminal.Note($"model {run.ModelPath}, pictures {pictures}, report {report}");
        Terminal.Line(evaluation.Figures().ToString());
        return 0;
    }
}
