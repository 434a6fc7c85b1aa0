using DenseEngine.Models;

namespace DenseEngine.Training;

/// <summary>Runs a detector over the pictures of an annotation file.</summary>
public static class DetectorEvaluator {
    /// <summary>The detections in all pictures, for <see cref="CocoEvaluator"/>. The detector must be in evaluation mode; its classes are
    /// found in the file by name.</summary>
    /// <param name="detector">What is evaluated.</param>
    /// <param name="annotations">Names the pictures.</param>
    /// <param name="pictureFolder">Where they lie.</param>
    /// <param name="onPicture">Told of each picture and what was found in it.</param>
    /// <param name="cancel">Asks to stop.</param>
    /// <exception cref="DatasetException">A class of the detector is not in the file.</exception>
    /// <exception cref="ImageException">A picture cannot be read.</exception>
    public static IReadOnlyList<CocoResult> Run(Detector detector, CocoAnnotations annotations, string pictureFolder,
        Action<CocoImage, Detections>? onPicture = null, CancellationToken cancel = default) {
        long[] categories =
            [.. detector.Config.Classes.Select(name => annotations.Categories.FirstOrDefault(category => category.Name == name)?.Id
            ?? throw new DatasetException($"{annotations.Path}: there is no category '{name}', which the detector finds."))];
        var results = new List<CocoResult>();
        foreach (CocoImage image in annotations.Images) {
            Detections found = detector.Detect(Path.Combine(pictureFolder, image.FileName), cancel);
            results.AddRange(found.Select(one => new CocoResult(image.Id, categories[one.Label], one.Box.X1, one.Box.Y1,
                (double)one.Box.X2 - one.Box.X1, (double)one.Box.Y2 - one.Box.Y1, one.Score)));
            onPicture?.Invoke(image, found);
        }
        return results;
    }
}
