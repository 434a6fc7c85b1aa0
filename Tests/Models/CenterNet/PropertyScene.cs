using DenseEngine.Models;
using DenseEngine.Ops;

namespace DenseEngine.Tests;

/// <summary>A made picture of darts, flat things with a bright head, of which depth, direction, tip, tail and true size are known: one kind
/// is longer, and all are seen the smaller the farther away they are.</summary>
internal sealed class PropertyScene {
    public const int Size = 48;
    private const double Focus = 40, Nearest = 1.5, Farthest = 3.5;

    private readonly float[] pixels = new float[Size * Size * 3];
    private readonly List<Box> boxes = [];
    private readonly List<int> labels = [];
    private readonly List<float[]> depths = [], angles = [], ends = [], sizes = [], elongations = [];

    public PropertyScene(Philox random) {
        for (int i = 0; i < pixels.Length; i++) pixels[i] = 0.05f * random.NextNormal();
        int wanted = 1 + random.Next(2);
        for (int attempt = 0; boxes.Count < wanted && attempt < 20; attempt++) TryAdd(random);
    }

    /// <summary>A batch of scenes with what is known of them.</summary>
    public static (Tensor Batch, ImageInfo[] Images, GroundTruth[] Truths) Batch(Philox random, int count) {
        PropertyScene[] scenes = [.. Enumerable.Range(0, count).Select(_ => new PropertyScene(random))];
        return (Tensor.From([.. scenes.SelectMany(scene => scene.pixels)], [count, Size, Size, 3]),
            [.. scenes.Select(_ => new ImageInfo(Size, Size, Size, Size))], [.. scenes.Select(scene => scene.Truth)]);
    }

    private GroundTruth Truth => new([.. boxes], [.. labels]) {
        Properties = new Dictionary<string, IReadOnlyList<float[]>> {
            ["depth"] = depths,
            ["orientation"] = angles,
            ["keypoints"] = ends,
            ["size3d"] = sizes,
            ["elongation"] = elongations,
        },
    };

    private void TryAdd(Philox random) {
        double Uniform(double from, double until) => from + (until - from) * random.NextSingle();
        int label = random.Next(2);
        double depth = Uniform(Nearest, Farthest), angle = Uniform(-Math.PI, Math.PI), length = label == 0 ? 1.4 : 2,
            width = length * Uniform(0.3, 0.9), x = Uniform(10, 38), y = Uniform(10, 38), half = Focus / 2 * length / depth / 1.5,
                side = Focus / 2 * width / depth / 1.5,
            cos = Math.Cos(angle), sin = Math.Sin(angle),
            reachX = Math.Abs(half * cos) + Math.Abs(side * sin), reachY = Math.Abs(half * sin) + Math.Abs(side * cos);
        var box = new Box((float)(x - reachX), (float)(y - reachY), (float)(x + reachX), (float)(y + reachY));
        bool outside = box.X1 < 1 || box.Y1 < 1 || box.X2 > Size - 1 || box.Y2 > Size - 1;
        if (outside || boxes.Exists(other => box.X1 < other.X2 && other.X1 < box.X2 && box.Y1 < other.Y2 && other.Y1 < box.Y2)) return;
        for (int row = (int)box.Y1; row <= box.Y2; row++)
            for (int column = (int)box.X1; column <= box.X2; column++)
                for (int part = 0; part < 4; part++) {   // smooth edges
                    double dx = column + 0.25 + part % 2 / 2.0 - x, dy = row + 0.25 + part / 2 / 2.0 - y, along = dx * cos + dy * sin;
                    if (Math.Abs(along) > half || Math.Abs(dy * cos - dx * sin) > side) continue;
                    int at = 3 * (row * Size + column);
                    pixels[at] += along > half / 3 ? 0.5f : label == 0 ? -0.4f : 0.4f;
                    pixels[at + 1] += along > half / 3 ? 0.5f : 0;
                    pixels[at + 2] += along > half / 3 ? 0.5f : label == 0 ? 0.4f : -0.4f;
                }
        boxes.Add(box);
        labels.Add(label);
        depths.Add([(float)depth]);
        angles.Add([(float)angle]);
        ends.Add([(float)(x + half * cos), (float)(y + half * sin), (float)(x - half * cos), (float)(y - half * sin)]);
        sizes.Add([(float)(width / 2), (float)width, (float)length]);
        elongations.Add([(float)(length / width)]);
    }
}
