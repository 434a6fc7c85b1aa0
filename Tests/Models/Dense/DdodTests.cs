using DenseEngine.Models;
using DenseEngine.Ops;
using Xunit;

namespace DenseEngine.Tests;

/// <summary>DDOD's three parts, each alone, and the counts that its levels are balanced by.</summary>
public class DdodTests {
    private static readonly GroundTruth[] Truths =
        [new([new Box(10, 12, 70, 60), new Box(90, 30, 150, 120)], [0, 2]), new([new Box(30, 30, 62, 70)], [1])];

    private static readonly ImageInfo[] Images = [new(160, 160, 160, 160), new(160, 160, 160, 160)];

    private static DdodConfig Demo => (DdodConfig)Presets.Find("ddod/ddod_r18_demo");

    [Fact]
    public void Without_its_first_part_it_has_no_deformable_convolution() {
        using Detector with = Detector.Build(Demo), without = Detector.Build(Demo with { FirstConv = null });
        Assert.Equal(4, with.State().Count(entry => entry.Name.Contains("conv_offset", StringComparison.Ordinal)));
        Assert.DoesNotContain(without.State(), entry => entry.Name.Contains("conv_offset", StringComparison.Ordinal));
    }

    [Fact]
    public void Without_its_second_part_both_branches_learn_with_the_same_objects() {
        var few = new AtssAssigner(3);
        (HeadAssignment apart, _, _) = Step(Demo with { BoxAssigner = few });
        (HeadAssignment together, _, _) = Step(Demo with { BoxAssigner = null });
        (HeadAssignment ofFew, _, _) = Step(Demo with { Assigner = few, BoxAssigner = null });
        Assert.NotEqual(apart.ForClasses, apart.ForBoxes);
        Assert.Equal(apart.ForClasses, together.ForClasses);
        Assert.Equal(apart.ForBoxes, ofFew.ForClasses);
        Assert.Equal(together.ForClasses, together.ForBoxes);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Its_third_part_weighs_levels_by_the_positives_so_far(bool separate) {
        (HeadAssignment _, long[] none, float[][] plain) = Step(Demo with { LevelBalance = null });
        (HeadAssignment _, long[] counts, float[][] weighed) = Step(Demo with { LevelBalance = new(separate) });
        Assert.Empty(none);
        // The first step's counts are its positives.
        (long[] ofClasses, long[] ofBoxes) = Positives(Demo);
        long[] second = separate ? ofBoxes : [.. ofClasses.Zip(ofBoxes, (a, b) => a + b)];
        Assert.Equal(separate ? [.. ofClasses, .. ofBoxes] : second, counts);
        Same(plain[0], weighed[0], Factors(ofClasses));
        Same(plain[1], weighed[1], Factors(second));
        Same(plain[2], weighed[2], Factors(second));
    }

    [Theory]
    [InlineData("atss_r18_demo")]
    [InlineData("gfl_r18_demo")]
    [InlineData("retinanet_r18_demo")]
    public void Other_heads_take_its_parts(string name) {
        var config = (DenseConfig)Presets.Find(name) with { FirstConv = new() };
        (HeadAssignment assigned, long[] counts, float[][] weighed) = Step(config with { LevelBalance = new() });
        (HeadAssignment _, long[] _, float[][] plain) = Step(config);
        Assert.Contains(assigned.ForClasses, k => k > 0);
        Assert.Equal(4, counts.Length);
        // With one assignment for both branches, the counts after both have the factors of those before.
        for (int term = 0; term < plain.Length; term++) Same(plain[term], weighed[term], Factors(counts));
        Assert.True(weighed.Sum(term => term.Sum()) > plain.Sum(term => term.Sum()));
        if (config is AtssConfig atss) {
            (HeadAssignment costly, _, _) = Step(atss with { Assigner = new AtssAssigner(9, Alpha: 0.8f) });
            Assert.Contains(costly.ForClasses, k => k > 0);
        }
    }

    [Theory]
    [InlineData("retinanet_r18_demo")]
    [InlineData("ddod_r18_demo")]
    [InlineData("atss_r18_demo")]
    public void Several_anchors_a_cell_learn_and_detect(string name) {
        DenseConfig config = (AnchorConfig)Presets.Find(name) with {
            FirstConv = new(),
            Ratios = [0.5f, 1, 2],
            Scales = [4, 6],
            CenterOffset = 0.5f,
            Assigner = new AtssAssigner(9, Alpha: 0.8f),
            BoxAssigner = new AtssAssigner(9, Alpha: 0.5f),
            LevelBalance = new(),
        };
        (HeadAssignment assigned, long[] counts, float[][] losses) = Step(config);
        Assert.Equal(6 * (20 * 20 + 10 * 10 + 5 * 5 + 3 * 3), assigned.ForBoxes.Length);
        Assert.Contains(assigned.ForBoxes, k => k > 0);
        Assert.Equal(4, counts.Length);
        Assert.All(losses, term => Assert.All(term, loss => Assert.True(loss >= 0)));
        using var scope = new TensorScope();
        using var detector = (DenseDetector)Detector.Build(config with { Test = config.Test with { ScoreThreshold = 0 } }, 3);
        Assert.All(detector.Detect(Batch(), Images, rescale: false), found => Assert.Equal(config.Test.MaxPerImage, found.Count));
    }

    [Fact]
    public void Counts_are_refused_where_none_are_kept() {
        using var detector = (DenseDetector)Detector.Build(Demo with { LevelBalance = null });
        Assert.Throws<GraphException>(() => detector.Head.LevelCounts = [1, 2]);
    }

    private static void Same(float[] plain, float[] weighed, double[] factors) {
        for (int level = 0; level < plain.Length; level++)
            Assert.Equal(plain[level] * factors[level], weighed[level], 1e-5 * Math.Abs(weighed[level]));
    }

    private static double[] Factors(long[] counts) =>
        [.. counts.Select(count => 2 - (count - counts.Min()) / (double)(counts.Max() - counts.Min()))];

    /// <summary>What the first picture's anchors learn in a first step, the counts after it, and the losses by level.</summary>
    private static (HeadAssignment Assigned, long[] Counts, float[][] Losses) Step(DenseConfig config) {
        using var scope = new TensorScope();
        using var detector = (DenseDetector)Detector.Build(config, 3);
        IReadOnlyList<HeadOutput> outputs = detector.Forward(Batch());
        float[][] losses = [.. detector.Head.Losses(outputs, Images, Truths).Select(term => term.Value.ToArray())];
        return (detector.Head.Assign(outputs, 0, Images[0], Truths[0]), [.. detector.Head.LevelCounts], losses);
    }

    private static (long[] Classes, long[] Boxes) Positives(DenseConfig config) {
        using var scope = new TensorScope();
        using var detector = (DenseDetector)Detector.Build(config, 3);
        IReadOnlyList<HeadOutput> outputs = detector.Forward(Batch());
        long[] ofClasses = new long[outputs.Count], ofBoxes = new long[outputs.Count];
        for (int picture = 0; picture < 2; picture++) {
            HeadAssignment assigned = detector.Head.Assign(outputs, picture, Images[picture], Truths[picture]);
            int start = 0;
            for (int level = 0; level < outputs.Count; level++) {
                int size = outputs[level].Size.Vertical * outputs[level].Size.Horizontal;
                ofClasses[level] += assigned.ForClasses.Skip(start).Take(size).Count(k => k > 0);
                ofBoxes[level] += assigned.ForBoxes.Skip(start).Take(size).Count(k => k > 0);
                start += size;
            }
        }
        return (ofClasses, ofBoxes);
    }

    private static Tensor Batch() => Draws.Normal(2, 160, 160, 3)(new Philox(8), HostDevice.Default);
}
