using System.Text.Json;

namespace DenseEngine.Training;

/// <summary>A COCO annotation file. Broken entries are left out and listed; what makes the file as a whole useless is refused.</summary>
public sealed class CocoAnnotations {
    private readonly List<CocoImage> images = [];
    private readonly List<CocoCategory> categories = [];
    private readonly List<CocoAnnotation> annotations = [];
    private readonly List<CocoProblem> problems = [];
    private readonly HashSet<long> brokenImages = [], imageIds = [], categoryIds = [];
    private readonly HashSet<(long Image, long Category)> mentioned = [];

    /// <summary>Reads a file.</summary>
    /// <exception cref="DatasetException">It cannot be read, is no JSON, or lacks one of its lists.</exception>
    public CocoAnnotations(string path) {
        Path = path;
        using JsonDocument document = CocoJson.Open(path);
        try {
            JsonElement root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object)
                throw new DatasetException($"{path}: annotations are a JSON object; this is {root.ValueKind}.");
            foreach (JsonElement entry in CocoJson.List(path, root, "categories").EnumerateArray()) ReadCategory(entry);
            foreach (JsonElement entry in CocoJson.List(path, root, "images").EnumerateArray()) ReadImage(entry);
            var seen = new HashSet<long>();
            foreach (JsonElement entry in CocoJson.List(path, root, "annotations").EnumerateArray()) ReadAnnotation(entry, seen);
        } catch (InvalidOperationException e) {   // a text that is no UTF-8
            throw new DatasetException($"{path}: a text is no sound UTF-8: {e.Message}", e);
        }
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>The pictures in the file's order.</summary>
    public IReadOnlyList<CocoImage> Images => images;

    /// <summary>The classes in the file's order.</summary>
    public IReadOnlyList<CocoCategory> Categories => categories;

    /// <summary>The sound annotations in the file's order.</summary>
    public IReadOnlyList<CocoAnnotation> Annotations => annotations;

    /// <summary>What was left out or mended, in the file's order.</summary>
    public IReadOnlyList<CocoProblem> Problems => problems;

    /// <summary>Whether a picture has an annotation of a class, sound or not.</summary>
    public bool Mentions(long image, long category) => mentioned.Contains((image, category));

    /// <summary>A few lines about the problems: the first ones, and how many more there are; nothing where there are none.</summary>
    public IEnumerable<string> Summary(int most = 5) => Summarise(problems, most);

    internal static IEnumerable<string> Summarise(IReadOnlyList<CocoProblem> problems, int most) {
        foreach (CocoProblem problem in problems.Take(most)) yield return problem.Text;
        if (problems.Count > most) yield return $"… and {problems.Count - most} more problems.";
    }

    private void Report(string kind, string text, long? annotation = null, long? image = null, long? category = null) =>
        problems.Add(new CocoProblem(kind, annotation, image, category, $"{Path}: {text}"));

    private void ReadCategory(JsonElement entry) {
        if (entry.ValueKind != JsonValueKind.Object || CocoJson.Whole(entry, "id") is not { } id) {
            Report("id", "a category without a whole number as id is left out.");
            return;
        }
        string name = CocoJson.Text(entry, "name") ?? "";
        if (!categoryIds.Add(id)) Report("duplicate", $"category {id} ('{name}') stands twice; the first counts.", category: id);
        else {
            if (name.Length == 0) Report("category", $"category {id} has no name.", category: id);
            else if (categories.Any(other => other.Name == name))
                Report("duplicate", $"category {id} has the name '{name}' of another.", category: id);
            categories.Add(new CocoCategory(id, name));
        }
    }

    private void ReadImage(JsonElement entry) {
        if (entry.ValueKind != JsonValueKind.Object || CocoJson.Whole(entry, "id") is not { } id) {
            Report("id", "an image without a whole number as id is left out.");
            return;
        }
        if (imageIds.Contains(id)) {
            Report("duplicate", $"image {id} stands twice; the first counts.", image: id);
            return;
        }
        string? name = CocoJson.Text(entry, "file_name");
        if (string.IsNullOrEmpty(name)) Refuse($"image {id} has no file_name; it is left out.");
        else if (LeavesFolder(name)) Refuse($"image {id} has the file_name '{name}', which leaves the picture folder; it is left out.");
        else if (CocoJson.Whole(entry, "width") is not (> 0 and <= int.MaxValue)
            || CocoJson.Whole(entry, "height") is not (> 0 and <= int.MaxValue))
            Refuse($"image {id} has width {CocoJson.Raw(entry, "width")} and height {CocoJson.Raw(entry, "height")}; it is left out.");
        else {
            imageIds.Add(id);
            images.Add(new CocoImage(id, name, (int)CocoJson.Whole(entry, "width")!, (int)CocoJson.Whole(entry, "height")!));
        }

        void Refuse(string text) {
            brokenImages.Add(id);
            Report("image", text, image: id);
        }
    }

    private static bool LeavesFolder(string name) =>
        System.IO.Path.IsPathRooted(name) || name.Contains(':') || name.Contains('\0') || name.Split('/', '\\').Contains("..");

    private void ReadAnnotation(JsonElement entry, HashSet<long> seen) {
        if (entry.ValueKind != JsonValueKind.Object) {
            Report("annotation", $"an annotation is {CocoJson.Shortened(entry.GetRawText())}, no object; it is left out.");
            return;
        }
        if (CocoJson.Whole(entry, "id") is not { } id) {
            Report("id", $"an annotation has the id {CocoJson.Raw(entry, "id")}; it is left out.");
            return;
        }
        long? image = CocoJson.Whole(entry, "image_id"), category = CocoJson.Whole(entry, "category_id");
        if (image is { } broken && brokenImages.Contains(broken)) return;   // reported with its image
        if (image is not { } imageId || !imageIds.Contains(imageId))
            Leave("image", $"has the image_id {CocoJson.Raw(entry, "image_id")}, which is no image", image);
        else if (category is not { } categoryId || !categoryIds.Contains(categoryId))
            Leave("category", $"has the category_id {CocoJson.Raw(entry, "category_id")}, which is no category", null, category);
        else if (!seen.Add(id)) Leave("duplicate", "has the id of another");
        else {
            mentioned.Add((imageId, categoryId));
            if (CocoJson.Box(entry) is not { } box) Leave("box", $"has the box {CocoJson.Raw(entry, "bbox")}");
            else {
                if (box.Width == 0 || box.Height == 0)
                    Report("box", $"annotation {id} of image {imageId} has a box without area ({CocoJson.Raw(entry, "bbox")}); training "
                        + $"leaves it out.", id);
                long? crowd = entry.TryGetProperty("iscrowd", out _) ? CocoJson.Whole(entry, "iscrowd") : 0;
                if (crowd is not (0 or 1))
                    Report("iscrowd", $"annotation {id} has iscrowd {CocoJson.Raw(entry, "iscrowd")}; it counts as a crowd.", id);
                double? area = CocoJson.Number(entry, "area");
                if (area is not >= 0)
                    Report("area", $"annotation {id} has the area {CocoJson.Raw(entry, "area")}; its box's is taken.", id);
                bool ignore = entry.TryGetProperty("ignore", out JsonElement flag)
                    && (flag.ValueKind == JsonValueKind.True || CocoJson.Whole(entry, "ignore") is not (null or 0));
                annotations.Add(new CocoAnnotation(id, imageId, categoryId, box.X, box.Y, box.Width, box.Height,
                    area is >= 0 ? area.Value : box.Width * box.Height, crowd != 0, ignore));
            }
        }

        void Leave(string kind, string what, long? aboutImage = null, long? aboutCategory = null) =>
            Report(kind, $"annotation {id} {what}; it is left out.", id, aboutImage, aboutCategory);
    }
}
