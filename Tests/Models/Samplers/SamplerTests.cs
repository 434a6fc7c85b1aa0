using System.Text.Json;
using DenseEngine.Models;
using DenseEngine.Ops;
using Xunit;

namespace DenseEngine.Tests;

/// <summary>Samplers where the fixtures have no case: their rules by numbers, and scenes of which something is missing.</summary>
public class SamplerTests {
    private static readonly GroundTruth Nothing = new([], []);

    public static TheoryData<string> Kinds => [.. All(4, 0.5).Select(sampler => sampler.GetType().Name)];

    [Fact]
    public void Bins_that_hold_too_few_are_filled_up_from_the_rest() {
        float[] overlaps = [.. Overlaps(800, 0.1f), .. Overlaps(120, 0.4f), .. Overlaps(80, 0.7f)];
        var choice = new CountingChoice();
        Sampling sampled = new IouBalancedNegSampler(333, 0, AddTruths: true)
            .Sample(Boxes(1000), new Assignment(new int[1000], overlaps), new GroundTruth([new Box(0, 0, 9, 9)], [0]), choice, new());
        Assert.Equal([(1, 0), (800, 111), (120, 111), (1000 - 302, 31)], choice.Draws);   // of the added object, none
        Assert.Equal(333, sampled.Negatives.Length);
        Assert.Equal(80, sampled.Negatives.Count(i => overlaps[i - 1] == 0.7f));
        Assert.Equal(111, choice.Picked.Skip(1).First().Count(i => overlaps[i - 1] == 0.1f));
    }

    [Fact]
    public void The_largest_overlap_is_in_no_bin() {
        float[] overlaps = [.. Overlaps(5, 0.1f), .. Overlaps(5, 0.3f)];
        var choice = new CountingChoice();
        new IouBalancedNegSampler(6, 0, Bins: 2, AddTruths: false)
            .Sample(Boxes(10), new Assignment(new int[10], overlaps), Nothing, choice, new());
        Assert.Equal([(5, 3), (7, 3)], choice.Draws);
    }

    [Fact]
    public void Without_a_floor_overlaps_of_zero_are_drawn_by_bins_the_first_time_only() {
        float[] overlaps = [.. Overlaps(20, 0), .. Overlaps(20, 0.4f)];
        var sampler = new IouBalancedNegSampler(10, 0, Bins: 2, AddTruths: false);
        var memory = new SamplerMemory();
        Assert.Equal([(20, 5), (20, 5)], Drawn());
        Assert.True(memory.FloorIsZero);
        Assert.Equal([(20, 5), (15, 5), (20, 0)], Drawn());

        List<(int, int)> Drawn() {
            var choice = new CountingChoice();
            sampler.Sample(Boxes(41), new Assignment([.. new int[40], 1], [.. overlaps, 0.8f]), Nothing, choice, memory);
            return choice.Draws[1..];
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Scenes_of_which_something_is_missing(string kind) {
        var objects = new GroundTruth([new Box(0, 0, 4, 4), new Box(1, 1, 3, 3)], [0, 1]);
        foreach (int count in (int[])[0, 1, 4, 100]) {
            foreach (double fraction in (double[])[0, 0.3, 0.5, 1]) {
                Sampler sampler = All(count, fraction).Single(each => each.GetType().Name == kind);
                Holds(sampler, [], Nothing);
                Holds(sampler, [], objects);
                Holds(sampler, [0], Nothing);
                Holds(sampler, [1], objects);
                Holds(sampler, [-1, -1, -1], objects);
                Holds(sampler, new int[50], Nothing);
                Holds(sampler, [.. Enumerable.Repeat(1, 50)], objects);
                Holds(sampler, [.. Enumerable.Range(0, 60).Select(i => i % 4 - 1)], objects);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Json_keeps_a_sampler(string kind) {
        Sampler sampler = All(17, 0.3).Single(each => each.GetType().Name == kind);
        Assert.Equal(sampler, JsonSerializer.Deserialize<Sampler>(JsonSerializer.Serialize(sampler)));
    }

    [Fact]
    public void Settings_out_of_range_are_refused() {
        Sampler[] wrong = [new RandomSampler(-1, 0.5), new RandomSampler(4, 1.1), new RandomSampler(4, double.NaN),
            new RandomSampler(4, 0.5, double.NaN), new IouBalancedNegSampler(4, 0.5, -0.5), new IouBalancedNegSampler(4, 0.5, 0, 1.5),
            new IouBalancedNegSampler(4, 0.5, Bins: 0),
            new CombinedSampler(4, 0.5, new PseudoSampler(), new RandomSampler(4, 0.5)),
            new CombinedSampler(4, 0.5, new RandomSampler(4, 0.5), new IouBalancedNegSampler(4, 0.5, Bins: 0))];
        foreach (Sampler sampler in wrong) Assert.Throws<ConfigException>(sampler.Validate);
        foreach (Sampler sampler in All(4, 0.5)) sampler.Validate();
    }

    [Fact]
    public void Mistaken_calls_are_refused() {
        var assignment = new Assignment([0, 0, 0], [0, 0, 0]);
        var random = new RandomSampler(1, 0.5);
        Assert.Throws<ArgumentException>(() => random.Sample(Boxes(2), assignment, Nothing, new TorchChoice(1), new()));
        var hard = new OhemSampler(1, 0.5);
        Assert.Throws<InvalidOperationException>(() => hard.Sample(Boxes(3), assignment, Nothing, new TorchChoice(1), new()));
        Assert.Throws<InvalidOperationException>(() =>
            hard.Sample(Boxes(3), assignment, Nothing, new TorchChoice(1), new(), (_, _, _) => [1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new TorchChoice(1).Choose([1, 2], 3));
        Assert.Throws<ArgumentOutOfRangeException>(() => new TorchChoice(1).Choose([1, 2], -1));
    }

    [Fact]
    public void The_hardest_are_the_largest_losses_and_of_equal_ones_the_first() {
        float[] losses = [1, float.NaN, 3, 3, 2, 3];
        Sampling sampled = new OhemSampler(3, 0, AddTruths: false).Sample(Boxes(6), new Assignment(new int[6], new float[6]), Nothing,
            new CountingChoice(), new(), (some, _, _) => [.. some.Select(i => losses[i])]);
        Assert.Equal([1, 2, 3], sampled.Negatives);
    }

    /// <summary>What holds of every sampler whatever it is given.</summary>
    private static void Holds(Sampler sampler, int[] truths, GroundTruth truth) {
        Box[] boxes = Boxes(truths.Length);
        var assignment = new Assignment(truths, [.. truths.Select((_, i) => i % 7 / 7f)]);
        Sampling one = Sample(), again = Sample();
        Assert.Equal(one.Positives, again.Positives);
        Assert.Equal(one.Negatives, again.Negatives);
        int added = sampler.AddTruths ? truth.Boxes.Length : 0;
        int[] all = [.. Enumerable.Range(1, added), .. truths];
        Assert.Equal(one.Positives.Distinct().Order(), one.Positives);
        Assert.Equal(one.Negatives.Distinct().Order(), one.Negatives);
        Assert.All(one.Positives.Zip(one.Truths), each => Assert.Equal(all[each.First], each.Second + 1));
        Assert.All(one.Negatives, i => Assert.Equal(0, all[i]));
        Assert.Equal([.. one.Positives.Concat(one.Negatives).Select(i => i < added ? truth.Boxes[i] : boxes[i - added])], one.Boxes);
        if (sampler is PseudoSampler) return;
        int positives = (int)(sampler.Count * sampler.PositiveFraction);
        positives = Math.Min(positives, all.Count(k => k > 0));
        Assert.InRange(one.Positives.Length, sampler is InstanceBalancedPosSampler ? Math.Min(positives, 1) : positives, positives);
        Assert.Equal(Math.Min(sampler.Count - one.Positives.Length, all.Count(k => k == 0)), one.Negatives.Length);

        Sampling Sample() => sampler.Sample(boxes, assignment, truth, TorchChoice.For(3, 14), new SamplerMemory(),
            (some, _, _) => [.. some.Select(i => (i * 7 % 5) / 4f)]);
    }

    private static Sampler[] All(int count, double fraction) => [new RandomSampler(count, fraction), new PseudoSampler(),
        new OhemSampler(count, fraction), new InstanceBalancedPosSampler(count, fraction),
        new IouBalancedNegSampler(count, fraction, 0.2, 0.3),
        new CombinedSampler(count, fraction, new RandomSampler(1, 1), new IouBalancedNegSampler(1, 1))];

    private static Box[] Boxes(int count) => [.. Enumerable.Range(0, count).Select(i => new Box(i, i, i + 5, i + 7))];

    private static IEnumerable<float> Overlaps(int count, float value) => Enumerable.Repeat(value, count);

    /// <summary>Takes the first ones and notes how many of how many were wanted.</summary>
    private sealed class CountingChoice : RandomChoice {
        public List<(int Of, int Wanted)> Draws { get; } = [];

        public List<int[]> Picked { get; } = [];

        public override int[] Choose(IReadOnlyList<int> gallery, int count) {
            Draws.Add((gallery.Count, count));
            Picked.Add([.. gallery.Take(count)]);
            return Picked[^1];
        }
    }
}
