namespace DenseEngine.Training;

/// <summary>What training takes of a COCO file, by the rules of mmdetection's CocoDataset: classes in the file's order, pictures whose
/// shorter side has 32 pixels or more, boxes not clipped; objects that are ignored,
/// miss the picture or are thinner than a pixel left out.</summary>
public sealed class CocoDataset {
    private const int ShortestSide = 32;

    /// <summary>Applies the rules.</summary>
    /// <param name="annotations">The file.</param>
    /// <param name="pictureFolder">Where its pictures lie.</param>
    /// <param name="classes">The names of the classes in use; null for all of the file.</param>
    /// <param name="skipEmpty">Leaves out pictures without any annotation of these classes (one that the rules drop counts as one).</param>
    /// <exception cref="DatasetException">A class is not in the file.</exception>
    public CocoDataset(CocoAnnotations annotations, string pictureFolder, IReadOnlyCollection<string>? classes = null,
        bool skipEmpty = true) {
        foreach (string name in classes ?? [])
            if (annotations.Categories.All(category => category.Name != name))
                throw new DatasetException($"{annotations.Path}: there is no category '{name}'.");
        Categories = [.. annotations.Categories.Where(category => classes is null || classes.Contains(category.Name))];
        ILookup<long, CocoAnnotation> byImage = annotations.Annotations.ToLookup(annotation => annotation.ImageId);
        var pictures = new List<TrainingPicture>();
        foreach (CocoImage image in annotations.Images) {
            if (Math.Min(image.Width, image.Height) < ShortestSide) continue;
            if (skipEmpty && !Categories.Any(category => annotations.Mentions(image.Id, category.Id))) continue;
            pictures.Add(Prepare(image, Path.Combine(pictureFolder, image.FileName), byImage[image.Id]));
        }
        Pictures = pictures;
    }

    /// <summary>The classes; a label is an index into them.</summary>
    public IReadOnlyList<CocoCategory> Categories { get; }

    /// <summary>The pictures in the file's order.</summary>
    public IReadOnlyList<TrainingPicture> Pictures { get; }

    private TrainingPicture Prepare(CocoImage image, string path, IEnumerable<CocoAnnotation> annotations) {
        var boxes = new List<float>();
        var crowds = new List<float>();
        var labels = new List<int>();
        foreach (CocoAnnotation a in annotations) {
            int label = Categories.ToList().FindIndex(category => category.Id == a.CategoryId);
            double seenWidth = Math.Min(a.X + a.Width, image.Width) - Math.Max(a.X, 0),
                seenHeight = Math.Min(a.Y + a.Height, image.Height) - Math.Max(a.Y, 0);
            if (a.Ignore || label < 0 || seenWidth <= 0 || seenHeight <= 0 || a.Area <= 0 || a.Width < 1 || a.Height < 1) continue;
            (a.IsCrowd ? crowds : boxes).AddRange([(float)a.X, (float)a.Y, (float)(a.X + a.Width), (float)(a.Y + a.Height)]);
            if (!a.IsCrowd) labels.Add(label);
        }
        return new TrainingPicture(image.Id, path, [.. boxes], [.. labels], [.. crowds]);
    }
}

/// <summary>A picture to train on.</summary>
/// <param name="Id">Its number in the annotations, for messages.</param>
/// <param name="Path">The file.</param>
/// <param name="Boxes">x1 y1 x2 y2 of each object, in the file's pixels.</param>
/// <param name="Labels">The class of each, from 0.</param>
/// <param name="Crowds">x1 y1 x2 y2 of each crowd.</param>
public sealed record TrainingPicture(long Id, string Path, float[] Boxes, int[] Labels, float[] Crowds);
