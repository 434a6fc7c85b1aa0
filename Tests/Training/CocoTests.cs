using System.Text.Json;
using DenseEngine.Training;
using Xunit;

namespace DenseEngine.Tests;

public class CocoTests {
    private static readonly Dictionary<string, string> Folders = Fixtures.Folders("coco")
        .SelectMany(place => Directory.GetDirectories(place.Folder).Where(folder => File.Exists(Path.Combine(folder, "case.json")))
            .Select(folder => (Name: place.Prefix + Path.GetFileName(folder), folder)))
        .ToDictionary(pair => pair.Name, pair => pair.folder);

    private static readonly Dictionary<string, (string Folder, JsonElement Expected)> Broken = Fixtures.Folders("coco")
        .Select(place => (place.Prefix, Folder: Path.Combine(place.Folder, "broken"))).Where(place => Directory.Exists(place.Folder))
        .SelectMany(place =>
            JsonDocument.Parse(File.ReadAllBytes(Path.Combine(place.Folder, "expected.json"))).RootElement.GetProperty("files")
            .EnumerateObject().Select(file => (Name: place.Prefix + file.Name, place.Folder, file.Value)))
        .ToDictionary(row => row.Name, row => (row.Folder, row.Value));

    public static TheoryData<string> Cases => [.. Folders.Keys];

    public static TheoryData<string> BrokenFiles => [.. Broken.Keys];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Case_holds(string name) {
        JsonElement expected = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Folders[name], "case.json"))).RootElement;
        var annotations = new CocoAnnotations(Path.Combine(Folders[name], expected.GetProperty("annotations").GetString()!));
        if (expected.TryGetProperty("kept_images", out _)) {
            CheckFilter(annotations, expected);
            return;
        }
        var results = new CocoResults(Path.Combine(Folders[name], expected.GetProperty("results").GetString()!), annotations);
        int[] most = Integers(expected.GetProperty("max_detections"));
        CocoEvaluation evaluation = CocoEvaluator.Evaluate(annotations, results.Results, most);
        CheckStats("stats", expected.GetProperty("stats"), evaluation.Figures().All);
        int k = 0;
        foreach (JsonElement category in expected.GetProperty("per_category").EnumerateArray()) {
            Assert.Equal(category.GetProperty("id").GetInt64(), evaluation.Categories[k].Id);
            Assert.Equal(category.GetProperty("AP").GetDouble(), evaluation.ClassAp(k), 1e-10);
            Assert.Equal(category.GetProperty("AP50").GetDouble(), evaluation.ClassAp(k, 0), 1e-10);
            k++;
        }
        Assert.Equal(k, evaluation.Categories.Count);
        JsonElement mmdetection = expected.GetProperty("mmdet");
        CocoEvaluation wide = CocoEvaluator.Evaluate(annotations, results.Results, Integers(mmdetection.GetProperty("max_detections")));
        CheckStats("mmdet", mmdetection.GetProperty("stats"), wide.FiguresOfMmdetection().All);
        CheckArrays(Path.Combine(Folders[name], "arrays.safetensors"), evaluation);
    }

    [Theory]
    [MemberData(nameof(BrokenFiles))]
    public void Broken_file_ends_as_it_should(string name) {
        (string folder, JsonElement row) = Broken[name];
        string path = Path.Combine(folder, name[(name.IndexOf(':') + 1)..]), outcome = row.GetProperty("outcome").GetString()!;
        IReadOnlyList<CocoProblem> problems;
        try {
            problems = row.TryGetProperty("results_for", out JsonElement truth)
                ? new CocoResults(path, new CocoAnnotations(Path.Combine(folder, truth.GetString()!))).Problems
                : new CocoAnnotations(path).Problems;
        } catch (DatasetException e) {
            Assert.Contains("refuse", outcome, StringComparison.Ordinal);
            Assert.Contains(Path.GetFileName(path), e.Message, StringComparison.Ordinal);
            return;
        }
        Assert.NotEqual("refuse", outcome);
        if (outcome is "accept" or "refuse_or_accept") {
            Assert.Empty(problems);
            return;
        }
        JsonElement[] wanted = [.. row.GetProperty("problems").EnumerateArray()];
        Assert.Equal(wanted.Length, problems.Count);
        Assert.All(wanted, one => Assert.Contains(problems, problem => Fits(problem, one)));
        Assert.All(problems, problem => Assert.Contains(Path.GetFileName(path), problem.Text, StringComparison.Ordinal));
    }

    private static bool Fits(CocoProblem problem, JsonElement wanted) {
        if (!wanted.GetProperty("kind").GetString()!.Split(" or ").Contains(problem.Kind)) return false;
        foreach ((string field, long? id) in ((string, long?)[])[("annotation", problem.Annotation), ("image", problem.Image),
            ("category", problem.Category)]) {
            if (!wanted.TryGetProperty(field, out JsonElement value)) continue;
            if (value.ValueKind == JsonValueKind.Number
                ? value.GetInt64() != id : !problem.Text.Contains(value.GetString()!, StringComparison.Ordinal)) return false;
        }
        return true;
    }

    private static void CheckFilter(CocoAnnotations annotations, JsonElement expected) {
        string[] classes = [.. expected.GetProperty("classes").EnumerateArray().Select(name => name.GetString()!)];
        var filtered = new CocoDataset(annotations, "pictures", classes);
        Assert.Equal(expected.GetProperty("category_ids").EnumerateArray().Select(id => id.GetInt64()),
            filtered.Categories.Select(category => category.Id));
        JsonElement[] kept = [.. expected.GetProperty("kept_images").EnumerateArray()];
        Assert.Equal(kept.Select(image => image.GetProperty("id").GetInt64()), filtered.Pictures.Select(picture => picture.Id));
        foreach ((JsonElement image, TrainingPicture picture) in kept.Zip(filtered.Pictures)) {
            Assert.Equal(Boxes(image.GetProperty("boxes")), picture.Boxes);
            Assert.Equal(Integers(image.GetProperty("labels")), picture.Labels);
            Assert.Equal(Boxes(image.GetProperty("ignored")), picture.Crowds);
        }
        Assert.Equal(expected.GetProperty("kept_images_without_empty_filter").EnumerateArray().Select(id => id.GetInt64()),
            new CocoDataset(annotations, "pictures", classes, skipEmpty: false).Pictures.Select(picture => picture.Id));
    }

    private static void CheckStats(string what, JsonElement expected, IReadOnlyList<double> actual) {
        double[] wanted = [.. expected.EnumerateArray().Select(value => value.GetDouble())];
        Assert.Equal(wanted.Length, actual.Count);
        for (int i = 0; i < wanted.Length; i++)
            Assert.True(Math.Abs(wanted[i] - actual[i]) <= 1e-10, $"{what} {i}: {actual[i]}, expected {wanted[i]}");
    }

    private static void CheckArrays(string path, CocoEvaluation evaluation) {
        if (!File.Exists(path)) return;   // a few cases store them
        using CheckpointFile arrays = CheckpointFile.Open(path);
        Assert.Equal(arrays.ReadSingle("precision"), evaluation.Precision.Select(value => (float)value));
        Assert.Equal(arrays.ReadSingle("recall"), evaluation.Recall.Select(value => (float)value));
    }

    private static float[] Boxes(JsonElement boxes) =>
        [.. boxes.EnumerateArray().SelectMany(box => box.EnumerateArray()).Select(value => value.GetSingle())];

    private static int[] Integers(JsonElement list) => [.. list.EnumerateArray().Select(value => value.GetInt32())];
}
