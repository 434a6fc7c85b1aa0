using DenseEngine.Ops;
using Xunit;

namespace DenseEngine.Tests;

/// <summary>Suppression of many boxes, which meet only the bins around them, against its definition.</summary>
public class SuppressionTests {
    public static TheoryData<string, float, float> Scenes {
        get {
            var scenes = new TheoryData<string, float, float>();
            foreach (string scene in (string[])["spread", "crowded", "tall", "far", "thin", "same", "inverted", "tiny"])
                foreach (float threshold in (float[])[0, 0.06f, 0.3f, 0.6f, 1]) scenes.Add(scene, threshold, 0);
            scenes.Add("crowded", 0.5f, 1);
            return scenes;
        }
    }

    [Theory]
    [MemberData(nameof(Scenes))]
    public void Nms_equals_its_definition(string scene, float threshold, float offset) {
        using var scope = new TensorScope();
        Box[] boxes = Drawn(scene);
        float[] scores = [.. new Philox(3).Permutation(boxes.Length).Select(i => i % 911 * 0.001f - 0.3f)];   // many are equal
        int[] kept = Op.Nms(Tensor.From([.. boxes.SelectMany(box => new[] { box.X1, box.Y1, box.X2, box.Y2 })], [boxes.Length, 4]),
            Tensor.From(scores, [scores.Length]), threshold, offset).ToIntArray();
        List<int> expected = [];
        foreach (int i in Enumerable.Range(0, boxes.Length).OrderByDescending(i => scores[i]))
            if (!expected.Exists(k => Iou(boxes[k], boxes[i], offset) > threshold)) expected.Add(i);
        Assert.Equal(expected, kept);
    }

    private static float Iou(Box a, Box b, float offset) {
        float width = Math.Max(Math.Min(a.X2, b.X2) - Math.Max(a.X1, b.X1) + offset, 0),
            height = Math.Max(Math.Min(a.Y2, b.Y2) - Math.Max(a.Y1, b.Y1) + offset, 0), inter = width * height;
        return inter / ((a.Width + offset) * (a.Height + offset) + (b.Width + offset) * (b.Height + offset) - inter);
    }

    private static Box[] Drawn(string scene) {
        var random = new Philox(11);
        return [.. Enumerable.Range(0, 2500).Select(i => {
            (float x, float y) = (1300 * random.NextSingle(), 780 * random.NextSingle());
            (float width, float height) = (10 + 120 * random.NextSingle(), 10 + 120 * random.NextSingle());
            switch (scene) {
                case "crowded":
                    (x, y) = (60 * random.Next(9) + 9 * random.NextSingle(), 60 * random.Next(6) + 9 * random.NextSingle());
                    break;
                case "tall":
                    y *= 9;
                    break;
                case "far":   // coordinates of which little is left behind the point
                    (x, y) = (x + 1334 * random.Next(80) + 2e5f, y + 2e5f);
                    break;
                case "thin":
                    (width, height) = i % 2 == 0 ? (0.01f * width, 9 * height) : (9 * width, i % 3 == 0 ? 0 : height);
                    break;
                case "same":
                    (x, y, width, height) = (7, 8, 30, 40 + i % 3);
                    break;
                case "inverted":
                    width *= i % 5 == 0 ? -1 : 1;
                    break;
                case "tiny":
                    (x, y, width, height) = (1e-20f * x, 1e-20f * y, 1e-20f * width, 1e-20f * height);
                    break;
                default:
                    break;
            }
            return new Box(x, y, x + width, y + height);
        })];
    }
}
