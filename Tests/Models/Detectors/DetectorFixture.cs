using System.Text.Json;
using DenseEngine.Models;
using DenseEngine.Ops;

namespace DenseEngine.Tests;

/// <summary>A case of the group "detectors": a folder with a tiny detector, a batch, and what the original gives for it.</summary>
internal sealed class DetectorFixture : IDisposable {
    private readonly TensorScope scope = new();
    private readonly CheckpointFile tensors;
    private readonly HashSet<string> read = [];

    private DetectorFixture(string folder, Device device, Func<DetectorConfig, DetectorConfig>? change) {
        (Folder, Device) = (folder, device);
        Json = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "case.json"))).RootElement;
        tensors = CheckpointFile.Open(Path.Combine(folder, "case.safetensors"));
        using (CheckpointFile file = CheckpointFile.Open(Path.Combine(folder, "checkpoint.pth"))) {
            DetectorConfig own = Models.Detector.ConfigOf(file)!;
            Detector = Models.Detector.Load(file, change?.Invoke(own) ?? own);
        }
        string teacher = Path.Combine(folder, "teacher.pth");
        Distilled = File.Exists(teacher) ? DistilledDetector.Open(Detector, teacher) : null;
        if (Json.TryGetProperty("cls_num_pos_samples_per_level", out JsonElement counts))
            Dense.Head.LevelCounts = [.. counts.GetProperty("before").EnumerateArray().Select(count => (long)count.GetDouble())];
        Trained.To(device);
        Batch = Op.Permute(Read("input"), 0, 2, 3, 1).To(device);
        Images = [.. Json.GetProperty("batch").EnumerateArray().Select(picture => {
            (JsonElement shape, JsonElement padded, JsonElement factor) =
                (picture.GetProperty("img_shape"), picture.GetProperty("pad_shape"), picture.GetProperty("scale_factor"));
            return new ImageInfo(shape[1].GetInt32(), shape[0].GetInt32(), padded[1].GetInt32(), padded[0].GetInt32(),
                factor[0].GetSingle(), factor[1].GetSingle(), Border(picture, 2), Border(picture, 0));
        })];
        Truths =
            [.. Images.Select((_, i) => new GroundTruth(UnitCases.Boxes(Read($"gt_bboxes.{i}")), Read($"gt_labels.{i}").ToIntArray()))];
    }

    /// <summary>Where the picture begins in its padding: of [top, bottom, left, right], 0 where the case does not say.</summary>
    private static int Border(JsonElement picture, int side) =>
        picture.TryGetProperty("border", out JsonElement border) ? (int)border[side].GetSingle() : 0;

    public string Folder { get; }

    /// <summary>Where the detector and its batch are; the case's tensors are on the host.</summary>
    public Device Device { get; }

    public JsonElement Json { get; }

    public Detector Detector { get; }

    /// <summary>The same, of a case of dense detectors.</summary>
    public DenseDetector Dense => (DenseDetector)Detector;

    /// <summary>The detector beside its teacher, where the case has one.</summary>
    public DistilledDetector? Distilled { get; }

    /// <summary>What is trained: the detector, with its teacher if there is one.</summary>
    public Detector Trained => Distilled ?? Detector;

    public Tensor Batch { get; }

    public ImageInfo[] Images { get; }

    public GroundTruth[] Truths { get; }

    /// <summary>The case's tensors.</summary>
    public IEnumerable<string> Tensors => tensors.Entries.Select(entry => entry.Name);

    /// <summary>The tensors that nobody has read so far.</summary>
    public IEnumerable<string> Unread => Tensors.Where(name => !read.Contains(name));

    /// <summary>All cases.</summary>
    public static IReadOnlyList<string> Cases { get; } =
        [.. Fixtures.Folders("detectors").SelectMany(place => Directory.GetDirectories(place.Folder)
        .Order(StringComparer.Ordinal).Select(folder => place.Prefix + Path.GetFileName(folder)))];

    /// <summary>Those of one stage on a pyramid.</summary>
    public static IReadOnlyList<string> DenseCases => [.. Cases.Except(CasesOf("FasterRCNN", "CornerNet", "CenterNet"))];

    /// <summary>Those of them whose case.json names one of some models.</summary>
    public static IReadOnlyList<string> CasesOf(params string[] models) => [.. Cases.Where(name => {
        using JsonDocument json = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(FolderOf(name), "case.json")));
        return models.Contains(json.RootElement.GetProperty("model").GetString());
    })];

    /// <summary>Opens a case; its detector may be another than its file says.</summary>
    public static DetectorFixture Load(string name, Device? device = null, Func<DetectorConfig, DetectorConfig>? change = null) =>
        new(FolderOf(name), device ?? HostDevice.Default, change);

    private static string FolderOf(string name) => Fixtures.Folders("detectors")
        .SelectMany(place => Directory.GetDirectories(place.Folder).Where(folder => place.Prefix + Path.GetFileName(folder) == name))
            .Single();

    public bool Contains(string tensor) => tensors.Contains(tensor);

    public Tensor Read(string tensor) {
        read.Add(tensor);
        return tensors.Read(tensor);
    }

    /// <summary>Detections of the case.</summary>
    public Detection[] Detections(string tensors) {
        float[] rows = Read($"{tensors}.boxes").ToArray();
        Tensor labels = Read($"{tensors}.labels");   // some cases write them as floats
        int[] numbers = labels.DType == DType.Int32 ? labels.ToIntArray() : Array.ConvertAll(labels.ToArray(), label => (int)label);
        return [.. numbers.Select((label, k) =>
            new Detection(new Box(rows[5 * k], rows[5 * k + 1], rows[5 * k + 2], rows[5 * k + 3]), rows[5 * k + 4], label))];
    }

    /// <summary>Compares with a tensor of the case: |Δ| at most a share of the largest expected value.</summary>
    public void Same(string tensor, Tensor actual, double share) {
        Tensor expected = Read(tensor);
        double largest = expected.ToArray().Max(value => Math.Abs((double)value));
        Compare.Close("detectors " + tensor[..tensor.IndexOf('.')], $"{Path.GetFileName(Folder)} {tensor}", expected, actual,
            share * largest, 0);
    }

    /// <summary>Compares the numbers of a tensor of the case, whatever its shape.</summary>
    public void Close(string tensor, Tensor actual, double allowed) {
        Tensor expected = Read(tensor);
        Compare.Close("detectors " + tensor[..tensor.IndexOf('.')], $"{Path.GetFileName(Folder)} {tensor}",
            Op.Reshape(expected, expected.Count),
            actual, allowed, 0);
    }

    /// <summary>Compares a picture's weights in the valuable region.</summary>
    public void SameRegion(string tensor, IReadOnlyList<HeadOutput> outputs, int picture) {
        float[] weights = new ValuableRegion().Weights((AnchorHead)Dense.Head, outputs, Images[picture], Truths[picture],
            Dense.Head.Assign(outputs, picture, Images[picture], Truths[picture]).ForBoxes);
        Same(tensor, Tensor.From(weights, [weights.Length]), 1e-6);
    }

    public void Dispose() {
        tensors.Dispose();
        Trained.Dispose();
        scope.Dispose();
    }
}
