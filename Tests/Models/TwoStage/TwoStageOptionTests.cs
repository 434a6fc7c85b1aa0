using DenseEngine.Models;
using DenseEngine.Ops;
using Xunit;

namespace DenseEngine.Tests;

/// <summary>What the cases of two-stage detectors leave open: other losses on boxes, other texts, pictures without anything.</summary>
public class TwoStageOptionTests {
    private const string Case = "faster_rcnn_r18_fpn";

    public static TheoryData<string> Places => [.. GpuCase.Everywhere([Case]).Select(row => (string)row[1])];

    /// <summary>Losses on decoded boxes, of a box for each class or one for all, against a direct computation in double
    /// precision.</summary>
    [Theory]
    [InlineData("L1", false)]
    [InlineData("L1", true)]
    [InlineData("IoU", false)]
    [InlineData("IoU", true)]
    [InlineData("GIoU", false)]
    public void Losses_on_decoded_boxes_hold(string kind, bool agnostic) {
        RegressionLoss loss = kind switch {
            "L1" => new L1Loss(3),
            "IoU" => new IouLoss(3, Mode: IouLossMode.Linear),
            _ => new GiouLoss(3),
        };
        using DetectorFixture fixture = DetectorFixture.Load(Case);
        var config = (FasterRcnnConfig)fixture.Detector.Config;
        using var detector = (TwoStageDetector)Detector.Build(config with {
            Roi = config.Roi with { BoxLoss = loss, DecodedBoxes = kind == "L1", ClassAgnostic = agnostic },
        }, 4);
        detector.Roi.Initialize(new Philox(9));
        (Tensor[] levels, _) = detector.View(fixture.Batch);
        GroundTruth[] truths = fixture.Truths;
        Sampling[] samples = [.. truths.Select(truth => new Sampling([.. Enumerable.Range(0, truth.Boxes.Length)], [truth.Boxes.Length],
            [.. Enumerable.Range(0, truth.Boxes.Length)], [.. truth.Boxes.Select(Moved), new Box(1, 2, 30, 20)], 0))];
        float found = detector.Roi.Losses(levels, samples, truths).Single(term => term.Name == "loss_bbox").Value.ToArray()[0];
        float[] codes = detector.Roi.Forward(levels, [.. samples.Select(drawn => drawn.Boxes)]).Codes.ToArray();
        int row = 0, classes = config.Classes.Count, width = agnostic ? 4 : 4 * classes, regions = codes.Length / width;
        double expected = 0;
        foreach ((GroundTruth truth, Sampling drawn) in truths.Zip(samples)) {
            for (int i = 0; i < drawn.Boxes.Length; i++, row++) {
                if (i >= truth.Boxes.Length) continue;   // the negative one
                ReadOnlySpan<float> code = codes.AsSpan(row * width + (agnostic ? 0 : 4 * truth.Labels[i]), 4);
                expected += Cost(kind, Decoded(drawn.Boxes[i], code), truth.Boxes[i]);
            }
        }
        Assert.Equal(3 * expected / regions, found, 1e-4 * Math.Abs(found));
        Assert.True(found > 0.01);
    }

    /// <summary>The losses take training's proposals in whatever mode: this network's norms are the same in both.</summary>
    [Fact]
    public void Losses_in_evaluation_mode_are_those_of_training() {
        using DetectorFixture fixture = DetectorFixture.Load(Case);
        float[] Terms(bool training) {
            fixture.Detector.Train(training);
            return [.. fixture.Detector.Losses(fixture.Batch, fixture.Images, fixture.Truths, new TorchChoice(3))
                .SelectMany(term => term.Value.ToArray())];
        }
        Assert.Equal(Terms(true), Terms(false));
        Assert.Throws<GraphException>(() => fixture.Detector.Losses(fixture.Batch, fixture.Images, fixture.Truths));
    }

    /// <summary>Nothing in any picture: classes learn that, boxes learn nothing, on the host and on kernels alike.</summary>
    [Theory]
    [MemberData(nameof(Places))]
    public void A_batch_without_objects_learns_that_there_are_none(string place) {
        using GpuDevice? gpu = GpuCase.Open(place);
        using DetectorFixture fixture = DetectorFixture.Load(Case, gpu);
        fixture.Detector.Train();
        GroundTruth[] none = [.. fixture.Images.Select(_ => new GroundTruth([], []))];
        IReadOnlyList<LossTerm> terms = fixture.Detector.Losses(fixture.Batch, fixture.Images, none, new TorchChoice(3));
        foreach (LossTerm term in terms)
            Assert.Equal(term.Name.EndsWith("bbox", StringComparison.Ordinal), term.Value.ToArray().Sum() == 0);
        LossTerm.Total(terms).Backward();
        foreach ((string name, Parameter parameter) in fixture.Detector.Parameters().Where(each => each.Parameter.Trains)) {
            float[] gradient = parameter.Value.Grad!.ToArray();
            Assert.True(gradient.All(float.IsFinite), name);
            if (name.Contains("reg", StringComparison.Ordinal)) Assert.All(gradient, value => Assert.Equal(0, value));
        }
    }

    /// <summary>A picture without proposals beside one with some, and a batch without any.</summary>
    [Theory]
    [MemberData(nameof(Places))]
    public void A_picture_without_proposals_has_no_detections(string place) {
        using GpuDevice? gpu = GpuCase.Open(place);
        using DetectorFixture fixture = DetectorFixture.Load(Case, gpu);
        var detector = (TwoStageDetector)fixture.Detector;
        using var noGrad = new NoGrad();
        (Tensor[] levels, IReadOnlyList<HeadOutput> outputs) = detector.View(fixture.Batch);
        Proposals[] all = Proposals.Read(detector.Rpn.Propose(outputs, fixture.Images, training: false), fixture.Images.Length);
        IReadOnlyList<Detections> whole = TwoStageTests.Detect(detector, levels, all, fixture.Images, detector.Config.Test);
        Proposals nothing = new([], []);
        IReadOnlyList<Detections> found = TwoStageTests.Detect(detector, levels, [nothing, all[1], nothing], fixture.Images,
            detector.Config.Test);
        Assert.NotEmpty(whole[1]);
        DetectorComparison.Same(Case, [.. whole[1]], found[1]);
        Assert.Empty(found[0]);
        Assert.All(TwoStageTests.Detect(detector, levels, [nothing, nothing, nothing], fixture.Images, detector.Config.Test),
            Assert.Empty);
        detector.Train();
        Sampling[] samples = [.. fixture.Truths.Select(_ => new Sampling([], [], [], [], 0))];
        Assert.All(detector.Roi.Losses(levels, samples, fixture.Truths), term => Assert.Equal(0, term.Value.ToArray()[0]));
    }

    /// <summary>The same network as mmdetection 3 writes it, as its first versions wrote it, and without proposals of training's
    /// own.</summary>
    [Fact]
    public void Texts_of_other_versions_say_the_same() {
        using DetectorFixture fixture = DetectorFixture.Load(Case);
        using CheckpointFile file = CheckpointFile.Open(Path.Combine(fixture.Folder, "checkpoint.pth"));
        string text = file.Text("meta/config")!, model = text[..text.IndexOf("dataset_type", StringComparison.Ordinal)];
        var own = (FasterRcnnConfig)MmdetConfig.Read(text);
        string three = model.Replace("type='FasterRCNN',", "type='FasterRCNN', data_preprocessor=dict(type='DetDataPreprocessor', "
            + "mean=[123.675, 116.28, 103.53], std=[58.395, 57.12, 57.375], bgr_to_rgb=True, pad_size_divisor=32),",
            StringComparison.Ordinal)
            + "test_dataloader = dict(dataset=dict(metainfo=dict(classes=['rect', 'disc', 'wedge', 'block']), pipeline=[dict("
            + "type='LoadImageFromFile'), dict(type='Resize', scale=(96, 64), keep_ratio=True), dict(type='PackDetInputs')]))\n";
        Same(own, three);
        string old = text.Replace("nms=dict(type='nms', iou_threshold=0.7)", "nms_across_levels=False, nms_post=60, nms_thr=0.7",
            StringComparison.Ordinal).Replace("max_per_img=60", "max_num=60", StringComparison.Ordinal)
            .Replace("output_size=7, sampling_ratio=0", "out_size=7, sample_num=0", StringComparison.Ordinal);
        Assert.Contains("nms_thr", old, StringComparison.Ordinal);
        Assert.Contains("sample_num", old, StringComparison.Ordinal);
        Same(own, old);
        int from = text.IndexOf("        rpn_proposal=dict(", StringComparison.Ordinal), to = text.IndexOf("        rcnn=dict(", from,
            StringComparison.Ordinal);
        Same(own with { Rpn = own.Rpn with { TrainProposals = own.Rpn.TestProposals } }, text.Remove(from, to - from));
        Assert.Throws<ConfigException>(() =>
            MmdetConfig.Read(text.Replace("num_classes=4", "num_classes=4, mask=1", StringComparison.Ordinal)));
    }

    [Fact]
    public void Fine_tuning_takes_another_number_of_classes() {
        using var scope = new TensorScope();
        var demo = (FasterRcnnConfig)Presets.Find("faster_rcnn/faster_rcnn_r18_demo");
        using Detector source = Detector.Build(demo, 1), target = Detector.Build(demo with { Classes = ["a", "b"] }, 2);
        IReadOnlyList<string> skipped = target.LoadToFineTune(source.StateDict().ToDictionary(each => each.Name, each => each.Tensor));
        Assert.Equal(4, skipped.Count);
        Assert.All(skipped, name => Assert.StartsWith("roi_head.bbox_head.fc_", name, StringComparison.Ordinal));
        Assert.Equal(source.StateDict()[0].Tensor.ToArray(), target.StateDict()[0].Tensor.ToArray());
    }

    private static void Same(FasterRcnnConfig expected, string text) => Assert.Equal((expected with { Training = new() }).ToJson(),
        (MmdetConfig.Read(text, expected.Classes) with { Training = new() }).ToJson());

    private static Box Moved(Box box) => new(box.X1 - 3, box.Y1 + 2, box.X2 + 4, box.Y2 + 5);

    /// <summary>Deltas in tenths and fifths of the region's size.</summary>
    private static double[] Decoded(Box region, ReadOnlySpan<float> code) {
        double width = (double)region.X2 - region.X1, height = (double)region.Y2 - region.Y1;
        double x = region.X1 + width / 2 + code[0] * 0.1 * width, y = region.Y1 + height / 2 + code[1] * 0.1 * height;
        double halfWidth = width * Math.Exp(code[2] * 0.2) / 2, halfHeight = height * Math.Exp(code[3] * 0.2) / 2;
        return [x - halfWidth, y - halfHeight, x + halfWidth, y + halfHeight];
    }

    private static double Cost(string kind, double[] a, Box box) {
        double[] b = [box.X1, box.Y1, box.X2, box.Y2];
        if (kind == "L1") return a.Zip(b, (one, other) => Math.Abs(one - other)).Sum();
        double inter = Math.Max(0, Math.Min(a[2], b[2]) - Math.Max(a[0], b[0])) * Math.Max(0, Math.Min(a[3], b[3]) - Math.Max(a[1], b[1]));
        double union = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - inter;
        double around = (Math.Max(a[2], b[2]) - Math.Min(a[0], b[0])) * (Math.Max(a[3], b[3]) - Math.Min(a[1], b[1]));
        return 1 - Math.Max(inter / union, kind == "IoU" ? 1e-6 : 0) + (kind == "GIoU" ? (around - union) / around : 0);
    }
}
