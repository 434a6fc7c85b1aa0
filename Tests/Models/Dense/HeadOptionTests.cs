using DenseEngine.Models;
using DenseEngine.Ops;
using Xunit;

namespace DenseEngine.Tests;

/// <summary>What heads can do that their originals cannot.</summary>
public class HeadOptionTests {
    /// <summary>The project's own cases; what is asked of options is not in question for others.</summary>
    public static TheoryData<string> Cases => [.. Own];

    /// <summary>Without DDOD, whose branches count differently: DdodTests.</summary>
    public static TheoryData<string> CasesOfOneAssigner => [.. Own.Where(name => name != "ddod_r18")];

    private static IEnumerable<string> Own => DetectorFixture.DenseCases.Where(name => !name.Contains(':', StringComparison.Ordinal));

    /// <summary>A level's factor multiplies what its outputs' gradients are without it, whatever the losses sum over.</summary>
    [Theory]
    [MemberData(nameof(Cases))]
    public void Levels_are_weighted(string name) {
        var weights = new LevelWeights(1, 0);
        Tensor[][] plain = Gradients(name, config => config), weighted = Gradients(name, config => config with { LevelWeights = weights });
        Assert.All(weighted[^1], gradient => Assert.All(gradient.ToArray(), value => Assert.Equal(0, value)));
        for (int level = 0; level < plain.Length; level++)
            foreach ((Tensor before, Tensor after) in plain[level].Zip(weighted[level]))
                CloseTo(before, weights.At(level, plain.Length), after, $"{name} level {level}");
        Assert.Contains(plain[0], gradient => gradient.ToArray().Any(value => value != 0));
    }

    /// <summary>DDOD's third part on any head: in a first step both branches count the same positives, so that they have the same
    /// factors.</summary>
    [Theory]
    [MemberData(nameof(CasesOfOneAssigner))]
    public void Levels_are_balanced_by_their_positives(string name) {
        IReadOnlyList<long> counts = [];
        Tensor[][] plain = Gradients(name, config => config),
            balanced = Gradients(name, config => config with { LevelBalance = new() }, head => counts = head.LevelCounts);
        Assert.Equal(plain.Length, counts.Count);
        (long least, long most) = (counts.Min(), counts.Max());
        Assert.True(most > least);
        for (int level = 0; level < plain.Length; level++)
            foreach ((Tensor before, Tensor after) in plain[level].Zip(balanced[level]))
                CloseTo(before, 2 - (counts[level] - least) / (float)(most - least), after, $"{name} level {level}");
    }

    /// <summary>DDOD's assigners and balance on points: each branch learns with its own assigner, whose positives its counts are.</summary>
    [Theory]
    [InlineData("fcos_r18")]
    [InlineData("fcos_r18_plus")]
    public void Fcos_takes_the_parts_of_DDOD(string name) {
        using DetectorFixture fixture = DetectorFixture.Load(name);
        Assigner one = new AtssAssigner(9, Alpha: 0.8f), other = new AtssAssigner(4, Alpha: 0.5f);
        (HeadAssignment[] found, IReadOnlyList<long> counts, int[] sizes) = Of(one, other);
        (HeadAssignment[] turned, _, _) = Of(other, one);
        for (int i = 0; i < found.Length; i++) {
            Assert.Equal(found[i].ForClasses, turned[i].ForBoxes);
            Assert.Equal(found[i].ForBoxes, turned[i].ForClasses);
        }
        Assert.NotEqual(found[0].ForClasses, found[0].ForBoxes);
        Assert.Equal([.. Positives(each => each.ForClasses), .. Positives(each => each.ForBoxes)], counts);
        Assert.All([counts.Take(sizes.Length), counts.Skip(sizes.Length)], branch => Assert.Contains(branch, count => count > 0));

        (HeadAssignment[], IReadOnlyList<long>, int[]) Of(Assigner ofClasses, Assigner ofBoxes) {
            using DenseDetector detector = Changed(fixture, config => (FcosConfig)config with {
                Assigner = ofClasses,
                BoxAssigner = ofBoxes,
                LevelBalance = new(Separate: true),
            });
            IReadOnlyList<HeadOutput> outputs = detector.Forward(fixture.Batch);
            HeadAssignment[] assigned = detector.Head.AssignAll(outputs, fixture.Images, fixture.Truths);
            IReadOnlyList<LossTerm> losses = detector.Head.Losses(outputs, fixture.Images, fixture.Truths);
            Assert.All(losses, term => Assert.True(term.Value.Item() > 0));
            return (assigned, detector.Head.LevelCounts, [.. outputs.Select(output => output.Size.Vertical * output.Size.Horizontal)]);
        }

        IEnumerable<long> Positives(Func<HeadAssignment, int[]> branch) => sizes.Select((size, level) => found.Sum(each =>
            branch(each).Skip(sizes.Take(level).Sum()).Take(size).LongCount(k => k > 0)));
    }

    [Fact]
    public void Fcos_refuses_assigners_that_need_other_priors() {
        var refused = new FcosConfig { Assigner = new MaxIouAssigner() };
        Assert.Contains("alpha", Assert.Throws<ConfigException>(() => Detector.Build(refused)).Message, StringComparison.Ordinal);
    }

    /// <summary>The class branch and the box branch may learn with thresholds of their own; equal ones change no bit.</summary>
    [Fact]
    public void RetinaNet_may_assign_boxes_by_other_thresholds() {
        const string name = "retinanet_r50";
        float[][] plain = Losses(name, config => config),
            equal = Losses(name, config => (RetinaConfig)config with { BoxAssigner = ((RetinaConfig)config).Assigner }),
            other = Losses(name, config => (RetinaConfig)config with { BoxAssigner = new MaxIouAssigner(0.3f, 0.3f) });
        Assert.Equal(plain, equal);
        Assert.Equal(plain[0], other[0]);
        Assert.NotEqual(plain[1], other[1]);
    }

    public static TheoryData<RegressionLoss> LossesOfBoxes => [new GiouLoss(), new L1Loss()];

    /// <summary>As mmdetection with <c>reg_decoded_bbox</c>: 0 if all are right.</summary>
    [Theory]
    [MemberData(nameof(LossesOfBoxes))]
    public void RetinaNet_may_learn_decoded_boxes(RegressionLoss loss) {
        using DetectorFixture fixture = DetectorFixture.Load("retinanet_r50");
        var config = (RetinaConfig)fixture.Detector.Config with { BoxLoss = loss, DecodedBoxes = !loss.OfBoxes };
        using var head = (RetinaHead)config.CreateHead();
        IReadOnlyList<HeadOutput> outputs = fixture.Dense.Forward(fixture.Batch);
        GroundTruth truth = fixture.Truths[0];
        int[] assigned = head.Assign(outputs, 0, fixture.Images[0], truth).ForBoxes;
        float[][] right = [.. outputs.Select(output => new float[output.Boxes.Count / output.Boxes.Shape[0]])];
        AnchorGenerator anchors = config.Anchors();
        int first = 0;
        for (int level = 0; level < right.Length; level++) {
            (int height, int width) = outputs[level].Size;
            Box[] all = anchors.Anchors(level, height, width);
            for (int i = 0; i < all.Length; i++)
                if (assigned[first + i] > 0)
                    config.Coder.Encode(Of(all[i]), Of(truth.Boxes[assigned[first + i] - 1])).ToArray().CopyTo(right[level], 4 * i);
            first += all.Length;
        }
        HeadOutput[] perfect = [.. outputs.Select((output, i) => new HeadOutput(Op.Slice(output.Scores, 0, 0, 1),
            Tensor.From(right[i], [1, output.Size.Vertical, output.Size.Horizontal, output.Boxes.Shape[3]])))];
        float[] BoxLoss(HeadOutput[] given) => head.Losses(given, [fixture.Images[0]], [truth])[1].Value.ToArray();
        Assert.All(BoxLoss(perfect), value => Assert.InRange(value, -1e-5f, 1e-4f));
        float[] wrong = BoxLoss([.. perfect.Select(output => output with { Boxes = output.Boxes + 0.1f })]);
        Assert.Contains(wrong, value => value > (loss.OfBoxes ? 0.01f : 1));   // an overlap's share, or pixels
    }

    /// <summary>A coder's <c>clip_border=False</c>.</summary>
    [Fact]
    public void Boxes_may_leave_the_picture() {
        using DetectorFixture fixture = DetectorFixture.Load("retinanet_r50");
        Detections[] Found(bool cut) {
            var config = (RetinaConfig)fixture.Detector.Config;
            using DenseDetector detector = Changed(fixture, _ => config with {
                Coder = config.Coder with { ClipBorder = cut },
                Test = new TestConfig(0.01f, 1000, IouThreshold: 1, MaxPerImage: 2000),   // nothing is suppressed
            });
            detector.Train(false);
            return [.. detector.Detect(fixture.Batch, fixture.Images, rescale: false)];
        }
        Detections[] cut = Found(true), whole = Found(false);
        for (int i = 0; i < cut.Length; i++)
            Assert.Equal(cut[i], whole[i].Select(one =>
                one with { Box = one.Box.Clip(fixture.Images[i].Width, fixture.Images[i].Height) }));
        Assert.NotEqual(cut[0], whole[0]);
    }

    private static void CloseTo(Tensor before, float factor, Tensor after, string where) {
        float[] expected = Array.ConvertAll(before.ToArray(), value => value * factor);
        Compare.Close("level factors", where, Tensor.From(expected, before.Shape), after, 1e-6 * expected.Max(Math.Abs), 1e-5);
    }

    private static float[][] Losses(string name, Func<DenseConfig, DenseConfig> change) {
        using DetectorFixture fixture = DetectorFixture.Load(name);
        using DenseDetector detector = Changed(fixture, change);
        return [.. detector.Losses(fixture.Batch, fixture.Images, fixture.Truths).Select(term => term.Value.ToArray())];
    }

    /// <summary>The gradients of each level's outputs.</summary>
    private static Tensor[][] Gradients(string name, Func<DenseConfig, DenseConfig> change, Action<DenseHead>? after = null) {
        using DetectorFixture fixture = DetectorFixture.Load(name);
        using DenseDetector detector = Changed(fixture, change);
        HeadOutput[] leaves = [.. detector.Forward(fixture.Batch).Select(output => new HeadOutput(Leaf(output.Scores)!, Leaf(output.Boxes)!,
            Leaf(output.Quality), Leaf(output.Refined)))];
        LossTerm.Total(detector.Head.Losses(leaves, fixture.Images, fixture.Truths)).Backward();
        after?.Invoke(detector.Head);
        return [.. leaves.Select(leaf => ((Tensor?[])[leaf.Scores, leaf.Boxes, leaf.Quality, leaf.Refined]).OfType<Tensor>()
            .Select(tensor => tensor.Grad ?? Tensor.Zeros(tensor.Shape)).ToArray())];
    }

    private static DenseDetector Changed(DetectorFixture fixture, Func<DenseConfig, DenseConfig> change) {
        var detector = (DenseDetector)Detector.Build(change((DenseConfig)fixture.Detector.Config));
        using CheckpointFile file = CheckpointFile.Open(Path.Combine(fixture.Folder, "checkpoint.pth"));
        detector.Load(file);
        detector.Train();
        return detector;
    }

    private static Tensor Of(Box box) => LevelTargets.OfBoxes([box], HostDevice.Default);

    private static Tensor? Leaf(Tensor? output) {
        if (output is null) return null;
        Tensor leaf = Tensor.From(output.ToArray(), output.Shape);
        leaf.RequiresGrad = true;
        return leaf;
    }
}
