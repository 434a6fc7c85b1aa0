using System.CommandLine;
using System.Globalization;
using DenseEngine.Models;
using DenseEngine.Ops;
using DenseEngine.Training;

namespace DenseEngine.Cli;

/// <summary><c>dense analyze</c>: shows whether a part of training does what its authors claim.</summary>
internal static class AnalyzeCommand {
    private const int ChartWidth = 1100, ChartHeight = 430, Ranges = 10;
    private const float RangeWidth = 0.05f, Easy = 0.05f;
    private const string Untrained = "faster_rcnn/faster_rcnn_r18_demo";

    private sealed record Options(string? Checkpoint, string Config, string? Annotations, string? Pictures, string Output, int Count,
        int Proposals, int Most, int Bins, double Floor, double FloorFraction, int Seed, string Device);

    /// <summary>The command.</summary>
    public static Command Create() => new("analyze", "Shows whether parts of training do what is claimed of them.") { Sampling() };

    private static Command Sampling() {
        var checkpoint = new Option<string?>("--checkpoint") {
            Description = "A detector of two stages, whose proposals are taken; if not given, an untrained one's.",
            HelpName = "FILE"
        };
        var config = new Option<string>("--config") {
            Description = "The configuration's name: of the untrained detector, or where the file holds none.",
            DefaultValueFactory = _ => Untrained,
            HelpName = "NAME"
        };
        var annotations = new Option<string?>("--annotations") {
            Description = "Pictures and their objects: a COCO file; if not given, the demonstration's scenes.",
            HelpName = "FILE"
        };
        var pictures = new Option<string?>("--pictures") {
            Description = "The pictures' folder; the annotations' own if not given.",
            HelpName = "FOLDER"
        };
        var output = new Option<string>("--out") {
            Description = "The picture with the bars.",
            DefaultValueFactory = _ => "sampling.png",
            HelpName = "FILE"
        };
        Option<int> count = CommonOptions.Number("--count", "Proposals drawn of each picture; 0 for the configuration's.", 0, 0, 100_000),
            proposals = CommonOptions.Number("--proposals", "Proposals of a picture at most; 0 for the configuration's.", 0, 0, 100_000),
            most = CommonOptions.Number("--most", "Pictures at most.", 100, 1, 1_000_000),
            bins = CommonOptions.Number("--bins", "Ranges of IoU that are to give as many negatives each.", 3, 1, 100),
            seed = CommonOptions.Number("--seed", "Decides scenes, weights and draws.", 1, 0, 1_000_000);
        Option<double> floor = CommonOptions.Number("--floor", "IoU below which negatives have their own part; -1 for none.", -1d, -1, 1),
            fraction = CommonOptions.Number("--floor-fraction", "That part.", 0d, 0, 1);
        Option<string> device = CommonOptions.Device();
        var command = new Command("sampling", "Draws negatives by IoU (Libra R-CNN) and by chance; shows their IoUs.") {
            checkpoint, config, annotations, pictures, output, count, proposals, most, bins, floor, fraction, seed, device,
        };
        command.SetAction((parsed, cancel) => Task.FromResult(Run(new Options(parsed.GetValue(checkpoint),
            parsed.GetResult(config) is { Implicit: false } || parsed.GetValue(checkpoint) is null ? parsed.GetValue(config)! : "",
            parsed.GetValue(annotations), parsed.GetValue(pictures), parsed.GetValue(output)!, parsed.GetValue(count),
            parsed.GetValue(proposals), parsed.GetValue(most), parsed.GetValue(bins), parsed.GetValue(floor),
            parsed.GetValue(fraction), parsed.GetValue(seed), parsed.GetValue(device)!),
            cancel)));
        return command;
    }

    private static int Run(Options options, CancellationToken cancel) {
        Device device = CommonOptions.Open(options.Device);
        using GpuDevice? gpu = device as GpuDevice;
        CommonOptions.CheckFile(options.Output);
        using Detector loaded = Open(options, device);
        if (loaded is not TwoStageDetector detector || loaded.Config is not FasterRcnnConfig { Roi: { } roi } config)
            return Terminal.Refuse("this detector proposes no regions; one of two stages is needed.");
        int count = options.Count > 0 ? options.Count : roi.Sampler.Count;
        var balanced = new IouBalancedNegSampler(count, roi.Sampler.PositiveFraction, options.Floor, options.FloorFraction, options.Bins);
        var study = new SamplingStudy(roi.Assigner, balanced, (ulong)options.Seed);
        Terminal.Progress("sampling", show => {
            foreach ((Picture picture, GroundTruth truth) in Scenes(options).Take(options.Most)) {
                cancel.ThrowIfCancellationRequested();
                using var scope = new TensorScope();
                (Tensor batch, ImageInfo[] images) = config.Input.Prepare([picture], device);
                study.Add(detector.Propose(batch, images)[0], Scaled(truth, images[0]));
                show(Math.Min(1, (double)study.Pictures / options.Most), $"{study.Pictures}");
            }
        });
        return Show(study, balanced, options);
    }

    /// <summary>The detector, which proposes as many regions as asked for.</summary>
    private static Detector Open(Options options, Device device) {
        string? name = options.Config.Length == 0 ? null : options.Config;
        Detector detector = options.Checkpoint is { } file ? CommonOptions.Load(file, name, device)
            : Detector.Build(Presets.Find(options.Config), (ulong)options.Seed);
        if (options.Proposals > 0 && detector.Config is FasterRcnnConfig { Rpn: { } rpn } config) {
            DetectorConfig more = config with {
                Rpn = rpn with {
                    TestProposals = rpn.TestProposals with { BeforeNms = options.Proposals, MaxPerImage = options.Proposals },
                },
            };
            detector.Dispose();
            detector = options.Checkpoint is { } again ? Detector.Load(CheckpointFile.Open(again), more, leaveOpen: false)
                : Detector.Build(more, (ulong)options.Seed);
        }
        if (device != detector.Device) detector.To(device);
        return detector;
    }

    /// <summary>The pictures and their objects, in the pictures' pixels.</summary>
    private static IEnumerable<(Picture, GroundTruth)> Scenes(Options options) {
        if (options.Annotations is not { } file) {
            for (int i = 0; ; i++) {
                var scene = new ShapeScene(DemoSet.PictureSize, (ulong)options.Seed, i);
                yield return (new Picture(scene.Size, scene.Size, scene.Pixels), new GroundTruth(
                    [.. scene.Shapes.Select(shape => new Box((float)shape.X1, (float)shape.Y1, (float)shape.X2, (float)shape.Y2))],
                    [.. scene.Shapes.Select(shape => (int)shape.Kind)]));
            }
        }
        var set = new CocoDataset(new CocoAnnotations(file), options.Pictures ?? Path.GetDirectoryName(Path.GetFullPath(file))!);
        foreach (TrainingPicture picture in set.Pictures)
            yield return (Picture.Load(picture.Path), new GroundTruth(Boxes(picture.Boxes), picture.Labels, Boxes(picture.Crowds)));

        static Box[] Boxes(float[] corners) => [.. corners.Chunk(4).Select(box => new Box(box[0], box[1], box[2], box[3]))];
    }

    private static GroundTruth Scaled(GroundTruth truth, ImageInfo image) => truth with {
        Boxes = Array.ConvertAll(truth.Boxes, box => new Box(box.X1 * image.ScaleX, box.Y1 * image.ScaleY, box.X2 * image.ScaleX,
            box.Y2 * image.ScaleY)),
    };

    private static int Show(SamplingStudy study, IouBalancedNegSampler balanced, Options options) {
        Terminal.Note($"{study.Pictures} pictures; in {study.DrawnPictures} of them more negatives than wanted are there to draw from.");
        if (study.DrawnPictures == 0) return Terminal.Refuse("nothing was drawn: a lower --count is needed.");
        string[] ranges = [.. Enumerable.Range(0, Ranges).Select(i => Text($"{i * RangeWidth:0.00}+"))];
        double[] pool = Shares(study.Pool), chance = Shares(study.Chance), drawn = Shares(study.Balanced);
        Terminal.Table(["IoU", "of the negatives, %", "drawn by chance, %", "drawn by IoU, %"],
            ranges.Select((range, i) =>
                (IReadOnlyList<string>)[range, Text($"{pool[i]:0.0}"), Text($"{chance[i]:0.0}"), Text($"{drawn[i]:0.0}")]));
        (string[] bins, double[][] means) = Bins(study, balanced);
        Terminal.Table(["bin", "negatives a picture", "by chance", "by IoU"],
            bins.Select((bin, i) => (IReadOnlyList<string>)[bin, .. means.Select(mean => Text($"{mean[i]:0.0}"))]));
        Plot(options.Output, ranges, [pool, chance, drawn], bins, means);
        Terminal.Line($"In {study.KeptPictures} of {study.DrawnPictures} pictures every bin gave its share, or all that it had.");
        foreach ((string bin, _) in bins.Zip(means[0]).Where(each => each.Second == 0))
            Terminal.Line($"Bin {bin} never has a negative (bins end at the objects' own overlap, 1): its share is drawn from the others' "
                + "rest by chance.");
        Terminal.Line(Text($"Negatives of IoU {Easy} and more: {Hard(study.Pool):0.0}% of all, {Hard(study.Chance):0.0}% by chance, ")
            + Text($"{Hard(study.Balanced):0.0}% by IoU."));
        return 0;

        static double Hard(IReadOnlyList<float> overlaps) => 100.0 * overlaps.Count(overlap => overlap >= Easy) / overlaps.Count;
    }

    /// <summary>The bins' ranges where objects were added, and means over the pictures.</summary>
    private static (string[] Names, double[][] Means) Bins(SamplingStudy study, IouBalancedNegSampler balanced) {
        double from = Math.Max(0, balanced.FloorThreshold), wide = (1 - from) / balanced.Bins;
        return ([.. Enumerable.Range(0, balanced.Bins).Select(bin => Text($"{from + bin * wide:0.00}-{from + (bin + 1) * wide:0.00}"))],
            [Means(bin => bin.Pool), Means(bin => bin.Chance), Means(bin => bin.Balanced)]);

        double[] Means(Func<(long Pool, long Chance, long Balanced), long> value) =>
            [.. study.Bins.Select(bin => (double)value(bin) / study.DrawnPictures)];
    }

    private static void Plot(string path, string[] ranges, double[][] shares, string[] bins, double[][] means) {
        BarChart.Series[] All(double[][] values) => [new("all negatives", new Bgr(170, 170, 170), values[0]),
            new("by chance", new Bgr(40, 130, 240), values[1]), new("by IoU", new Bgr(180, 110, 30), values[2])];
        var picture = new Picture(ChartWidth, 2 * ChartHeight, new byte[6 * ChartWidth * ChartHeight]);
        BarChart.Draw(picture, 0, ChartHeight, "Negatives, percent", "IoU with the nearest object, from", ranges, All(shares));
        BarChart.Draw(picture, ChartHeight, ChartHeight, "Negatives a picture", "IoU, by the sampler's bins", bins, All(means)[1..]);
        picture.SavePng(path);
        Terminal.Note($"bars in {path}");
    }

    /// <summary>Percent of the overlaps in each range; the last one is open.</summary>
    private static double[] Shares(IReadOnlyList<float> overlaps) {
        double[] counts = new double[Ranges];
        foreach (float overlap in overlaps) counts[Math.Min(Ranges - 1, (int)(overlap / RangeWidth))] += 100.0 / overlaps.Count;
        return counts;
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
