using System.Text.Json;

namespace DenseEngine.Training;

/// <summary>A COCO results file: a list of detections. Those on unknown images, or broken, are left out and listed; those of unknown
/// classes are left out silently, as pycocotools does.</summary>
public sealed class CocoResults {
    private readonly List<CocoResult> results = [];
    private readonly List<CocoProblem> problems = [];

    /// <summary>Reads a file that belongs to the given annotations.</summary>
    /// <exception cref="DatasetException">It cannot be read, or is no JSON list.</exception>
    public CocoResults(string path, CocoAnnotations annotations) {
        HashSet<long> images = [.. annotations.Images.Select(image => image.Id)],
            categories = [.. annotations.Categories.Select(category => category.Id)];
        using JsonDocument document = CocoJson.Open(path);
        if (document.RootElement.ValueKind != JsonValueKind.Array)
            throw new DatasetException($"{path}: results are a JSON list; this is {document.RootElement.ValueKind}.");
        try {
            int number = 0;
            foreach (JsonElement entry in document.RootElement.EnumerateArray()) Read(path, entry, number++, images, categories);
        } catch (InvalidOperationException e) {   // a text that is no sound Unicode
            throw new DatasetException($"{path}: a text is no sound Unicode: {e.Message}", e);
        }
    }

    private void Read(string path, JsonElement entry, int number, HashSet<long> images, HashSet<long> categories) {
        string? wrong = null;
        long? image = null, category = null;
        if (entry.ValueKind != JsonValueKind.Object) wrong = "is no object";
        else if ((image = CocoJson.Whole(entry, "image_id")) is not { } id || !images.Contains(id))
            wrong = $"has the image_id {CocoJson.Raw(entry, "image_id")}, which is no image";
        else if ((category = CocoJson.Whole(entry, "category_id")) is null)
            wrong = $"has the category_id {CocoJson.Raw(entry, "category_id")}";
        else if (CocoJson.Box(entry) is null) wrong = $"has the box {CocoJson.Raw(entry, "bbox")}";
        else if (CocoJson.Number(entry, "score") is null) wrong = $"has the score {CocoJson.Raw(entry, "score")}";
        if (wrong is not null)
            problems.Add(new CocoProblem("result", null, image, category, $"{path}: result {number} {wrong}; it is left out."));
        else if (categories.Contains(category!.Value)) {
            (double x, double y, double width, double height) = CocoJson.Box(entry)!.Value;
            results.Add(new CocoResult(image!.Value, category.Value, x, y, width, height, CocoJson.Number(entry, "score")!.Value));
        }
    }

    /// <summary>The sound detections in the file's order.</summary>
    public IReadOnlyList<CocoResult> Results => results;

    /// <summary>What was left out.</summary>
    public IReadOnlyList<CocoProblem> Problems => problems;

    /// <summary>A few lines about the problems.</summary>
    public IEnumerable<string> Summary(int most = 5) => CocoAnnotations.Summarise(problems, most);
}
