using System.CommandLine;
using System.Globalization;
using DenseEngine.Models;
using DenseEngine.Training;

namespace DenseEngine.Cli;

/// <summary><c>dense eval</c>: COCO's figures of a detector, or of a file of detections.</summary>
internal static class EvalCommand {
    private static readonly string[] Names =
        ["AP", "AP50", "AP75", "AP small", "AP medium", "AP large", "AR 1", "AR 10", "AR 100", "AR small", "AR medium", "AR large"];

    /// <summary>The command.</summary>
    public static Command Create() {
        var annotations =
            new Option<string>("--annotations") { Description = "The truth: a COCO file.", Required = true, HelpName = "FILE" };
        var pictures = new Option<string?>("--pictures") {
            Description = "The pictures' folder; the annotations' own if not given.",
            HelpName = "FOLDER"
        };
        var checkpoint = new Option<string?>("--checkpoint") {
            Description = "The detector: a PyTorch or safetensors file.",
            HelpName = "FILE"
        };
        Option<string?> config = CommonOptions.Config();
        var results = new Option<string?>("--results") {
            Description = "With --checkpoint: writes the detections there. Without: evaluates those in it.",
            HelpName = "FILE"
        };
        Option<string> device = CommonOptions.Device(), precision = CommonOptions.Precision();
        var command =
            new Command("eval", "Measures a detector as COCO does.") {
                annotations, pictures, checkpoint, config, results, device, precision
            };
        command.SetAction((parsed, cancel) =>
            Task.FromResult(Run(parsed.GetValue(annotations)!, parsed.GetValue(pictures), parsed.GetValue(checkpoint),
            parsed.GetValue(config), parsed.GetValue(results), parsed.GetValue(device)!, parsed.GetValue(precision)!, cancel)));
        return command;
    }

    /// <summary>Shows the figures, and each class's AP.</summary>
    public static void Show(CocoEvaluation evaluation) {
        Terminal.Table(["figure", "value"],
            Names.Zip(evaluation.Figures().All, (name, value) => (IReadOnlyList<string>)[name, Text(value)]));
        Terminal.Table(["class", "AP", "AP50"], evaluation.Categories.Select((category, k) =>
            (IReadOnlyList<string>)[category.Name, Text(evaluation.ClassAp(k)), Text(evaluation.ClassAp(k, 0))]));
    }

    /// <summary>A figure with three digits; one that cannot be measured as a dash.</summary>
    public static string Text(double value) => value < 0 ? "-" : value.ToString("0.000", CultureInfo.InvariantCulture);

    /// <summary>Runs a detector over a file's pictures, with progress.</summary>
    public static IReadOnlyList<CocoResult> Detect(Detector detector, CocoAnnotations truth, string folder,
        Action<CocoImage, Detections>? onPicture, CancellationToken cancel) {
        IReadOnlyList<CocoResult> found = [];
        Terminal.Progress("evaluating", show => {
            int done = 0;
            found = DetectorEvaluator.Run(detector, truth, folder, (image, detections) => {
                onPicture?.Invoke(image, detections);
                show((double)++done / truth.Images.Count, $"{done}/{truth.Images.Count}");
            }, cancel);
        });
        return found;
    }

    private static int Run(string annotations, string? pictures, string? checkpoint, string? config, string? results, string device,
        string precision, CancellationToken cancel) {
        if (checkpoint is null && results is null)
            return Terminal.Refuse("give --checkpoint, to evaluate a detector, or --results, to evaluate detections.");
        if (checkpoint is not null && results is not null) CommonOptions.CheckFile(results);
        var truth = new CocoAnnotations(annotations);
        foreach (string line in truth.Summary()) Terminal.Note(line);
        IReadOnlyList<CocoResult> found;
        if (checkpoint is null) {
            var file = new CocoResults(results!, truth);
            foreach (string line in file.Summary()) Terminal.Note(line);
            found = file.Results;
        } else {
            Device where = CommonOptions.Open(device, precision);
            using GpuDevice? gpu = where as GpuDevice;
            using Detector detector = CommonOptions.Load(checkpoint, config, where);
            found = Detect(detector, truth, pictures ?? Path.GetDirectoryName(Path.GetFullPath(annotations))!, null, cancel);
            if (results is not null) CocoWriter.WriteResults(results, found);
        }
        CocoEvaluation evaluation = CocoEvaluator.Evaluate(truth, found);
        Show(evaluation);
        Terminal.Line(evaluation.Figures().ToString());
        return 0;
    }
}
