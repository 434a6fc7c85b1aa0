using System.Text.Json;
using DenseEngine.Models;
using DenseEngine.Ops;
using DenseEngine.Training;
using Xunit;

namespace DenseEngine.Tests;

/// <summary>Tiny two-stage detectors against the originals: each stage, losses, gradients, and training steps from recorded
/// samples.</summary>
public class TwoStageTests {
    /// <summary>Each case on the host, and on each device that runs kernels.</summary>
    public static TheoryData<string, string> Cases => GpuCase.Everywhere(DetectorFixture.CasesOf("FasterRCNN"));

    [Theory]
    [MemberData(nameof(Cases))]
    public void Stages_losses_and_gradients_hold(string name, string place) {
        using GpuDevice? gpu = GpuCase.Open(place);
        using DetectorFixture fixture = DetectorFixture.Load(name, gpu);
        var detector = (TwoStageDetector)fixture.Detector;
        RecordedChoice choice = Draws(fixture);
        detector.Train();
        (Tensor[] levels, IReadOnlyList<HeadOutput> outputs) = detector.View(fixture.Batch);
        for (int level = 0; level < levels.Length; level++) {
            fixture.Same($"neck.{level}", DetectorComparison.Nchw(levels[level]), 1e-4);
            fixture.Same($"out.rpn_cls_score.{level}", DetectorComparison.Nchw(outputs[level].Scores), 1e-4);
            fixture.Same($"out.rpn_bbox_pred.{level}", DetectorComparison.Nchw(outputs[level].Boxes), 1e-4);
        }
        var anchors = fixture.Images.Select((image, i) => {
            (AnchorsInside inside, Assignment found) = detector.Rpn.Assign(outputs, image, fixture.Truths[i]);
            Assert.Equal(fixture.Read($"assign.{i}").ToIntArray(), inside.Spread(found.Truths));
            Assert.Equal(fixture.Read($"inside.{i}").ToIntArray().Index().Where(flag => flag.Item != 0).Select(flag => flag.Index),
                inside.Places);
            var sample = detector.Rpn.Sample(outputs, image, fixture.Truths[i], choice);
            SameSample(fixture, $"sample.rpn.{i}", sample.Drawn);
            return sample;
        }).ToArray();
        IReadOnlyList<LossTerm> terms = detector.Rpn.Losses(outputs, anchors, fixture.Truths);
        Proposals[] proposals = SameProposals(fixture, detector, outputs, "proposals");
        Sampling[] samples = [.. proposals.Select((some, i) => {
            Assignment found = detector.Roi.Assign(some, fixture.Truths[i]);
            Assert.Equal(fixture.Read($"assign_rcnn.{i}").ToIntArray(), found.Truths);
            fixture.Close($"overlaps_rcnn.{i}", Floats(found.Overlaps), 1e-4);
            Sampling sample = detector.Roi.Sample(levels, i, some, fixture.Truths[i], choice);
            SameSample(fixture, $"sample.rcnn.{i}", sample);
            return sample;
        })];
        choice.AllMade();
        SameRegions(fixture, detector, levels, samples);
        terms = [.. terms, .. detector.Roi.Losses(levels, samples, fixture.Truths)];
        SameLosses(fixture, name, terms);
        LossTerm.Total(terms).Backward();
        DetectorComparison.Gradients(fixture);
        Assert.DoesNotContain(fixture.Unread, tensor => !tensor.StartsWith("det.", StringComparison.Ordinal)
            && !tensor.StartsWith("test.", StringComparison.Ordinal));
    }

    /// <summary>The same through the one call that training makes.</summary>
    [Theory]
    [MemberData(nameof(Cases))]
    public void Losses_hold_from_recorded_draws(string name, string place) {
        using GpuDevice? gpu = GpuCase.Open(place);
        using DetectorFixture fixture = DetectorFixture.Load(name, gpu);
        RecordedChoice choice = Draws(fixture);
        fixture.Detector.Train();
        IReadOnlyList<LossTerm> terms = fixture.Detector.Losses(fixture.Batch, fixture.Images, fixture.Truths, choice);
        choice.AllMade();
        SameLosses(fixture, name, terms);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Proposals_and_regions_of_the_test_hold(string name, string place) {
        using GpuDevice? gpu = GpuCase.Open(place);
        using DetectorFixture fixture = DetectorFixture.Load(name, gpu);
        using var noGrad = new NoGrad();
        var detector = (TwoStageDetector)fixture.Detector;
        (Tensor[] levels, IReadOnlyList<HeadOutput> outputs) = detector.View(fixture.Batch);
        Proposals[] proposals = SameProposals(fixture, detector, outputs, "test.proposals");
        (Tensor scores, Tensor codes) = detector.Roi.Forward(levels, [.. proposals.Select(some => some.Boxes)]);
        fixture.Same("test.cls_score", scores, 1e-4);
        fixture.Same("test.bbox_pred", codes, 1e-4);
        Assert.DoesNotContain(fixture.Unread, tensor => tensor.StartsWith("test.", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Training_steps_hold_from_recorded_samples(string name, string place) {
        using GpuDevice? gpu = GpuCase.Open(place);
        Queue<(int[], int[])> anchors = [], regions = [];
        using DetectorFixture fixture = DetectorFixture.Load(name, gpu, config => {
            var own = (FasterRcnnConfig)config;
            return own with {
                Rpn = own.Rpn with { Sampler = new ForcedSampler(anchors, own.Rpn.Sampler.AddTruths) },
                Roi = own.Roi with { Sampler = new ForcedSampler(regions, own.Roi.Sampler.AddTruths) },
            };
        });
        var detector = (TwoStageDetector)fixture.Detector;
        using JsonDocument json = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(fixture.Folder, "trajectory.json")));
        using CheckpointFile recorded = CheckpointFile.Open(Path.Combine(fixture.Folder, "trajectory.safetensors"));
        detector.Train();
        using var sgd = new Sgd(detector.Parameters().Select(each => (each.Name, each.Parameter.Value)),
            json.RootElement.GetProperty("momentum").GetSingle(), json.RootElement.GetProperty("weight_decay").GetSingle());
        int number = 0;
        foreach (JsonElement step in json.RootElement.GetProperty("steps").EnumerateArray()) {
            using var scope = new TensorScope();
            for (int i = 0; i < fixture.Images.Length; i++) {
                int[] Read(string stage, string kind) => recorded.Read($"step.{number}.{stage}.{i}.{kind}").ToIntArray();
                anchors.Enqueue((Read("rpn", "pos"), Read("rpn", "neg")));
                regions.Enqueue((Read("rcnn", "pos"), Read("rcnn", "neg")));
            }
            IReadOnlyList<LossTerm> terms = detector.Losses(fixture.Batch, fixture.Images, fixture.Truths, new TorchChoice(0));
            double total = step.GetProperty("loss").GetDouble(), share = number < 5 ? 1e-3 : 0.02;
            foreach (LossTerm term in terms) {
                double expected = step.GetProperty(term.Name).GetDouble();
                Compare.Close("detectors step", $"{name} step {number} {term.Name}", Tensor.Scalar((float)expected), Op.Sum(term.Value),
                    share * expected + 1e-4 * total, 0);
            }
            Tensor loss = LossTerm.Total(terms);
            Compare.Close("detectors step", $"{name} step {number}", Tensor.Scalar((float)total), loss, share * total, 0);
            sgd.ZeroGrad();
            loss.Backward();
            sgd.Step(json.RootElement.GetProperty("lr").GetSingle());
            number++;
        }
        Assert.True(number >= 4, $"{name}: only {number} steps");
    }

    private static Proposals[] SameProposals(DetectorFixture fixture, TwoStageDetector detector, IReadOnlyList<HeadOutput> outputs,
        string kind) {
        Proposals[] proposals = Proposals.Read(detector.Rpn.Propose(outputs, fixture.Images, detector.IsTraining),
            fixture.Images.Length);
        for (int i = 0; i < proposals.Length; i++) {
            float[][] expected = [.. fixture.Read($"{kind}.{i}").ToArray().Chunk(5)];
            Detection[] found = [.. proposals[i].Boxes.Zip(proposals[i].Scores, (box, score) => new Detection(box, score, 0))];
            DetectorComparison.Same($"{kind}.{i}", [.. expected.Select(row =>
                new Detection(new Box(row[0], row[1], row[2], row[3]), row[4], 0))], new Detections(found));
        }
        return proposals;
    }

    /// <summary>What the head finds in the regions of given proposals.</summary>
    internal static IReadOnlyList<Detections> Detect(TwoStageDetector detector, Tensor[] levels, IReadOnlyList<Proposals> proposals,
        ImageInfo[] images, TestConfig test) {
        int most = Math.Max(1, proposals.Max(some => some.Boxes.Length));
        float[] rows = [.. proposals.SelectMany(some => Enumerable.Range(0, most).SelectMany(i => i < some.Boxes.Length
            ? (float[])[some.Boxes[i].X1, some.Boxes[i].Y1, some.Boxes[i].X2, some.Boxes[i].Y2, some.Scores[i], 0, i]
            : [0, 0, 0, 0, 0, -1, 0]))];
        Tensor given = Tensor.From(rows, [rows.Length / Op.DetectionFields, Op.DetectionFields], levels[0].Device);
        return DetectionRows.Download(detector.Roi.Detect(levels, given, images, test, rescale: false), images.Length);
    }

    private static void SameSample(DetectorFixture fixture, string tensor, Sampling sample) {
        Assert.Equal(fixture.Read($"{tensor}.pos").ToIntArray(), sample.Positives);
        Assert.Equal(fixture.Read($"{tensor}.neg").ToIntArray(), sample.Negatives);
        Assert.Equal(fixture.Read($"{tensor}.pos_assigned_gt").ToIntArray(), sample.Truths);
    }

    private static void SameRegions(DetectorFixture fixture, TwoStageDetector detector, Tensor[] levels, Sampling[] samples) {
        Box[][] boxes = [.. samples.Select(sample => sample.Boxes)];
        RoiConfig config = ((FasterRcnnConfig)detector.Config).Roi;
        fixture.Close("roi.boxes", Floats([.. boxes.SelectMany((some, i) => some.SelectMany(box =>
            (float[])[i, box.X1, box.Y1, box.X2, box.Y2]))]), 1e-3);
        Assert.Equal(fixture.Read("roi.levels").ToIntArray(),
            RoiExtractor.Levels([.. boxes.SelectMany(some => some)], config.FinestScale, config.Strides.Count));
        int[] chosen = fixture.Read("roi.feats_index").ToIntArray();
        using (new NoGrad()) {
            Tensor pooled = detector.Roi.Extractor.Extract(levels, boxes).To(HostDevice.Default);
            fixture.Same("roi.feats", FixtureCase.Nchw(Op.IndexSelect(pooled, Tensor.From(chosen, [chosen.Length]), 0)), 1e-4);
            (Tensor scores, Tensor codes) = detector.Roi.Forward(levels, boxes);
            fixture.Same("rcnn.cls_score", scores, 1e-4);
            fixture.Same("rcnn.bbox_pred", codes, 1e-4);
        }
        RegionTargets targets = detector.Roi.Targets(samples, fixture.Truths);
        Assert.Equal(fixture.Read("rcnn.labels").ToIntArray(), targets.Labels);
        Assert.All(fixture.Read("rcnn.label_weights").ToArray(), weight => Assert.Equal(1, weight));
        float[] deltas = config.Coder.Encode(LevelTargets.OfBoxes(targets.Priors, HostDevice.Default),
            LevelTargets.OfBoxes(targets.Boxes, HostDevice.Default)).ToArray(), all = new float[4 * targets.Labels.Length],
            weights = new float[all.Length];
        int positive = 0;
        for (int i = 0; i < targets.Labels.Length; i++) {
            if (targets.Labels[i] == detector.Config.Classes.Count) continue;
            deltas.AsSpan(4 * positive++, 4).CopyTo(all.AsSpan(4 * i));
            weights.AsSpan(4 * i, 4).Fill(1);
        }
        fixture.Close("rcnn.bbox_targets", Floats(all), 1e-3);
        Assert.Equal(fixture.Read("rcnn.bbox_weights").ToArray(), weights);
    }

    private static void SameLosses(DetectorFixture fixture, string name, IReadOnlyList<LossTerm> terms) {
        double total = fixture.Read("loss_total").ToArray()[0];
        Assert.Equal(fixture.Json.GetProperty("losses").EnumerateArray().Select(each => each.GetString()), terms.Select(term => term.Name));
        foreach (LossTerm term in terms)
            Compare.Close("detectors loss", $"{name} {term.Name}", fixture.Read($"loss.{term.Name}"), term.Value, 1e-6 * total, 1e-4);
        Compare.Close("detectors loss", $"{name} total", Tensor.Scalar((float)total), LossTerm.Total(terms), 0, 1e-4);
    }

    /// <summary>The recorded draws; a gallery that is not stored holds the anchors that count and are negative, or positive.</summary>
    private static RecordedChoice Draws(DetectorFixture fixture) =>
        new([.. fixture.Json.GetProperty("draws").EnumerateArray().Select(draw => {
        int number = draw.GetProperty("index").GetInt32(), size = draw.GetProperty("gallery_size").GetInt32();
        int[] picked = fixture.Read($"draw.{number}.picked").ToIntArray();
        if (draw.GetProperty("gallery_stored").GetBoolean()) return (fixture.Read($"draw.{number}.gallery").ToIntArray(), picked);
        string picture = draw.GetProperty("context").GetString()!["rpn.".Length..];
        int[] inside = fixture.Read($"inside.{picture}").ToIntArray();
        int[] assigned = [.. fixture.Read($"assign.{picture}").ToIntArray().Where((_, i) => inside[i] != 0)];
        int[] Where(Func<int, bool> counts) => [.. assigned.Index().Where(each => counts(each.Item)).Select(each => each.Index)];
        int[] negatives = Where(k => k == 0);
        return (negatives.Length == size ? negatives : Where(k => k > 0), picked);
    })]);

    private static Tensor Floats(float[] values) => Tensor.From(values, [values.Length]);
}
