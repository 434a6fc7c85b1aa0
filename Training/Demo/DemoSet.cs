using System.Globalization;
using DenseEngine.Models;

namespace DenseEngine.Training;

/// <summary>The demonstration's data set on disk: pictures of shapes as PNG, annotations as COCO JSON.</summary>
public static class DemoSet {
    /// <summary>Width and height of the pictures.</summary>
    public const int PictureSize = 160;

    /// <summary>The classes, in label order; ids count from 1.</summary>
    public static IReadOnlyList<CocoCategory> Categories { get; } =
        [.. Enum.GetValues<ShapeKind>().Select(kind => new CocoCategory((int)kind + 1, Name(kind)))];

    /// <summary>Writes one part of the set: <c>NAME.json</c>, and its pictures in <c>NAME/</c>.</summary>
    /// <param name="folder">Where; made if it does not exist.</param>
    /// <param name="name">The part: train, val.</param>
    /// <param name="count">How many pictures.</param>
    /// <param name="seed">Decides what is in them; parts of one set have different ones.</param>
    /// <param name="onPicture">Told how many are done.</param>
    /// <param name="cancel">Asks to stop.</param>
    public static void Write(string folder, string name, int count, ulong seed, Action<int>? onPicture = null,
        CancellationToken cancel = default) {
        Directory.CreateDirectory(Path.Combine(folder, name));
        var scenes = new IReadOnlyList<SceneShape>[count];
        int done = 0;
        HostDevice.Default.Workers.For(count, i => {
            if (cancel.IsCancellationRequested) return;
            var scene = new ShapeScene(PictureSize, seed, i);
            new Picture(scene.Size, scene.Size, scene.Pixels).SavePng(Path.Combine(folder, FileName(name, i)));
            scenes[i] = scene.Shapes;
            onPicture?.Invoke(Interlocked.Increment(ref done));
        });
        cancel.ThrowIfCancellationRequested();
        var annotations = new List<CocoAnnotation>();
        for (int i = 0; i < count; i++)
            foreach (SceneShape shape in scenes[i]) {
                (double width, double height) = (shape.X2 - shape.X1, shape.Y2 - shape.Y1);
                annotations.Add(new CocoAnnotation(annotations.Count + 1, i + 1, (int)shape.Kind + 1, shape.X1, shape.Y1, width, height,
                    width * height, IsCrowd: false, Ignore: false));
            }
        CocoWriter.WriteAnnotations(Path.Combine(folder, name + ".json"),
            Enumerable.Range(0, count).Select(i => new CocoImage(i + 1, FileName(name, i), PictureSize, PictureSize)), Categories,
            annotations);
    }

    private static string FileName(string part, int number) => string.Create(CultureInfo.InvariantCulture, $"{part}/{number:00000}.png");

    private static string Name(ShapeKind kind) => kind switch {
        ShapeKind.Circle => "circle",
        ShapeKind.Square => "square",
        ShapeKind.Triangle => "triangle",
        ShapeKind.Star => "star",
        ShapeKind.Cross => "cross",
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };
}
