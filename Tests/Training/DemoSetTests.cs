using DenseEngine.Models;
using DenseEngine.Training;
using Xunit;

namespace DenseEngine.Tests;

public class DemoSetTests {
    [Fact]
    public void The_set_is_sound_varied_and_the_same_each_time() {
        string folder = Directory.CreateTempSubdirectory("dense-demo-").FullName;
        try {
            DemoSet.Write(folder, "train", 60, 1);
            var annotations = new CocoAnnotations(Path.Combine(folder, "train.json"));
            Assert.Empty(annotations.Problems);
            Assert.Equal(60, annotations.Images.Count);
            Assert.Equal(["circle", "square", "triangle", "star", "cross"], annotations.Categories.Select(category => category.Name));
            Assert.All(annotations.Categories, category => Assert.Contains(annotations.Annotations, a => a.CategoryId == category.Id));
            Assert.All(annotations.Annotations.GroupBy(a => a.ImageId), group => Assert.InRange(group.Count(), 1, 5));
            double[] sides = [.. annotations.Annotations.Select(a => Math.Max(a.Width, a.Height))];
            Assert.True(sides.Max() >= 4 * sides.Min(), $"sizes run from {sides.Min()} to {sides.Max()} only");
            Assert.Contains(annotations.Annotations, a =>
                annotations.Annotations.Any(b => b.ImageId == a.ImageId && b.Id != a.Id && Overlap(a, b)));
            Assert.All(annotations.Annotations, a => Assert.True(a.X >= 0 && a.Y >= 0 && a.X + a.Width <= 160 && a.Y + a.Height <= 160));
            Picture picture = Picture.Load(Path.Combine(folder, annotations.Images[7].FileName));
            Assert.Equal(new ShapeScene(160, 1, 7).Pixels, picture.Pixels);
            Assert.NotEqual(new ShapeScene(160, 2, 7).Pixels, picture.Pixels);
        } finally {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>A box is that of the shape: on a scene with one shape, the pixels that differ from a smooth background fill it.</summary>
    [Fact]
    public void Outlines_fill_their_frame() {
        foreach (ShapeKind kind in Enum.GetValues<ShapeKind>()) {
            int inside = 0, outside = 0;
            for (double y = -1.2; y <= 1.2; y += 0.01)
                for (double x = -1.2; x <= 1.2; x += 0.01) {
                    if (!ShapeOutline.Contains(kind, x, y)) continue;
                    if (x * x + y * y <= 1.3) inside++;
                    else outside++;
                }
            Assert.Equal(0, outside);
            Assert.InRange(inside / 10_000.0, 0.8, Math.PI + 0.1);
            Assert.True(ShapeOutline.Contains(kind, 0, 0));
        }
    }

    private static bool Overlap(CocoAnnotation a, CocoAnnotation b) =>
        Math.Min(a.X + a.Width, b.X + b.Width) > Math.Max(a.X, b.X) && Math.Min(a.Y + a.Height, b.Y + b.Height) > Math.Max(a.Y, b.Y);
}
