using DenseEngine.Models;
using DenseEngine.Ops;
using Xunit;

namespace DenseEngine.Tests;

/// <summary>The assigners, which visit only what is near, against their definitions over every anchor and object.</summary>
public class AssignerTests {
    private static readonly int[] Levels = [40 * 33, 20 * 17, 10 * 9, 5 * 5, 3];

    public static TheoryData<int, bool> Scenes =>
        new() { { 1, false }, { 17, false }, { 90, false }, { 1, true }, { 17, true }, { 90, true } };

    [Theory]
    [MemberData(nameof(Scenes))]
    public void Atss_equals_its_definition(int objects, bool crowds) {
        Box[] anchors = Anchors();
        GroundTruth truth = Objects(objects, crowds);
        var assigner = new AtssAssigner(9, 0.4f);
        Same(anchors, truth, assigner, assigner.Assign(anchors, Levels, truth), null);
    }

    [Theory]
    [MemberData(nameof(Scenes))]
    public void Atss_with_alpha_equals_its_definition(int objects, bool crowds) {
        Box[] anchors = Anchors();
        GroundTruth truth = Objects(objects, crowds);
        var random = new Philox(5);
        var predictions = new Predictions([.. Enumerable.Range(0, 3 * anchors.Length).Select(_ => random.NextNormal())],
            Array.ConvertAll(anchors, box => Moved(box, random)));
        var assigner = new AtssAssigner(9, 0.4f, 0.8f);
        Same(anchors, truth, assigner, assigner.Assign(anchors, Levels, truth, predictions), predictions);
    }

    [Fact]
    public void Atss_with_alpha_asks_for_predictions() =>
        Assert.Throws<ArgumentException>(() => new AtssAssigner(9, -1, 0.8f).Assign(Anchors(), Levels, Objects(3, false)));

    [Theory]
    [MemberData(nameof(Scenes))]
    public void Max_iou_equals_its_definition(int objects, bool crowds) {
        Box[] anchors = Anchors();
        GroundTruth truth = Objects(objects, crowds);
        foreach (MaxIouAssigner assigner in (MaxIouAssigner[])[new(), new(0.3f, 0.2f, 0.1f, 0.15f), new(LowQuality: false),
            new(AllBest: false, IgnoreIofThreshold: 0.3f), new(IgnoreIofThreshold: 0.3f, IgnoreByAnchor: false)]) {
            (int[] expected, float[] overlaps) = MaxIou(anchors, truth, assigner);
            Assignment found = assigner.Assign(anchors, Levels, truth);
            Assert.Equal(expected, found.Truths);
            Assert.Equal(overlaps, found.Overlaps);
        }
    }

    [Theory]
    [MemberData(nameof(Scenes))]
    public void Points_equal_their_definition(int objects, bool centred) {
        Box[] anchors = Anchors();
        GroundTruth truth = Objects(objects, false);
        if (objects < 20) truth.Boxes[^1] = new Box(-20_000, -9_000, 800, 700);   // beyond the limit to areas: found only if alone
        float[][] ranges = [[-1, 64], [64, 128], [128, 256], [256, 512], [512, 1e8f]];
        var assigner = new PointAssigner(ranges, [8, 16, 32, 64, 128], centred ? 1.5f : null);
        int[] expected = new int[anchors.Length];
        for (int i = 0, level = 0, end = Levels[0]; i < anchors.Length; i++) {
            if (i == end) end += Levels[++level];
            float x = (anchors[i].X1 + anchors[i].X2) / 2, y = (anchors[i].Y1 + anchors[i].Y2) / 2, least = float.PositiveInfinity;
            for (int k = 0; k < objects; k++) {
                Box box = truth.Boxes[k], core = box;
                float reach = 1.5f * (8 << level), midX = (box.X1 + box.X2) / 2, midY = (box.Y1 + box.Y2) / 2;
                if (centred) core = new Box(Math.Max(midX - reach, box.X1), Math.Max(midY - reach, box.Y1), Math.Min(midX + reach, box.X2),
                    Math.Min(midY + reach, box.Y2));
                float farthest = new[] { x - box.X1, y - box.Y1, box.X2 - x, box.Y2 - y }.Max();
                bool finds = new[] { x - core.X1, y - core.Y1, core.X2 - x, core.Y2 - y }.Min() > 0
                    && farthest >= ranges[level][0] && farthest <= ranges[level][1];
                float area = finds ? box.Area : 1e8f;
                if (area < least) (least, expected[i]) = (area, area == 1e8f ? 0 : k + 1);
            }
        }
        Assert.Equal(objects > 1 || !centred, expected.Any(k => k > 0));
        Assert.Equal(expected, assigner.Assign(anchors, Levels, truth).Truths);
    }

    private static void Same(Box[] anchors, GroundTruth truth, AtssAssigner assigner, Assignment found, Predictions? predictions) {
        int[] expected = new int[anchors.Length];
        float[] overlaps = new float[anchors.Length];
        Array.Fill(overlaps, -1e8f);
        bool[] ignored = Array.ConvertAll(anchors, box => truth.Ignored.Any(region => box.Iof(region) > assigner.IgnoreIofThreshold));
        for (int i = 0; i < ignored.Length; i++) expected[i] = ignored[i] ? -1 : 0;
        for (int k = 0; k < truth.Boxes.Length; k++) {
            Box box = truth.Boxes[k];
            List<int> candidates = [];
            int start = 0;
            foreach (int size in Levels) {
                candidates.AddRange(Enumerable.Range(start, size).OrderBy(i => ignored[i] ? 1e8f : Distance(anchors[i], box))
                    .Take(assigner.TopK));
                start += size;
            }
            float[] ious = [.. candidates.Select(i => predictions is null ? anchors[i].Iou(box) : Cost(i))];
            double mean = ious.Average(iou => (double)iou), squares = ious.Sum(iou => (iou - mean) * (iou - mean));
            float threshold = (float)mean + (float)Math.Sqrt(squares / (ious.Length - 1));
            foreach ((int c, int i) in candidates.Index()) {
                float x = (anchors[i].X1 + anchors[i].X2) / 2, y = (anchors[i].Y1 + anchors[i].Y2) / 2;
                bool inside = new[] { x - box.X1, y - box.Y1, box.X2 - x, box.Y2 - y }.Min() > 0.01f;
                if (ious[c] >= threshold && inside && ious[c] > overlaps[i]) (expected[i], overlaps[i]) = (k + 1, ious[c]);
            }

            float Cost(int i) {
                float logit = predictions.Logits[3 * i + truth.Labels[k]], iou = predictions.Boxes[i].Iou(box),
                    fit = PredictionFit.Of(logit, iou, assigner.Alpha!.Value);
                double p = 1 / (1 + Math.Exp(-logit));
                Assert.Equal(Math.Pow(p, 1 - assigner.Alpha.Value) * Math.Pow(iou, assigner.Alpha.Value), fit, 1e-6);
                return fit;
            }
        }
        Assert.Contains(expected, k => k > 0);
        Assert.Equal(expected, found.Truths);
        Assert.Equal(overlaps, found.Overlaps);
    }

    private static (int[] Truths, float[] Overlaps) MaxIou(Box[] anchors, GroundTruth truth, MaxIouAssigner assigner) {
        bool[] ignored = Array.ConvertAll(anchors, box => assigner.IgnoreIofThreshold > 0 && truth.Ignored.Any(region =>
            (assigner.IgnoreByAnchor ? box.Iof(region) : region.Iof(box)) > assigner.IgnoreIofThreshold));
        float[][] ious = Array.ConvertAll(truth.Boxes, box => anchors.Select((anchor, i) => ignored[i] ? -1 : box.Iou(anchor)).ToArray());
        float[] most = [.. anchors.Select((_, i) => ious.Max(row => row[i]))];
        int[] found = [.. most.Select((iou, i) => iou >= assigner.PositiveIou ? Array.FindIndex(ious, row => row[i] == iou) + 1
            : iou >= assigner.NegativeFrom && iou < assigner.NegativeIou ? 0 : -1)];
        for (int k = 0; assigner.LowQuality && k < ious.Length; k++) {
            float best = ious[k].Max();
            if (!(best >= assigner.LeastIou)) continue;
            if (!assigner.AllBest) found[Array.IndexOf(ious[k], best)] = k + 1;
            for (int i = 0; assigner.AllBest && i < found.Length; i++)
                if (ious[k][i] == best) found[i] = k + 1;
        }
        return (found, most);
    }

    private static float Distance(Box anchor, Box box) {
        float x = (anchor.X1 + anchor.X2) / 2 - (box.X1 + box.X2) / 2, y = (anchor.Y1 + anchor.Y2) / 2 - (box.Y1 + box.Y2) / 2;
        return MathF.Sqrt(x * x + y * y);
    }

    private static Box[] Anchors() {
        var generator = new AnchorGenerator([8, 16, 32, 64, 128], [1], [8]);
        return [.. generator.Anchors(0, 33, 40), .. generator.Anchors(1, 17, 20), .. generator.Anchors(2, 9, 10),
            .. generator.Anchors(3, 5, 5),
            .. generator.Anchors(4, 1, 3)];
    }

    /// <summary>Objects at whole pixels, so that distances and overlaps tie; some twice, one without area, one outside.</summary>
    private static GroundTruth Objects(int count, bool crowds) {
        var random = new Philox((ulong)count);
        Box[] boxes = [.. Enumerable.Range(0, count).Select(_ => Drawn(random))];
        if (count > 10) (boxes[9], boxes[3], boxes[5]) = (boxes[2], new Box(50, 60, 50, 90), new Box(-300, -300, -200, -250));
        return new GroundTruth(boxes, [.. boxes.Select(_ => random.Next(3))],
            crowds ? [.. Enumerable.Range(0, 4).Select(_ => Drawn(random)), new Box(0, 0, 400, 90)] : []);
    }

    private static Box Drawn(Philox random) {
        (int x, int y, int size) = (random.Next(300), random.Next(250), 8 << random.Next(6));
        return new Box(x, y, x + size + random.Next(size), y + size + random.Next(size));
    }

    private static Box Moved(Box box, Philox random) =>
        new(box.X1 + random.Next(9), box.Y1 + random.Next(9), box.X2 + random.Next(9), box.Y2 - random.Next(9));
}
