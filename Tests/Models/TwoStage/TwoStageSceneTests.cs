using DenseEngine.Models;
using DenseEngine.Ops;
using Xunit;

namespace DenseEngine.Tests;

/// <summary>Two-stage detectors on scenes and with samplers that leave little or nothing to learn from.</summary>
public class TwoStageSceneTests {
    private const int Size = 96;

    private static readonly GroundTruth Empty = new([], []);

    private static readonly GroundTruth Border = new([new Box(-20, -10, 30, 25), new Box(60, 70, 96, 96), new Box(0, 0, 96, 96),
        new Box(40, 40, 40.5f, 41)], [0, 1, 2, 0]);

    public static TheoryData<string> Samplers => [.. Kinds.Keys];

    private static Dictionary<string, (Sampler Anchors, Sampler Regions)> Kinds { get; } = new() {
        ["published"] = (new RandomSampler(256, 0.5, AddTruths: false), new RandomSampler(512, 0.25)),
        ["nothing"] = (new RandomSampler(0, 0.5, AddTruths: false), new RandomSampler(0, 0.25)),
        ["one"] = (new RandomSampler(1, 0.5, AddTruths: false), new RandomSampler(1, 0.5)),
        ["positives"] = (new RandomSampler(16, 1, 0, AddTruths: false), new RandomSampler(16, 1, 0)),
        ["everything"] = (new PseudoSampler(), new PseudoSampler()),
        ["balanced"] = (new IouBalancedNegSampler(32, 0.5, 0.1, 0.5, AddTruths: false), new CombinedSampler(32, 0.25,
            new InstanceBalancedPosSampler(32, 0.25), new IouBalancedNegSampler(32, 0.25))),
        ["hard"] = (new InstanceBalancedPosSampler(32, 0.5, AddTruths: false), new OhemSampler(8, 0.25, 2)),
    };

    [Theory]
    [MemberData(nameof(Samplers))]
    public void Losses_are_finite_and_the_same_again(string kind) {
        using TwoStageDetector detector = Make(kind);
        foreach (GroundTruth[] truths in (GroundTruth[][])[[Empty, Empty], [Border, Empty], [Border, Border]]) {
            float[] first = Step(detector, truths), again = Step(detector, truths);
            Assert.Equal(first.Length, again.Length);
            if (kind != "balanced") Assert.Equal(first, again);   // that one remembers that it has drawn before
            Assert.All(first, value => Assert.True(float.IsFinite(value)));
        }
    }

    [Fact]
    public void Without_objects_boxes_learn_nothing_and_classes_learn_that() {
        using TwoStageDetector detector = Make("published");
        using var scope = new TensorScope();
        IReadOnlyList<LossTerm> terms = detector.Losses(Batch(), Images, [Empty, Empty], new TorchChoice(1));
        foreach (LossTerm term in terms)
            Assert.Equal(term.Name.EndsWith("bbox", StringComparison.Ordinal), term.Value.ToArray().Sum() == 0);
        LossTerm.Total(terms).Backward();
        foreach ((string name, Parameter parameter) in detector.Roi.Parameters().Concat(detector.Rpn.Parameters())) {
            bool learns = parameter.Value.Grad is { } gradient && gradient.ToArray().Any(value => value != 0);
            Assert.Equal(!name.Contains("reg", StringComparison.Ordinal), learns);
        }
    }

    [Fact]
    public void Draws_decide_the_losses() {
        using TwoStageDetector detector = Make("hard");
        using TwoStageDetector other = Make("balanced");
        GroundTruth[] truths = [Border, Border];
        Assert.NotEqual(Step(other, truths, new TorchChoice(1)), Step(other, truths, new TorchChoice(2)));
        Assert.True(detector.Config is FasterRcnnConfig { Roi.Sampler.NeedsLosses: true });
    }

    /// <summary>Each picture of a batch has what it would have alone, also beside one in which no region was proposed.</summary>
    [Fact]
    public void A_picture_without_proposals_stands_beside_one_with() {
        using TwoStageDetector detector = Make("published");
        detector.Train(false);
        using var scope = new TensorScope();
        using var noGrad = new NoGrad();
        Tensor[] levels = detector.View(Batch()).Levels;
        var some = new Proposals([new Box(3, 4, 40, 50), new Box(20, 20, 31, 75), new Box(7, 9, 7, 9)], [0.9f, 0.5f, 0.1f]);
        Proposals none = new([], []);
        TestConfig all = detector.Config.Test with { ScoreThreshold = 0 };
        Detection[][] Found(params Proposals[] proposals) =>
            [.. TwoStageTests.Detect(detector, levels, proposals, Images, all).Select(each => each.ToArray())];
        Detection[][] both = Found(some, some), first = Found(some, none), second = Found(none, some), neither = Found(none, none);
        Assert.NotEmpty(both[0]);
        Assert.NotEmpty(both[1]);
        Assert.Equal([both[0], []], first);
        Assert.Equal([[], both[1]], second);
        Assert.Equal([[], []], neither);
    }

    private static readonly ImageInfo[] Images = [new(Size, Size, Size, Size), new(Size - 20, Size - 40, Size, Size)];

    private static TwoStageDetector Make(string kind) {
        var demo = (FasterRcnnConfig)Presets.Find("faster_rcnn/faster_rcnn_r18_demo");
        var detector = (TwoStageDetector)Detector.Build(demo with {
            Classes = ["a", "b", "c"],
            Rpn = demo.Rpn with { Sampler = Kinds[kind].Anchors },
            Roi = demo.Roi with { Sampler = Kinds[kind].Regions, FcChannels = 32 },
        }, 3);
        detector.Train();
        return detector;
    }

    private static Tensor Batch() {
        var random = new Philox(7);
        return Tensor.From([.. Enumerable.Range(0, 2 * Size * Size * 3).Select(_ => random.NextNormal())], [2, Size, Size, 3]);
    }

    /// <summary>All terms, and the sum of each gradient.</summary>
    private static float[] Step(TwoStageDetector detector, GroundTruth[] truths, RandomChoice? choice = null) {
        using var scope = new TensorScope();
        foreach ((_, Parameter parameter) in detector.Parameters()) parameter.Value.Grad = null;
        IReadOnlyList<LossTerm> terms = detector.Losses(Batch(), Images, truths, choice ?? new TorchChoice(5));
        LossTerm.Total(terms).Backward();
        return [.. terms.SelectMany(term => term.Value.ToArray()),
            .. detector.Parameters().Select(named => named.Parameter.Value.Grad?.ToArray().Sum() ?? 0)];
    }
}
