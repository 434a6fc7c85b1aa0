using DenseEngine.Models;
using DenseEngine.Ops;
using Xunit;

namespace DenseEngine.Tests;

/// <summary>VarifocalNet's options beyond those of the fixtures.</summary>
public class VfnetTests {
    private static readonly string Folder = Path.Combine(Fixtures.Repository, "Tests", "Fixtures", "detectors");

    /// <summary>The channels that the original writes, by name: taps row by row, down before across.</summary>
    [Fact]
    public void The_star_has_the_originals_channels_and_a_share_of_the_gradient() {
        using var scope = new TensorScope();
        float[] distances = [8, 16, 24, 32];   // 1, 2, 3 and 4 cells to the left, top, right and bottom
        Tensor x = Tensor.From(distances, [1, 1, 1, 4]);
        x.RequiresGrad = true;
        Tensor star = Star.Offsets(x, gradientMul: 0.25f, stride: 8);
        float[] at = [-2, -1, -2, 0, -2, 3, 0, -1, 0, 0, 0, 3, 4, -1, 4, 0, 4, 3], taps = new float[18];
        for (int tap = 0; tap < 9; tap++) (taps[2 * tap], taps[2 * tap + 1]) = (tap / 3 - 1, tap % 3 - 1);
        Assert.Equal(at.Zip(taps, (a, b) => a - b), star.ToArray());

        float[] weights = [.. Enumerable.Range(1, 18).Select(i => (float)i)];
        Op.Sum(star * Tensor.From(weights, [1, 1, 1, 18])).Backward();
        float[] sums = [-(2 + 8 + 14), -(1 + 3 + 5), 6 + 12 + 18, 13 + 15 + 17];
        Assert.Equal(sums.Select(sum => sum * 0.25f / 8), x.Grad!.ToArray());
    }

    [Fact]
    public void Every_option_of_the_head_is_read() {
        VfnetConfig two = Read(TextOf("vfnet_r18_fcos"));
        Assert.Equal((false, true, 1.5f, 3, false),
            (two.UseAtss, two.CenterSampling, two.CenterSampleRadius, two.RegressRanges.Count, two.DcnOnLastConv));
        string changed = With(TextOf("vfnet_r18"), "use_vfl=True", "use_vfl=False, loss_cls_fl=dict(type='FocalLoss', alpha=0.5), "
            + "gradient_mul=0.3, bbox_norm_type='stride', sync_num_pos=False, conv_bias=True");
        changed = With(With(changed, "dcn_on_last_conv=False", "dcn_on_last_conv=True"), "octave_base_scale=2", "octave_base_scale=6");
        changed = With(With(changed, "'GIoULoss', loss_weight=2.0", "'DIoULoss', loss_weight=3.0"), "topk=9", "topk=4");
        VfnetConfig read = Read(changed);
        Assert.Equal((null, new FocalLoss(2, 0.5f), 0.3f, BoxUnit.Stride, false, true),
            (read.ClassLoss, read.FocalLoss, read.GradientMul, read.BoxUnit, read.SyncNumPos, read.ConvBias));
        Assert.Equal((true, 6, new DiouLoss(3), new AtssAssigner(4), new GiouLoss(1.5f)),
            (read.DcnOnLastConv, read.OctaveBaseScale, read.RefinedBoxLoss, read.Assigner, read.BoxLoss));
        Assert.Equal(read.ToJson(), DetectorConfig.FromJson(read.ToJson()).ToJson());
    }

    [Theory]
    [InlineData("use_atss=True", "use_atss=True, gradient=1", "model.bbox_head.gradient = 1 is not supported")]
    [InlineData("use_atss=True", "bbox_norm_type='none'", "model.bbox_head.bbox_norm_type = 'none' is not supported")]
    [InlineData("type='VFNetHead'", "type='VFNetRawHead'", "model.bbox_head.type = 'VFNetRawHead' is not supported")]
    [InlineData("use_atss=True", "reg_decoded_bbox=False", "model.bbox_head.reg_decoded_bbox = False is not supported")]
    [InlineData("center_offset=0.0,\n            strides=[8, 16, 32, 64]", "strides=[4, 16, 32, 64]",
        "model.bbox_head.anchor_generator.strides = [4, 16, 32, 64] must be the head's")]
    [InlineData("((-1, 32), (32, 64), (64, 128), (128, 100000000.0))", "((-1, 32), (32, 64))", "Points: regressRanges needs two")]
    public void What_is_not_built_is_refused(string part, string replacement, string message) => Assert.StartsWith(message,
        Assert.Throws<ConfigException>(() => Read(With(TextOf("vfnet_r18"), part, replacement))).Message, StringComparison.Ordinal);

    /// <summary>mmdetection 3 has the same head; around it the text differs.</summary>
    [Fact]
    public void The_text_of_mmdetection_3_is_read() {
        string three = TextOf("gfl_r18_mmdet3"), two = TextOf("vfnet_r18");
        string model = With(two[..two.IndexOf("\ndataset_type", StringComparison.Ordinal)], "type='VFNet',",
            "type='mmdet.VFNet', data_preprocessor=dict(type='DetDataPreprocessor', mean=[123.675, 116.28, 103.53], "
            + "std=[58.395, 57.12, 57.375], bgr_to_rgb=True, pad_size_divisor=32),");
        VfnetConfig read = Read(model + three[three.IndexOf("\ndataset_type", StringComparison.Ordinal)..], ["disc", "box", "wedge"]),
            expected = Read(two, ["disc", "box", "wedge"]);
        expected = expected with { Test = expected.Test with { MinBoxSize = 0 }, Training = read.Training };
        Assert.Equal(expected.ToJson(), read.ToJson());
    }

    [Fact]
    public void First_boxes_in_strides_differ_by_their_unit_alone() {
        float[][] byRange = First(config => config), byStride = First(config => config with { BoxUnit = BoxUnit.Stride });
        (float Stride, float Range)[] units = [(8, 32), (16, 64), (32, 128), (64, 256)];   // powers of two: nothing is rounded
        for (int level = 0; level < units.Length; level++) {
            Assert.NotEmpty(byRange[level]);
            Assert.Equal(byRange[level].Select(distance => distance * units[level].Stride / units[level].Range), byStride[level]);
        }
    }

    /// <summary>Without varifocal loss the classes learn by focal loss, which leaves out the cells of the padding.</summary>
    [Fact]
    public void Focal_loss_takes_its_place() {
        using Case of = Changed(config => config with { ClassLoss = null, FocalLoss = new(Alpha: 0.3f) });
        double expected = 0;
        int positives = 0;
        HeadAssignment[] assigned = [.. of.Images.Select((image, i) => of.Head.Assign(of.Outputs, i, image, of.Truths[i]))];
        int start = 0, left = 0;
        foreach (HeadOutput output in of.Outputs) {
            float[] scores = output.Scores.ToArray();
            int cells = output.Size.Vertical * output.Size.Horizontal;
            for (int i = 0; i < scores.Length; i++) {
                int picture = i / (3 * cells), k = assigned[picture].ForClasses[start + i / 3 % cells];
                if (k < 0) left++;
                if (k < 0) continue;
                bool own = k > 0 && of.Truths[picture].Labels[k - 1] == i % 3;
                double p = 1 / (1 + Math.Exp(-(double)scores[i]));
                expected -= own ? 0.3 * (1 - p) * (1 - p) * Math.Log(p) : 0.7 * p * p * Math.Log(1 - p);
                if (k > 0 && i % 3 == 0) positives++;
            }
            start += cells;
        }
        Assert.True(positives > 0 && left > 0);
        Assert.Equal(expected / positives, of.Terms["loss_cls"], 1e-5 * expected / positives);
    }

    [Fact]
    public void Without_objects_only_classes_learn_and_their_divisor_is_an_option() {
        using Case clamped = Changed(config => config, empty: true),
            plain = Changed(config => config with { SyncNumPos = false }, empty: true);
        Assert.Equal((0f, 0f), (clamped.Terms["loss_bbox"], clamped.Terms["loss_bbox_rf"]));
        Assert.True(clamped.Terms["loss_cls"] > 0);
        Assert.Equal(1 + Math.Pow(2, 23), (double)plain.Terms["loss_cls"] / clamped.Terms["loss_cls"], 10.0);
        clamped.Total.Backward();
        Assert.All(clamped.Head.Parameters(),
            each => Assert.DoesNotContain(each.Parameter.Value.Grad!.ToArray(), value => !float.IsFinite(value)));
    }

    [Fact]
    public void Fixed_weights_of_levels_multiply_each_term() {
        using Case plain = Changed(config => config), doubled = Changed(config => config with { LevelWeights = new(2, 2) }),
            finest = Changed(config => config with { LevelWeights = new(1, 0) });
        foreach ((string name, float value) in plain.Terms) {
            Assert.Equal(2 * value, doubled.Terms[name], 1e-6 * value);
            Assert.InRange(finest.Terms[name], 0.01f * value, 0.99f * value);
        }
    }

    /// <summary>Before training their offsets are zero and their masks one half: then they are plain convolutions of half the weights, on
    /// levels down to one cell.</summary>
    [Fact]
    public void Towers_may_end_deformable() {
        const string Last = "_convs.1.conv.";
        VfnetConfig config = VfnetConfig.Demo(["a", "b"]);
        using Detector deformable = Detector.Build(config with { DcnOnLastConv = true }, seed: 3), plain = Detector.Build(config, seed: 4);
        using var scope = new TensorScope();
        Dictionary<string, Tensor> state = deformable.StateDict().ToDictionary(entry => entry.Name, entry => entry.Tensor);
        Assert.Equal(4, state.Keys.Count(name => name.Contains(Last + "conv_offset.", StringComparison.Ordinal)));
        plain.Load(state.Where(entry => !entry.Key.Contains("conv_offset", StringComparison.Ordinal)).ToDictionary(entry => entry.Key,
            entry => entry.Key.StartsWith("bbox_head.", StringComparison.Ordinal) && entry.Key.Contains(Last, StringComparison.Ordinal)
                ? entry.Value * 0.5f : entry.Value));
        var random = new Philox(1);
        Tensor batch = Tensor.From([.. Enumerable.Range(0, 64 * 64 * 3).Select(_ => random.NextNormal())], [1, 64, 64, 3]);
        float[] expected = Terms(plain), found = Terms(deformable);
        for (int i = 0; i < expected.Length; i++) Assert.Equal(expected[i], found[i], 1e-4 * expected[i]);

        foreach (string tower in (string[])["cls", "reg"])
            state[$"bbox_head.{tower}{Last}conv_offset.bias"] = Tensor.Full([27], 0.7f);
        deformable.Load(state);
        Assert.All(Terms(deformable).Zip(expected), pair => Assert.NotEqual(pair.Second, pair.First, 1e-4 * pair.Second));

        float[] Terms(Detector detector) {
            detector.Train();
            using var inner = new TensorScope();
            return [.. detector.Losses(batch, [new ImageInfo(64, 64, 64, 64)], [new GroundTruth([new(8, 8, 50, 40)], [1])])
                .Select(term => term.Value.ToArray().Single())];
        }
    }

    private static float[][] First(Func<VfnetConfig, VfnetConfig> change) {
        using Case of = Changed(change);
        return [.. of.Outputs.Select(output => output.Boxes.ToArray())];
    }

    private static Case Changed(Func<VfnetConfig, VfnetConfig> change, bool empty = false) => new(change, empty);

    private static VfnetConfig Read(string text, IReadOnlyList<string>? classes = null) =>
        Assert.IsType<VfnetConfig>(MmdetConfig.Read(text, classes));

    private static string TextOf(string name) {
        using CheckpointFile file = CheckpointFile.Open(Path.Combine(Folder, name, "checkpoint.pth"));
        return file.Text("meta/config") ?? file.Text("meta/cfg")!;
    }

    private static string With(string text, string part, string replacement) {
        Assert.Contains(part, text, StringComparison.Ordinal);
        return text.Replace(part, replacement, StringComparison.Ordinal);
    }

    /// <summary>The fixture's detector with another configuration, and what it makes of the fixture's batch.</summary>
    private sealed class Case : IDisposable {
        private readonly TensorScope scope = new();
        private readonly DetectorFixture fixture = DetectorFixture.Load("vfnet_r18");

        public Case(Func<VfnetConfig, VfnetConfig> change, bool empty) {
            string path = Path.Combine(fixture.Folder, "checkpoint.pth");
            Detector = (DenseDetector)Models.Detector.Load(path, change((VfnetConfig)fixture.Detector.Config));
            Detector.Train();
            Truths = empty ? [.. fixture.Truths.Select(_ => new GroundTruth([], []))] : fixture.Truths;
            Outputs = Detector.Forward(fixture.Batch);
            IReadOnlyList<LossTerm> terms = Head.Losses(Outputs, Images, Truths);
            Total = LossTerm.Total(terms);
            Terms = terms.ToDictionary(term => term.Name, term => term.Value.ToArray().Single());
        }

        public DenseDetector Detector { get; }

        public DenseHead Head => Detector.Head;

        public ImageInfo[] Images => fixture.Images;

        public GroundTruth[] Truths { get; }

        public IReadOnlyList<HeadOutput> Outputs { get; }

        public Dictionary<string, float> Terms { get; }

        public Tensor Total { get; }

        public void Dispose() {
            Detector.Dispose();
            fixture.Dispose();
            scope.Dispose();
        }
    }
}
