using DenseEngine.Models;
using DenseEngine.Ops;
using Xunit;

namespace DenseEngine.Tests;

/// <summary>Which anchors and classes go on to suppression, told from definitions.</summary>
public class SelectionTests {
    private const int Anchors = 40, Classes = 4;

    private static readonly ImageInfo[] Images = [new(1000, 1000, 1000, 1000), new(1000, 1000, 1000, 1000)];

    /// <summary>Probabilities of two pictures, and boxes that do not meet.</summary>
    private static LevelPrediction Level(bool anchorsFirst) {
        Tensor scores = Op.Sigmoid(Draws.Normal(2, Anchors, Classes)(new Philox(4), HostDevice.Default)), boxes = Tensor.From(
            [.. Enumerable.Range(0, Anchors).SelectMany(i => new[] { 20f * i, 0, 20f * i + 10, 10 })], [Anchors, 4]);
        return new LevelPrediction(scores, pairs => Op.IndexSelect(boxes, pairs.Anchors, 0)) { AnchorsFirst = anchorsFirst };
    }

    [Theory]
    [InlineData(false, 7)]
    [InlineData(true, 7)]
    [InlineData(true, 100)]
    public void Pairs_or_anchors_are_cut_to_the_best(bool anchorsFirst, int before) {
        using var scope = new TensorScope();
        LevelPrediction level = Level(anchorsFirst);
        float[] scores = level.Scores.ToArray();
        var test = new TestConfig(0.4f, before, MaxPerImage: 1000);
        IReadOnlyList<Detections> found = NmsPostprocess.Select([level], Images, test);
        for (int picture = 0; picture < 2; picture++) {
            (int Anchor, int Label, float Score)[] all = [.. from anchor in Enumerable.Range(0, Anchors)
                from label in Enumerable.Range(0, Classes) select (anchor, label, scores[(picture * Anchors + anchor) * Classes + label])];
            int[] best = [.. all.GroupBy(pair => pair.Anchor).OrderByDescending(anchor => anchor.Max(pair => pair.Score)).Take(before)
                .Select(anchor => anchor.Key)];
            var expected = anchorsFirst ? all.Where(pair => best.Contains(pair.Anchor))
                : all.OrderByDescending(pair => pair.Score).Take(before);
            Assert.Equal(expected.Where(pair => pair.Score > 0.4f).OrderByDescending(pair => pair.Score)
                .Select(pair => (20f * pair.Anchor, pair.Label, pair.Score)),
                    found[picture].Select(one => (one.Box.X1, one.Label, one.Score)));
        }
    }

    [Fact]
    public void Labels_beyond_the_classes_are_no_detections() {
        using var scope = new TensorScope();
        LevelPrediction level = Level(anchorsFirst: true);
        var test = new TestConfig(0.4f, MaxPerImage: 1000);
        Detection[] all = [.. NmsPostprocess.Select([level], Images, test)[1]];
        Assert.Contains(all, one => one.Label == Classes - 1);
        Assert.Equal(all.Where(one => one.Label < Classes - 1), NmsPostprocess.Select([level], Images, test, classes: Classes - 1)[1]);
    }
}
