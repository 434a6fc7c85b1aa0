using DenseEngine.Models;
using DenseEngine.Ops;
using DenseEngine.Training;
using Xunit;

namespace DenseEngine.Tests;

/// <summary>Students and teachers: what fits, what is learnt where, and what is not saved.</summary>
public class DistillationTests {
    private static readonly ImageInfo[] Images = [new(90, 60, 96, 64), new(90, 60, 96, 64)];
    private static readonly GroundTruth[] Truths = [new([new(10, 10, 50, 40), new(30, 5, 88, 55)], [1, 0]), new([], [])];

    private static GflConfig Config(params DistillationTerm[] terms) =>
        GflConfig.Demo(["a", "b", "c"]) with { StackedConvs = 1, Distillation = new() { Terms = terms } };

    private static DistilledDetector Make(DenseConfig student, DetectorConfig? teacher = null, ulong seed = 7) =>
        new(Strong(student, 5), Strong(teacher ?? student with { Distillation = null }, seed));

    /// <summary>A detector whose predictions differ from cell to cell.</summary>
    private static Detector Strong(DetectorConfig config, ulong seed) {
        Detector detector = Detector.Build(config, seed);
        foreach (Conv2d convolution in ((DenseDetector)detector).Head.Modules<Conv2d>())
            Initializers.KaimingNormal(convolution, new Philox(seed + 1));
        return detector;
    }

    private static Tensor Batch() => Draws.Normal(2, 64, 96, 3)(new Philox(8), HostDevice.Default);

    private static Dictionary<string, float[]> Losses(DistilledDetector detector) =>
        detector.Losses(Batch(), Images, Truths).ToDictionary(term => term.Name, term => term.Value.ToArray());

    public static TheoryData<string, DistillationTerm> Terms {
        get {
            var data = new TheoryData<string, DistillationTerm> {
                { "main", new LocalizationTerm() },
                { "sum of bins", new LocalizationTerm { Loss = new(10, 0.25f, SumOfBins: true) } },
                { "edges together", new LocalizationTerm { EdgesTogether = true } },
                { "valuable", new LocalizationTerm { Region = new ValuableRegion() } },
                { "valuable, paper", new LocalizationTerm { Region = new ValuableRegion(0.25f, ValuableRule.Paper) } },
                { "negatives", new LocalizationTerm { Region = new NegativeRegion() } },
                { "negatives inside objects", new LocalizationTerm { Region = new NegativeRegion(InsideObjects: true) } },
                { "classes", new ClassTerm() },
                { "classes, valuable", new ClassTerm { Region = new ValuableRegion() } },
                { "pseudo boxes", new PseudoBoxTerm() },
                { "bounded", new TeacherBoundTerm { Margin = 1000 } },
            };
            foreach (FeatureRegion region in Enum.GetValues<FeatureRegion>())
                if (region != FeatureRegion.DecoupledOfficial) data.Add($"features, {region}", new FeatureTerm { Region = region });
            return data;
        }
    }

    /// <summary>Each term alone: it is there, its gradient reaches the student (maps or head), none the teacher; a picture is
    /// empty.</summary>
    [Theory]
    [MemberData(nameof(Terms))]
    public void Each_term_teaches_the_student_alone(string name, DistillationTerm term) {
        using var scope = new TensorScope();
        using DistilledDetector detector = Make(Config(term));
        detector.Train();
        LossTerm found = Assert.Single(detector.Losses(Batch(), Images, Truths), one => one.Name == term.Name);
        float[] levels = found.Value.ToArray();
        Assert.True(levels.Length == 4 && levels.Sum() > 0 && levels.All(float.IsFinite), $"{name}: {string.Join(", ", levels)}");
        LossTerm.Total([found]).Backward();
        Assert.Contains(detector.Parameters(), each => each.Name.StartsWith("neck.", StringComparison.Ordinal)
            && each.Parameter.Value.Grad is { } grad && grad.ToArray().Any(value => value != 0));
        Assert.All(detector.Teacher.Parameters(), each => Assert.True(each.Parameter.Value.Grad is null && !each.Parameter.Trains));
    }

    /// <summary>The heads whose boxes may be distributions, with a region for each.</summary>
    public static TheoryData<string> Heads => ["GFL", "ATSS", "RetinaNet", "FCOS", "FCOS in strides"];

    private static DenseConfig Head(string name) => name switch {
        "GFL" => DenseConfig.Small(new GflConfig { RegMax = 8 }, ["a", "b", "c"]),
        "ATSS" => DenseConfig.Small(new AtssConfig { RegMax = 8 }, ["a", "b", "c"]),
        "RetinaNet" => DenseConfig.Small(new RetinaConfig { RegMax = 8, BoxLoss = new GiouLoss(2) }, ["a", "b", "c"]),
        _ => DenseConfig.Small(new FcosConfig { RegMax = 8, NormOnBbox = name != "FCOS" }, ["a", "b", "c"]) with {
            RegressRanges = [[-1, 64], [64, 128], [128, 256], [256, 1e8f]],
        },
    };

    [Theory]
    [MemberData(nameof(Heads))]
    public void Each_head_with_distributions_learns_from_a_teacher(string name) {
        using var scope = new TensorScope();
        DenseConfig config = Head(name);
        config = config with { Test = config.Test with { ScoreThreshold = 0 } };
        DistillationRegion region = name.StartsWith("FCOS", StringComparison.Ordinal) ? new NegativeRegion() : new ValuableRegion();
        using DistilledDetector detector = Make(config with {
            Distillation = new() {
                Terms = [new LocalizationTerm(), new LocalizationTerm("loss_ld_vlr") { Region = region }, new ClassTerm(),
                    new PseudoBoxTerm()],
            },
        }, config);
        detector.Train();
        IReadOnlyList<LossTerm> terms = detector.Losses(Batch(), Images, Truths);
        LossTerm.Total(terms).Backward();
        Assert.All(terms, term => Assert.True(term.Value.ToArray().Sum() > 0, term.Name));
        Assert.All(detector.Parameters().Where(each => each.Parameter.Trains),
            each => Assert.True(each.Parameter.Value.Grad!.ToArray().All(float.IsFinite), each.Name));
        detector.Train(false);
        Assert.All(detector.Detect(Batch(), Images)[0], found => Assert.Equal(found.Box, found.Box.Clip(90, 60)));
        Assert.NotEmpty(detector.Detect(Batch(), Images)[0]);
    }

    /// <summary>Where all bins are alike each edge lies in the middle of them.</summary>
    [Theory]
    [MemberData(nameof(Heads))]
    public void Boxes_of_distributions_are_their_expected_distances(string name) {
        using var scope = new TensorScope();
        using var noGrad = new NoGrad();
        using var detector = (DenseDetector)Detector.Build(Head(name), 5);
        foreach ((string parameter, Parameter value) in detector.Head.Parameters())
            if (parameter.Contains("reg.", StringComparison.Ordinal)) value.Fill(0);
        Assert.Contains(detector.State(), each => each.Name == "bbox_head.integral.project");
        IReadOnlyList<HeadOutput> outputs = detector.Forward(Batch());
        var head = (AnchorHead)detector.Head;
        for (int level = 0; level < outputs.Count; level++) {
            Assert.Equal(36 * head.PerCell, outputs[level].Boxes.Shape[3]);
            float[] boxes = head.BoxesOf(outputs[level], level, rows: null).ToArray();
            float side = 8 * head.Stride(level);
            Assert.Equal(2 * outputs[level].Size.Vertical * outputs[level].Size.Horizontal * head.PerCell, boxes.Length / 4);
            for (int i = 0; i < boxes.Length; i += 4) Assert.Equal((side, side), (boxes[i + 2] - boxes[i], boxes[i + 3] - boxes[i + 1]));
        }
    }

    [Fact]
    public void A_student_that_equals_its_teacher_has_nothing_to_learn_from_it() {
        GflConfig config = Config(new LocalizationTerm(), new ClassTerm(), new FeatureTerm { Region = FeatureRegion.InsideObjects },
            new PseudoBoxTerm()) with { Backbone = new() { Depth = 18, BaseChannels = 16 } };
        using var scope = new TensorScope();
        using DistilledDetector detector = Make(config, seed: 5);
        Dictionary<string, float[]> losses = Losses(detector);
        foreach (string name in (string[])["loss_ld", "loss_kd", "loss_im", "loss_pseudo"])
            Assert.All(losses[name], value => Assert.InRange(value, -1e-6f, 1e-6f));
        Assert.True(losses["loss_bbox"].Sum() > 0.1f);
    }

    [Fact]
    public void Without_any_object_the_regions_are_empty_and_training_goes_on() {
        GflConfig config = Config([.. ((GflConfig)Presets.Find("ld_official/ld_r50_gflv1_r101_fpn_coco_1x")).Distillation!.Terms]);
        using var scope = new TensorScope();
        using DistilledDetector detector = Make(config);
        detector.Train();
        IReadOnlyList<LossTerm> terms = detector.Losses(Batch(), Images, [new([], []), new([], [])]);
        LossTerm.Total(terms).Backward();
        foreach (LossTerm term in terms)
            Assert.All(term.Value.ToArray(), value => Assert.True(term.Name == "loss_cls" ? value > 0 : value == 0));
        Assert.All(detector.Parameters(), each => Assert.True(each.Parameter.Value.Grad!.ToArray().All(float.IsFinite)));
    }

    [Fact]
    public void A_picture_without_a_prior_that_counts_has_empty_regions() {
        using var scope = new TensorScope();
        using DistilledDetector detector = Make(Config(new LocalizationTerm { Region = new ValuableRegion() }));
        IReadOnlyList<HeadOutput> outputs = detector.Student.Forward(Batch());
        var nowhere = new ImageInfo(0, 0, 0, 0);
        var view = new DetectorView((AnchorHead)detector.Student.Head, [], outputs);
        var batch = new DistillationBatch(view, view, [nowhere, nowhere], Truths,
            detector.Student.Head.AssignAll(outputs, [nowhere, nowhere], Truths));
        Assert.Empty(FeatureCells.Of(FeatureRegion.FineGrained, batch, 0));
        Assert.Equal(0, batch.Rows(new ValuableRegion(), 0).Count);
    }

    [Fact]
    public void State_and_file_are_the_students_and_a_file_needs_no_teacher() {
        using var folder = new TemporaryFolder();
        using var scope = new TensorScope();
        using DistilledDetector detector = Make(Config(new LocalizationTerm()));
        using Detector plain = Detector.Build(Config() with { Distillation = null });
        Assert.Equal(plain.State().Select(each => each.Name), detector.State().Select(each => each.Name));
        detector.Save(folder["student.safetensors"]);
        using Detector loaded = Detector.Load(folder["student.safetensors"]);
        Assert.Equal(detector.Detect(Batch(), Images).SelectMany(each => each), loaded.Detect(Batch(), Images).SelectMany(each => each));
        Assert.Contains("DistilledDetector", Assert.Throws<GraphException>(() => loaded.Losses(Batch(), Images, Truths)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void The_teacher_stays_in_evaluation_mode_and_as_it_was() {
        using var folder = new TemporaryFolder();
        DemoSet.Write(folder.Path, "train", 4, 3);
        var set = new CocoDataset(new CocoAnnotations(folder["train.json"]), folder.Path);
        GflConfig config = Config(new LocalizationTerm(), new FeatureTerm()) with { Classes = [.. set.Categories.Select(one => one.Name)] };
        using DistilledDetector detector = Make(config);
        string before = detector.TeacherDigest;
        float[] student = detector.State().First().Value.Value.ToArray();
        using var trainer = new Trainer(detector, set.Pictures, Augmentation.Of(config), new TrainingOptions { Epochs = 1, BatchSize = 2 });
        Assert.True(trainer.Run());
        Assert.True(detector.Student.IsTraining && !detector.Teacher.IsTraining);
        Assert.NotEqual(student, detector.State().First().Value.Value.ToArray());
        TrainingCheckpoint.Save(folder["last.safetensors"], trainer);
        using DistilledDetector same = Make(config), other = Make(config, seed: 8);
        Assert.Equal(before, same.TeacherDigest);
        using var resumed = new Trainer(same, set.Pictures, Augmentation.Of(config), trainer.Options);
        TrainingCheckpoint.Resume(folder["last.safetensors"], resumed);
        using var refused = new Trainer(other, set.Pictures, Augmentation.Of(config), trainer.Options);
        Assert.Contains("other settings", Assert.Throws<CheckpointException>(() =>
            TrainingCheckpoint.Resume(folder["last.safetensors"], refused)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Teachers_that_do_not_fit_are_refused_with_what_differs() {
        GflConfig student = Config(new LocalizationTerm()), plain = student with { Distillation = null };
        Refused("classes: 2", student, plain with { Classes = ["a", "b"] });
        Refused("class 2 is 'd'", student, plain with { Classes = ["a", "b", "d"] });
        Refused("levels: 3", student, plain with { Neck = plain.Neck with { Levels = 3 }, Strides = [8, 16, 32] });
        Refused("strides: 4, 8, 16, 32", student, plain with { Strides = [4, 8, 16, 32] });
        Refused("bins of an edge: 13", student, plain with { RegMax = 12 });
        Refused("order of colours: BGR", student, plain with { Input = plain.Input with { ToRgb = false } });
        Refused("neck has 32 channels", Config(new FeatureTerm()), plain with { Neck = plain.Neck with { OutChannels = 32 } });
        Refused("says nothing of distillation", plain, plain);
        Make(student, plain with { Classes = ["class 0", "class 1", "class 2"] }).Dispose();   // its names are not known
        Assert.Throws<ConfigException>(() => Detector.Build(Config()));
        Assert.Throws<ConfigException>(() => Detector.Build(Config(new LocalizationTerm(), new LocalizationTerm())));
        Assert.Throws<ConfigException>(() => Detector.Build(Config(new LocalizationTerm { Loss = new(0.5f) })));
        Assert.Throws<ConfigException>(() => Detector.Build(Config(new LocalizationTerm { Region = new ValuableRegion(1.5f) })));

        static void Refused(string what, GflConfig student, GflConfig teacher) => Assert.Contains(what,
            Assert.Throws<ConfigException>(() => Make(student, teacher)).Message, StringComparison.Ordinal);
    }

    /// <summary>Against the definition, pair by pair.</summary>
    [Theory]
    [InlineData(0f, ValuableRule.Paper)]
    [InlineData(0.25f, ValuableRule.Paper)]
    [InlineData(0.25f, ValuableRule.Official)]
    [InlineData(0.6f, ValuableRule.Official)]
    public void The_valuable_region_is_what_its_definition_says(float gamma, ValuableRule rule) {
        using var scope = new TensorScope();
        using DistilledDetector detector = Make(Config(new LocalizationTerm()));
        IReadOnlyList<HeadOutput> outputs = detector.Student.Forward(Batch());
        float[] found = Weights(detector, new ValuableRegion(gamma, rule), outputs);
        AnchorsInside inside = ((AnchorHead)detector.Student.Head).Inside(outputs, Images[0]);
        float[] expected = new float[inside.Total],
            thresholds = new AtssAssigner(9).Thresholds(inside.Boxes, inside.LevelSizes, Truths[0])!;
        for (int k = 0; k < 2; k++) {
            Box truth = Truths[0].Boxes[k];
            for (int i = 0; i < inside.Boxes.Length; i++) {
                Box anchor = inside.Boxes[i];
                double[] sides = [Math.Max(anchor.X2, truth.X2) - Math.Min(anchor.X1, truth.X1),
                    Math.Max(anchor.Y2, truth.Y2) - Math.Min(anchor.Y1, truth.Y1)];
                double x = (anchor.X1 + anchor.X2 - truth.X1 - truth.X2) / 2.0, y = (anchor.Y1 + anchor.Y2 - truth.Y1 - truth.Y2) / 2.0;
                double common = anchor.Intersection(truth), share = (x * x + y * y) / (sides[0] * sides[0] + sides[1] * sides[1]);
                double iou = common / (anchor.Area + truth.Area - common);
                double overlap = (rule == ValuableRule.Paper ? iou : common / anchor.Area) - share;
                if (overlap >= gamma * thresholds[k] && overlap <= thresholds[k])
                    expected[inside.Places[i]] = rule == ValuableRule.Paper ? 1 : Math.Max(expected[inside.Places[i]], (float)iou);
            }
        }
        Assert.InRange(expected.Count(weight => weight > 0), 4, inside.Total - 1);
        for (int i = 0; i < expected.Length; i++) Assert.Equal(expected[i], found[i], 5);
    }

    private static float[] Weights(DistilledDetector detector, ValuableRegion region, IReadOnlyList<HeadOutput> outputs) {
        DenseHead head = detector.Student.Head;
        return region.Weights((AnchorHead)head, outputs, Images[0], Truths[0], head.Assign(outputs, 0, Images[0], Truths[0]).ForBoxes);
    }

    [Fact]
    public void A_larger_gamma_leaves_less_of_the_valuable_region_and_one_leaves_nothing() {
        using var scope = new TensorScope();
        using DistilledDetector detector = Make(Config(new LocalizationTerm()));
        IReadOnlyList<HeadOutput> outputs = detector.Student.Forward(Batch());
        foreach (ValuableRule rule in Enum.GetValues<ValuableRule>()) {
            float[]? before = null;
            foreach (float gamma in (float[])[0, 0.2f, 0.4f, 0.7f, 1]) {
                float[] weights = Weights(detector, new ValuableRegion(gamma, rule), outputs);
                Assert.True(before is null || weights.Zip(before).All(pair => pair.First <= pair.Second));
                Assert.Equal(gamma < 1, weights.Any(weight => weight > 0));
                before = weights;
            }
            int[] assigned = detector.Student.Head.Assign(outputs, 0, Images[0], Truths[0]).ForBoxes;
            float[] without = Weights(detector, new ValuableRegion(0.2f, rule, WithoutPositives: true), outputs);
            Assert.All(assigned.Select((k, i) => (k, i)), at => Assert.True(at.k <= 0 || without[at.i] == 0));
        }
    }

    [Fact]
    public void Feature_cells_are_what_their_definitions_say() {
        using var scope = new TensorScope();
        using DistilledDetector detector = Make(Config(new FeatureTerm()));
        IReadOnlyList<HeadOutput> outputs = detector.Student.Forward(Batch());
        var head = (AnchorHead)detector.Student.Head;
        var view = new DetectorView(head, [], outputs);
        var batch = new DistillationBatch(view, view, Images, Truths, detector.Student.Head.AssignAll(outputs, Images, Truths));
        AnchorsInside inside = head.Inside(outputs, Images[0]);
        for (int level = 0; level < outputs.Count; level++) {
            (int start, int count) = batch.PriorsOf(level);
            List<int> near = [], within = [];
            for (int i = 0; i < count; i++) {
                int place = Array.IndexOf(inside.Places, start + i);
                if (place < 0) continue;
                Box anchor = inside.Boxes[place];
                if (Truths[0].Boxes.Any(truth => anchor.Iou(truth) > 0.5f * inside.Boxes.Max(other => other.Iou(truth)))) near.Add(i);
                (float x, float y) = ((anchor.X1 + anchor.X2) / 2, (anchor.Y1 + anchor.Y2) / 2);
                if (Truths[0].Boxes.Any(truth => x > truth.X1 && x < truth.X2 && y > truth.Y1 && y < truth.Y2)) within.Add(i);
            }
            Assert.Equal(near, FeatureCells.Of(FeatureRegion.FineGrained, batch, level));
            Assert.Equal(within, FeatureCells.Of(FeatureRegion.InsideObjects, batch, level));
        }
        Assert.NotEmpty(FeatureCells.Of(FeatureRegion.FineGrained, batch, 0));
    }

    [Fact]
    public void Texts_say_what_is_distilled_and_what_is_not_known_is_refused() {
        using CheckpointFile file = CheckpointFile.Open(
            Path.Combine(Fixtures.Repository, "Tests", "Fixtures", "detectors", "ld_vlr_r18", "checkpoint.pth"));
        string text = file.Text("meta/config")!;
        Distillation Read(params (string Old, string New)[] changes) => ((GflConfig)MmdetConfig.Read(changes.Aggregate(text,
            (now, change) => now.Contains(change.Old, StringComparison.Ordinal)
                ? now.Replace(change.Old, change.New, StringComparison.Ordinal)
                : throw new ArgumentException(change.Old)))).Distillation!;
        Assert.Equal(["loss_ld", "loss_ld_vlr", "loss_kd", "loss_kd_neg", "loss_im"], Read().Terms.Select(term => term.Name));
        Assert.Equal(12, ((GflConfig)Read().Teacher!).RegMax);
        foreach ((string method, FeatureRegion region) in new[] { ("gibox", FeatureRegion.GeneralInstances),
            ("finegrained", FeatureRegion.FineGrained), ("fitnet", FeatureRegion.InsideObjects),
                ("decouple", FeatureRegion.DecoupledOfficial) })
            Assert.Equal(region, ((FeatureTerm)Read(("'gibox'", $"'{method}'")).Terms[^1]).Region);
        Assert.Equal(8, ((LocalizationTerm)Read(("loss_weight=0.25, T=10", "loss_weight=0.25, T=8")).Terms[1]).Loss.Temperature);
        Distillation named = Read(("teacher_config=dict(",
            "teacher_config='configs/gfl/gfl_r50_fpn_1x_coco.py', eval_teacher=True, unused=dict("),
            ("unused=", "init_cfg="));
        Assert.Equal(("gfl/gfl_r50_fpn_1x_coco", null), (named.TeacherName, named.Teacher));
        Refused("imitation_method = 'nothing' is not supported", ("'gibox'", "'nothing'"));
        Refused("eval_teacher = False is not supported", ("output_feature=True", "output_feature=True, eval_teacher=False"));
        Refused("model.teacher_config.model.train_cfg.foo = 3", ("debug=False", "debug=False, foo=3"));
        Refused("T = 0.5 must be", ("T=2", "T=0.5"));

        void Refused(string what, params (string, string)[] changes) =>
            Assert.Contains(what, Assert.Throws<ConfigException>(() => Read(changes)).Message, StringComparison.Ordinal);
    }

    /// <summary>The class and edge maps that a trace of the official student shows: 300×300 pixels, two classes' pictures.</summary>
    [Fact]
    public void Maps_of_a_small_picture_have_the_known_shapes() {
        using Detector student = Detector.Build(Presets.Find("ld_official/ld_r18_gflv1_r101_fpn_voc_1x"));
        using var noGrad = new NoGrad();
        using var scope = new TensorScope();
        HeadOutput finest = ((DenseDetector)student).Forward(Tensor.Zeros([2, 300, 300, 3]))[0];
        Assert.Equal("[2, 38, 38, 20] [2, 38, 38, 68]", $"{finest.Scores.Shape} {finest.Boxes.Shape}");
    }
}
