namespace DenseEngine.Training;

/// <summary>A picture of a COCO file; sizes in pixels.</summary>
public sealed record CocoImage(long Id, string FileName, int Width, int Height);

/// <summary>A class of a COCO file.</summary>
public sealed record CocoCategory(long Id, string Name);

/// <summary>An object: its box (left, top, width, height) and area in pixels; a crowd stands for many objects of its class. Ones that
/// mmdetection leaves out of training carry <see cref="Ignore"/>; evaluation does not look at it.</summary>
public sealed record CocoAnnotation(long Id, long ImageId, long CategoryId, double X, double Y, double Width, double Height, double Area,
    bool IsCrowd, bool Ignore);

/// <summary>A detection: box (left, top, width, height) in pixels, and score.</summary>
public sealed record CocoResult(long ImageId, long CategoryId, double X, double Y, double Width, double Height, double Score);

/// <summary>Something wrong with one entry of a file, which is left out (or mended, as the text says) while loading goes on.</summary>
/// <param name="Kind">What is wrong: box, area, id, image, category, duplicate, iscrowd, annotation, result.</param>
/// <param name="Annotation">The annotation's id, if it is about one that has an id.</param>
/// <param name="Image">The image's id.</param>
/// <param name="Category">The category's id.</param>
/// <param name="Text">A sentence that names the entry and what it has.</param>
public sealed record CocoProblem(string Kind, long? Annotation, long? Image, long? Category, string Text) {
    /// <summary>A sentence that names the entry and what it has, in one line.</summary>
    public string Text { get; } = CocoJson.OneLine(Text);
}
