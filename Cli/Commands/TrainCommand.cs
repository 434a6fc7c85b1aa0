using System.CommandLine;
using System.Globalization;
using DenseEngine.Models;
using DenseEngine.Training;

namespace DenseEngine.Cli;

/// <summary><c>dense train</c>: trains a detector on a COCO-style data set.</summary>
internal static class TrainCommand {
    private const double LeastRate = 1e-12, MostRate = 1e12;

    private sealed record Options(string Annotations, string? Pictures, string? ValAnnotations, string? ValPictures, string Config,
        string Output,
        string? Init, string? Teacher, bool Resume, int? Epochs, int? BatchSize, double? LearningRate, string Schedule, double? Clip,
            int Seed,
        string Device, string Precision);

    /// <summary>The command.</summary>
    public static Command Create() {
        var annotations =
            new Option<string>("--annotations") { Description = "The training set: a COCO file.", Required = true, HelpName = "FILE" };
        var pictures = new Option<string?>("--pictures") {
            Description = "Its pictures' folder; the annotations' own if not given.",
            HelpName = "FOLDER"
        };
        var valAnnotations =
            new Option<string?>("--val-annotations") { Description = "A set to evaluate on at the end.", HelpName = "FILE" };
        var valPictures = new Option<string?>("--val-pictures") { Description = "Its pictures' folder.", HelpName = "FOLDER" };
        var config = new Option<string>("--config") {
            Description = "The configuration's name; `dense info` lists them.",
            Required = true,
            HelpName = "NAME"
        };
        var output =
            new Option<string>("--out") { Description = "Where state, log and model are written.", Required = true, HelpName = "FOLDER" };
        var init = new Option<string?>("--init") {
            Description = "Weights to start from; head tensors that do not fit are skipped and listed.",
            HelpName = "FILE"
        };
        var teacher = new Option<string?>("--teacher") {
            Description = "The trained teacher of a configuration that distils; named again to resume.",
            HelpName = "FILE"
        };
        var resume = new Option<bool>("--resume") { Description = "Goes on from the state in --out." };
        Option<int?> epochs =
                CommonOptions.Number("--epochs", "Passes over the set; the configuration's if not given.", 1, 1_000_000),
            batch = CommonOptions.Number("--batch-size", "Pictures in a batch.", 1, 65_536);
        Option<double?> rate = CommonOptions.Number("--lr",
                "The learning rate after warm-up; the configuration's, scaled to the batch, if not given.", LeastRate, MostRate),
            clip = CommonOptions.Number("--clip", "The largest norm of all gradients.", LeastRate, MostRate);
        Option<string> schedule = CommonOptions.Choice("--schedule", "How the rate falls.", "step", "cosine");
        Option<int> seed = CommonOptions.Number("--seed", "Decides weights, order and augmentation.", 0, 0, int.MaxValue);
        Option<string> device = CommonOptions.Device(), precision = CommonOptions.Precision();
        var command = new Command("train", "Trains a detector on a COCO-style data set.") {
            annotations, pictures, valAnnotations, valPictures, config, output, init, teacher, resume, epochs, batch, rate, schedule, clip,
                seed,
            device, precision,
        };
        command.SetAction((parsed, cancel) => Task.FromResult(Run(new Options(parsed.GetValue(annotations)!, parsed.GetValue(pictures),
                parsed.GetValue(valAnnotations), parsed.GetValue(valPictures),
                parsed.GetValue(config)!, parsed.GetValue(output)!, parsed.GetValue(init), parsed.GetValue(teacher),
                    parsed.GetValue(resume), parsed.GetValue(epochs),
                parsed.GetValue(batch),
                parsed.GetValue(rate), parsed.GetValue(schedule)!, parsed.GetValue(clip), parsed.GetValue(seed), parsed.GetValue(device)!,
                parsed.GetValue(precision)!),
                cancel)));
        return command;
    }

    /// <summary>Trains with progress; a line each epoch.</summary>
    /// <returns>Whether the end was reached.</returns>
    public static bool Train(TrainingRun run, Action<StepReport>? onStep, CancellationToken cancel) {
        bool finished = false;
        Trainer trainer = run.Trainer;
        var clock = System.Diagnostics.Stopwatch.StartNew();
        Terminal.Progress("training", show => {
            (long pictures, double loss) = (0, 0);
            finished = run.Run(report => {
                onStep?.Invoke(report);
                pictures += report.Pictures;
                loss = loss == 0 ? report.Total : 0.95 * loss + 0.05 * report.Total;
                show((double)report.Step / trainer.TotalSteps, string.Create(CultureInfo.InvariantCulture,
                    $"epoch {report.Epoch}/{trainer.Options.Epochs}  loss {loss:0.000}  {pictures / clock.Elapsed.TotalSeconds:0} "
                        + $"pictures/s"));
            }, cancel);
        });
        return finished;
    }

    private static int Run(Options options, CancellationToken cancel) {
        if (options.Init is not null && options.Resume)
            return Terminal.Refuse("--init starts a run and --resume goes on with one: give one of them.");
        Device device = CommonOptions.Open(options.Device, options.Precision);
        using GpuDevice? gpu = device as GpuDevice;
        var annotations = new CocoAnnotations(options.Annotations);
        foreach (string line in annotations.Summary()) Terminal.Note(line);
        var set = new CocoDataset(annotations, options.Pictures ?? Folder(options.Annotations));
        DetectorConfig config = Presets.Find(options.Config) with { Classes = [.. set.Categories.Select(category => category.Name)] };
        bool distils = config is DenseConfig { Distillation: not null };
        CocoAnnotations? truth = options.ValAnnotations is null ? null : new CocoAnnotations(options.ValAnnotations);
        string validation = options.ValPictures ?? Folder(options.ValAnnotations ?? options.Annotations);
        if (truth?.Images.Select(image => Path.Combine(validation, image.FileName)).FirstOrDefault(file => !File.Exists(file)) is { } lost)
            return Terminal.Refuse($"{lost}: there is no such picture, which {options.ValAnnotations} names.");
        if (distils && options.Teacher is null)
            return Terminal.Refuse($"{options.Config} learns from a teacher: name its weights (--teacher FILE).");
        if (!distils && options.Teacher is not null)
            return Terminal.Refuse($"{options.Config} learns from no teacher: --teacher has no use.");
        using Detector built = Detector.Build(config, (ulong)options.Seed);
        if (options.Init is not null) Initialise(built, options.Init);
        using Detector detector = options.Teacher is null ? built : DistilledDetector.Open(built, options.Teacher);
        string folder = CommonOptions.Folder(options.Output);
        if (!options.Resume && File.Exists(TrainingRun.StateIn(folder)))
            return Terminal.Refuse($"{options.Output} has a training's state: --resume goes on with it; or name another folder.");
        detector.To(device);
        IReadOnlyList<TrainingPicture> seen =
            [.. Enumerable.Repeat(set.Pictures, options.Epochs is null ? config.Training.Repeats : 1).SelectMany(all => all)];
        using var trainer = new Trainer(detector, seen, Augmentation.Of(config), Settings(options, detector, seen.Count));
        using var run = new TrainingRun(folder, trainer, options.Resume);
        Terminal.Note($"{set.Pictures.Count} pictures, {set.Categories.Count} classes, {trainer.TotalSteps} "
            + $"steps{(trainer.Step > 0 ? $", {trainer.Step} of them done" : "")}");
        if (!Train(run, null, cancel)) {
            Terminal.Note($"stopped after step {trainer.Step}; --resume goes on from {run.StatePath}");
            return Interrupt.ExitCode;
        }
        Terminal.Line(run.ModelPath);
        if (truth is null) return 0;
        CocoEvaluation evaluation = CocoEvaluator.Evaluate(truth,
            EvalCommand.Detect(detector, truth, validation, null, cancel));
        run.Note(evaluation.Figures());
        EvalCommand.Show(evaluation);
        Terminal.Line(evaluation.Figures().ToString());
        return 0;
    }

    private static void Initialise(Detector detector, string path) {
        using var scope = new TensorScope();
        using CheckpointFile file = CheckpointFile.Open(path);
        foreach (string skipped in detector.LoadToFineTune(StateLoader.Read(file))) Terminal.Note($"skipped {skipped}");
    }

    private static TrainingOptions Settings(Options options, Detector detector, int pictures) {
        TrainingRecipe recipe = detector.Config.Training;
        foreach (string differs in recipe.NotRead) Terminal.Note($"trains without this: {differs}");
        var settings = TrainingOptions.Of(detector, pictures, options.BatchSize, options.Epochs, (float?)options.LearningRate,
            cosine: options.Schedule == "cosine");
        return settings with { ClipNorm = (float?)options.Clip ?? settings.ClipNorm, Seed = (ulong)options.Seed };
    }

    private static string Folder(string file) => Path.GetDirectoryName(Path.GetFullPath(file))!;
}
