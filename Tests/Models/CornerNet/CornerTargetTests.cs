using DenseEngine.Models;
using Xunit;

namespace DenseEngine.Tests;

/// <summary>CornerNet's targets where objects are missing, degenerate, or in each other's way.</summary>
public class CornerTargetTests {
    private static readonly CornerNetConfig Config = new() { Classes = ["a", "b"] };

    [Fact]
    public void Objects_that_share_a_cell_count_once_for_each_class() {
        // Cells of 4 pixels: the first two share both corners and the class, the third only the upper left cell; the fourth's class
        // differs.
        CornerTargets targets = Targets(new GroundTruth(
            [new(4, 4, 20, 20), new(5, 6, 21, 22), new(7, 7, 30, 30), new(4, 4, 20, 20)], [0, 0, 0, 1]));
        Assert.Equal((2, 1), (targets.TopLeft.Peaks, targets.TopLeft.Cells));
        Assert.Equal((3, 2), (targets.BottomRight.Peaks, targets.BottomRight.Cells));
        Assert.Equal(2, targets.TopLeft.Heat.ToArray().Count(value => value == 1));
        Assert.Equal(4, targets.Objects[0].Count);
        // Of several objects the last one's place in the cell counts.
        Assert.Equal([0f, 0], Row(targets.TopLeft.Offsets, 1, 1));
        Assert.Equal([1f], Row(targets.TopLeft.Mask, 1, 1));
        Assert.Equal([0f], Row(targets.TopLeft.Mask, 1, 2));
        Assert.Equal([0f, 0], Row(targets.BottomRight.Offsets, 5, 5));
        Assert.Equal([0.5f, 0.5f], Row(targets.BottomRight.Offsets, 7, 7));
    }

    [Fact]
    public void Corners_on_and_beyond_the_border_stay_in_the_map() {
        CornerTargets targets = Targets(new GroundTruth([new(0, 0, 32, 32), new(-9, -1, 40, 33), new(12, 12, 12, 12)], [0, 1, 0]));
        Assert.Equal([new CornerCells(0, 0, 7, 7), new CornerCells(0, 0, 7, 7), new CornerCells(3, 3, 3, 3)], targets.Objects[0]);
        Assert.Equal([1f, 1], Row(targets.BottomRight.Heat, 7, 7));
        Assert.Equal([1f], Row(targets.TopLeft.Mask, 3, 3));
    }

    [Fact]
    public void A_batch_without_objects_has_only_the_cost_of_what_is_seen() {
        using var scope = new TensorScope();
        CornerNetConfig config = (CornerNetConfig)Presets.Find("cornernet/cornernet_hg_demo");
        using Detector detector = Detector.Build(config, seed: 4);
        detector.Train();
        Tensor batch = Tensor.From([.. Enumerable.Range(0, 2 * 64 * 64 * 3).Select(i => MathF.Sin(i * 0.37f))], [2, 64, 64, 3]);
        ImageInfo[] images = [new(64, 64, 64, 64), new(64, 64, 64, 64)];
        IReadOnlyList<LossTerm> none = detector.Losses(batch, images, [new([], []), new([], [])]);
        Assert.Equal(["det_loss", "off_loss", "pull_loss", "push_loss"], none.Select(term => term.Name));
        Assert.True(none[0].Value.ToArray()[0] > 0);
        Assert.All(none.Skip(1), term => Assert.Equal([0f], term.Value.ToArray()));
        LossTerm.Total(none).Backward();
        Assert.All(detector.Parameters().Select(each => each.Parameter.Value.Grad),
            grad => Assert.True(grad is null || grad.ToArray().All(float.IsFinite)));
        // One of the two has objects: nothing is pushed but by a second one.
        Assert.Equal(0, Push(new([new(8, 8, 40, 30)], [1])));
        Assert.True(Push(new([new(8, 8, 40, 30), new(20, 4, 50, 60)], [1, 0])) > 0);

        float Push(GroundTruth second) => detector.Losses(batch, images, [new([], []), second])[3].Value.ToArray()[0];
    }

    [Fact]
    public void The_official_radius_is_larger() {
        CornerNetConfig official = Config with { OfficialRadius = true, MinOverlap = 0.7 };
        Assert.Equal((2, 5), (Config.Radius(9, 9), official.Radius(20, 20)));
        Assert.True(official.Radius(20, 20) > (Config with { MinOverlap = 0.7 }).Radius(20, 20));
        Assert.Equal(0, Config.Radius(0, 5));
    }

    private static CornerTargets Targets(GroundTruth truth) => CornerTargets.Of(Config, [truth], 32, 8, HostDevice.Default);

    private static float[] Row(Tensor map, int row, int column) =>
        map.Span.Slice((row * map.Shape[2] + column) * map.Shape[3], map.Shape[3]).ToArray();
}
