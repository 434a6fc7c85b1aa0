using System.Text.RegularExpressions;
using DenseEngine.Models;
using DenseEngine.Ops;
using Xunit;

namespace DenseEngine.Tests;

/// <summary>mmdetection's texts, as they stand in the fixtures' checkpoints and changed.</summary>
public class MmdetConfigTests {
    private static readonly string Folder = Path.Combine(Fixtures.Repository, "Tests", "Fixtures", "detectors");
    private static readonly string Two = TextOf("gfl_r18"), Three = TextOf("gfl_r18_mmdet3");

    [Theory]
    [InlineData("gfl_r18")]
    [InlineData("gfl_r18_mmdet3")]
    public void A_checkpoint_says_what_it_is(string name) {
        using CheckpointFile file = CheckpointFile.Open(Path.Combine(Folder, name, "checkpoint.pth"));
        DetectorConfig made = DetectorConfig.FromJson(File.ReadAllText(Path.Combine(Folder, name, "config.json")));
        DetectorConfig found = Detector.ConfigOf(file)!;
        // The record made by hand leaves out the recipe's sizes, and the least size, which only 3.x heeds.
        DetectorConfig expected = made with {
            Training = new() { Scales = [[128, 96]] },
            Test = made.Test with { MinBoxSize = name == "gfl_r18" ? null : 0 },
        };
        Assert.Equal(expected.ToJson(), found.ToJson());
        Assert.Empty(found.Training.NotRead);
    }

    private static readonly string[] Odd =
        ["-1", "0", "3", "1e999", "1e-9", "'x'", "None", "[]", "dict()", "2147483648", "(1, 2)", "True", "[[1]]", "dict(type='nms')"];

    /// <summary>Changes that leave the text sound Python: each ends in an error that says where, or a record that its own file
    /// keeps.</summary>
    [Fact]
    public void Odd_values_end_in_a_record_or_an_error() {
        var random = new Philox(17);
        int records = 0, errors = 0;
        foreach (string text in (string[])[Two, Three, TextOf("vfnet_r18_fcos")]) {
            Match[] values = [.. (IEnumerable<Match>)Regex.Matches(text,
                @"(?<==)([0-9.e-]+|'[^']*'|True|False|None|\[[0-9., ]*\]|\([0-9., ]*\))")];
            Assert.InRange(values.Length, 80, 300);
            for (int i = 0; i < 400; i++) {
                Match value = values[random.Next(values.Length)];
                string changed = text[..value.Index] + Odd[random.Next(Odd.Length)] + text[(value.Index + value.Length)..];
                try {
                    DetectorConfig read = MmdetConfig.Read(changed);
                    Assert.Equal(read.ToJson(), DetectorConfig.FromJson(read.ToJson()).ToJson());
                    records++;
                } catch (ConfigException e) {
                    Assert.Matches("line [0-9]+, column [0-9]+", e.Message);
                    errors++;
                }
            }
        }
        Assert.True(records > 50 && errors > 50, $"{records} records, {errors} errors");
    }

    private static GflConfig Read(string text, IReadOnlyList<string>? classes = null) =>
        Assert.IsType<GflConfig>(MmdetConfig.Read(text, classes));

    /// <summary>The text with one part replaced, which must be there.</summary>
    private static string With(string text, string part, string replacement) {
        Assert.Contains(part, text, StringComparison.Ordinal);
        return text.Replace(part, replacement, StringComparison.Ordinal);
    }

    private static string TextOf(string name) {
        using CheckpointFile file = CheckpointFile.Open(Path.Combine(Folder, name, "checkpoint.pth"));
        return file.Text("meta/config") ?? file.Text("meta/cfg")!;
    }

    private static readonly Dictionary<string, Option> Options = new() {
        ["depth"] = new("depth=18", "depth=34", config => config.Backbone.Depth, 34),
        ["frozen_stages"] = new("frozen_stages=1", "frozen_stages=-1", config => config.Backbone.FrozenStages, -1),
        ["norm_eval"] = new("norm_eval=True", "norm_eval=False", config => config.Backbone.NormEval, false),
        ["norm trains"] = new("type='BN', requires_grad=True", "type='SyncBN', requires_grad=False",
            config => config.Backbone.NormTrains, false),
        ["style"] = new("style='pytorch'", "style='caffe'", config => config.Backbone.CaffeStyle, true),
        ["dilations"] = new("dilations=(1, 1, 1)", "dilations=(1, 1, 2)", config => config.Backbone.Dilations[2], 2),
        ["weights that were loaded"] =
            new("norm_eval=True", "init_cfg=dict(type='Pretrained', checkpoint='x'), with_cp=True, norm_eval=True",
            config => config.Backbone.NormEval, true),
        ["extra convs: True"] = new("add_extra_convs='on_output'", "add_extra_convs=True", config => config.Neck.ExtraLevels,
            ExtraLevels.OnInput),
        ["extra convs: old"] = new("add_extra_convs='on_output'", "add_extra_convs=True, extra_convs_on_inputs=False",
            config => config.Neck.ExtraLevels, ExtraLevels.OnOutput),
        ["extra convs: lateral"] = new("'on_output'", "'on_lateral'", config => config.Neck.ExtraLevels, ExtraLevels.OnLateral),
        ["extra convs: none"] = new(",\n        add_extra_convs='on_output'", "", config => config.Neck.ExtraLevels, ExtraLevels.Subsample),
        ["relu before extra convs"] = new("num_outs=4", "num_outs=4, relu_before_extra_convs=True",
            config => config.Neck.ReluBeforeExtraConvs, true),
        ["neck's norm"] = new("num_outs=4", "num_outs=4, norm_cfg=dict(type='GN', num_groups=2), no_norm_on_lateral=True",
            config => (config.Neck.Norm, config.Neck.NoNormOnLateral), (new NormConfig(NormKind.Group, 2), true)),
        ["neck's activation"] = new("num_outs=4", "num_outs=4, act_cfg=dict(type='ReLU', inplace=False)", config => config.Neck.Relu, true),
        ["end_level"] = new("num_outs=4", "num_outs=4, end_level=1", config => config.Neck.EndLevel, 1),
        ["head's norm: none"] = new("norm_cfg=dict(type='GN', num_groups=4, requires_grad=True)", "norm_cfg=None",
            config => config.HeadNorm, null),
        ["head's norm: default"] = new("norm_cfg=dict(type='GN', num_groups=4, requires_grad=True),", "",
            config => config.HeadNorm, new NormConfig(NormKind.Group)),
        ["reg_max"] = new("reg_max=16", "reg_max=8", config => config.RegMax, 8),
        ["stacked_convs"] = new("stacked_convs=1", "stacked_convs=2", config => config.StackedConvs, 2),
        ["anchors' scale"] = new("octave_base_scale=2,\n            scales_per_octave=1", "scales=[3]", config => config.OctaveBaseScale,
            3f),
        ["anchors' centre"] = new("scales_per_octave=1", "scales_per_octave=1, center_offset=0.5", config => config.CenterOffset, 0.5f),
        ["class loss"] = new("beta=2.0", "beta=1.5", config => config.ClassLoss, new QualityFocalLoss(1.5f)),
        ["distribution loss"] = new("loss_weight=0.25", "loss_weight=0.5", config => config.DistributionLoss,
            new DistributionFocalLoss(0.5f)),
        ["box loss"] = new("dict(type='GIoULoss', loss_weight=2.0)", "dict(type='DIoULoss', eps=1e-5)", config => config.BoxLoss,
            new DiouLoss(1, 1e-5f)),
        ["box loss: ciou"] = new("GIoULoss", "CIoULoss", config => config.BoxLoss, new CiouLoss(2)),
        ["box loss: iou"] = new("'GIoULoss'", "'IoULoss', mode='square'", config => config.BoxLoss,
            new IouLoss(2, Mode: IouLossMode.Square)),
        ["box loss: linear"] = new("'GIoULoss'", "'IoULoss', linear=True", config => config.BoxLoss,
            new IouLoss(2, Mode: IouLossMode.Linear)),
        ["packages' names"] = new("'GIoULoss'", "'mmdet.models.losses.GIoULoss'", config => config.BoxLoss, new GiouLoss(2)),
        ["assigner"] = new("topk=9", "topk=5, ignore_iof_thr=0.4, iou_calculator=dict(type='BboxOverlaps2D')", config => config.Assigner,
            new AtssAssigner(5, 0.4f)),
        ["allowed_border"] = new("allowed_border=-1", "allowed_border=4", config => config.AllowedBorder, 4f),
        ["score_thr"] = new("score_thr=0.1", "score_thr=0.3", config => config.Test.ScoreThreshold, 0.3f),
        ["nms_pre"] = new("nms_pre=1000", "nms_pre=7", config => config.Test.BeforeNms, 7),
        ["max_per_img"] = new("max_per_img=100", "max_per_img=3", config => config.Test.MaxPerImage, 3),
        ["iou_threshold"] = new("iou_threshold=0.6", "iou_threshold=0.3, class_agnostic=True",
            config => (config.Test.IouThreshold, config.Test.ClassAgnostic), (0.3f, true)),
        ["iou_thr"] = new("iou_threshold=0.6", "iou_thr=0.3", config => config.Test.IouThreshold, 0.3f),
        ["soft_nms"] = new("dict(type='nms', iou_threshold=0.6)", "dict(type='soft_nms', method='gaussian', sigma=0.7, min_score=0.02)",
            config => (config.Test.IouThreshold, config.Test.Soft), (0.3f, new SoftNms(SoftNmsMethod.Gaussian, 0.7f, 0.02f))),
        ["min_bbox_size"] = new("min_bbox_size=0", "min_bbox_size=12", config => config.Test.MinBoxSize, 12f),
        ["mean"] = new("mean=[123.675, 116.28, 103.53]", "mean=[1, 2.5, 3]", config => string.Join(' ', config.Input.Mean), "1 2.5 3"),
        ["std"] = new("std=[58.395, 57.12, 57.375]", "std=[1, 1, 4.0]", config => string.Join(' ', config.Input.Std), "1 1 4"),
        ["bgr_to_rgb"] = new("bgr_to_rgb=True", "bgr_to_rgb=False", config => config.Input.ToRgb, false),
        ["pad_size_divisor"] = new("pad_size_divisor=32", "pad_size_divisor=64", config => config.Input.SizeDivisor, 64),
        ["scale"] = new("scale=(128, 96)", "scale=(200, 300)", config => (config.Input.LongSide, config.Input.ShortSide), (300, 200)),
        ["rate"] = new("lr=0.01", "lr=0.02", config => config.Training.LearningRate, 0.02f),
        ["epochs"] = new("max_epochs=12", "max_epochs=36", config => config.Training.Epochs, 36),
        ["steps"] = new("[8, 11]", "[27, 33]", config => string.Join(' ', config.Training.Steps), "27 33"),
        ["warm-up"] = new("end=500", "end=100", config => config.Training.WarmupIterations, 100),
        ["batch"] = new("batch_size=2", "batch_size=4", config => (config.Training.BatchSize, config.Training.ReferenceBatch), (4, 16)),
        ["flip"] = new("prob=0.5", "prob=0.25", config => config.Training.FlipProbability, 0.25f),
        ["optimiser"] = new("type='SGD', lr=0.01", "type='AdamW', lr=0.01",
            config => config.Training.NotRead is [var first] ? first[..45] : "",
            "optim_wrapper.optimizer.type = 'AdamW' is not"[..45]),
    };

    /// <summary>A change of the text, and what it changes in the record.</summary>
    private sealed record Option(string Part, string Replacement, Func<GflConfig, object?> Get, object? Expected);

    public static TheoryData<string> OptionNames => [.. Options.Keys];

    [Theory]
    [MemberData(nameof(OptionNames))]
    public void Options_are_read(string name) {
        Option option = Options[name];
        object? before = option.Get(Read(Three)), after = option.Get(Read(With(Three, option.Part, option.Replacement)));
        Assert.Equal(option.Expected, after);
        if (name is not ("weights that were loaded" or "packages' names" or "extra convs: old")) Assert.NotEqual(before, after);
    }

    [Theory]
    [InlineData("mean=[123.675, 116.28, 103.53]", "mean=[0, 0, 0]", "0 0 0")]
    public void Older_texts_are_read(string part, string replacement, string mean) {
        Assert.Equal(mean, string.Join(' ', Read(With(Two, part, replacement)).Input.Mean));
        string outside = With(With(Two, "    train_cfg=dict(", ")\ntrain_cfg = dict(\n"), "    test_cfg=dict(", "\ntest_cfg = dict(");
        outside = With(With(outside, "debug=False),", "debug=False)"), "max_per_img=100))", "max_per_img=100)");
        Assert.Equal(Read(Two).ToJson(), Read(outside).ToJson());   // as before 2.8: the settings beside the model
        Assert.Equal(24, Read(With(Two, "runner = dict(type='EpochBasedRunner', max_epochs=12)", "total_epochs = 24")).Training.Epochs);
        Assert.Null(Read(With(Two, "min_bbox_size=0", "min_bbox_size=12")).Test.MinBoxSize);   // mmdetection 2's heads do not look at it
        Assert.Equal("[[128, 64], [128, 96]]", string.Join(' ', Read(With(Two, "img_scale=(128, 96), keep_ratio=True",
            "img_scale=[(128, 64), (128, 96)], multiscale_mode='range', keep_ratio=True")).Training.Scales
            .Select(pair => $"[{string.Join(", ", pair)}]")).Replace("] [", "], [", StringComparison.Ordinal).Insert(0, "[") + "]");
    }

    [Fact]
    public void Classes_come_from_the_checkpoint_the_text_or_their_number() {
        Assert.Equal(["a", "b", "c"], Read(Three, ["a", "b", "c"]).Classes);
        Assert.Equal(["disc", "box", "wedge"], Read(Three).Classes);
        Assert.Equal(["class 0", "class 1", "class 2"], Read(Two).Classes);
        Assert.Equal(["x", "y", "z"], Read(With(Two, "test=dict(\n", "test=dict(classes=('x', 'y', 'z'),\n")).Classes);
        Assert.Same(ClassNames.Coco, Read(With(Two, "num_classes=3", "num_classes=80")).Classes);
        Assert.Equal("model.bbox_head.num_classes = 3 does not fit the 2 names of classes (line 31, column 21).",
            Assert.Throws<ConfigException>(() => Read(Three, ["a", "b"])).Message);
    }

    [Theory]
    [InlineData("type='GFL'", "type='TOOD'", "model.type = 'TOOD' is not supported (line 3, column 10).")]
    [InlineData("type='GFL'", "type='my.GFL'", "model.type = 'my.GFL' is not supported (line 3, column 10).")]
    [InlineData("type='ResNet'", "type='ResNeXt'", "model.backbone.type = 'ResNeXt' is not supported (line 11, column 14).")]
    [InlineData("type='FPN'", "type='PAFPN'", "model.neck.type = 'PAFPN' is not supported (line 23, column 14).")]
    [InlineData("type='GFLHead'", "type='ATSSHead'", "model.bbox_head.type = 'ATSSHead' is not supported (line 30, column 14).")]
    [InlineData("reg_max=16", "reg_max=16, foo=3", "model.bbox_head.foo = 3 is not supported (line 48, column 21).")]
    [InlineData("depth=18", "depth=18, deep_stem=True", "model.backbone.deep_stem = True is not supported (line 12, column 29).")]
    [InlineData("depth=18", "depth=18, plugins=[dict(type='X')]", "model.backbone.plugins = [dict(type='X')] is not supported")]
    [InlineData("depth=18", "depth=18, dcn=dict(type='DCNv3')",
        "model.backbone.dcn.type = 'DCNv3' is not supported (line 12, column 33).")]
    [InlineData("depth=18", "depth=18, dcn=dict(type='DCN'), stage_with_dcn=(False, True)",
        "model.backbone.stage_with_dcn = (False, True) needs a value for each of the 3 stages")]
    [InlineData("depth=18", "depth=18, dcn=dict(type='DCN'), stage_with_dcn=(False, True, True)",
        "ResNet: depth 18 has no bottlenecks, and only those have deformable convolutions")]
    [InlineData("depth=18", "depth=50, dcn=dict(type='DCN', deform_groups=3), stage_with_dcn=(False, True, True)",
        "ResNet: 3 deform groups do not divide the 4 channels")]
    [InlineData("depth=18", "depth=19", "ResNet: depth 19 is not one of 18, 34, 50, 101, 152 (model.backbone, line 10, column 14).")]
    [InlineData("depth=18", "depth='18'", "model.backbone.depth = '18' must be an integer of 32 bits (line 12, column 15).")]
    [InlineData("depth=18", "depth=18.0", "model.backbone.depth = 18.0 must be an integer of 32 bits (line 12, column 15).")]
    [InlineData("depth=18,", "", "model.backbone.depth is missing (line 10, column 14).")]
    [InlineData("depth=18", "depth=18, deth=1", "model.backbone.deth = 1 is not supported (line 12, column 19).")]
    [InlineData("norm_eval=True", "norm_eval=1", "model.backbone.norm_eval = 1 must be True or False (line 20, column 19).")]
    [InlineData("strides=(1, 2, 2)", "strides=(1, 2, 2, 2)",
        "model.backbone.strides = (1, 2, 2, 2) needs a value for each of the 3 stages")]
    [InlineData("out_indices=(0, 1, 2)", "out_indices=(0, 1, 3)", "ResNet: out indices [0, 1, 3]")]
    [InlineData("type='BN', requires_grad=True", "type='GN', num_groups=2",
        "model.backbone.norm_cfg = dict(type='GN', num_groups=2) is not supp")]
    [InlineData("type='BN', requires_grad=True", "type='BN', eps=1e-3", "model.backbone.norm_cfg.eps = 0.001 is not supported")]
    [InlineData("in_channels=[4, 8, 16]", "in_channels=[4, 8, 32]",
        "model.neck.in_channels = [4, 8, 32] does not fit the backbone's outputs, [4, 8, 16] (line 24, column 21).")]
    [InlineData("add_extra_convs='on_output'", "add_extra_convs='on_top'", "model.neck.add_extra_convs = 'on_top' is not supported")]
    [InlineData("in_channels=12", "in_channels=16", "model.bbox_head.in_channels = 16 is not supported (line 32, column 21).")]
    [InlineData("ratios=[1.0]", "ratios=[0.5, 1.0]", "model.bbox_head.anchor_generator.ratios = [0.5, 1.0] is not supported")]
    [InlineData("scales_per_octave=1", "scales_per_octave=3", "model.bbox_head.anchor_generator.scales_per_octave = 3 is not supported")]
    [InlineData("octave_base_scale=2,\n            scales_per_octave=1", "scales=[2, 3]",
        "model.bbox_head.anchor_generator.scales = [2, 3] is not supp")]
    [InlineData("strides=[8, 16, 32, 64]", "strides=[8, 16, 32]",
        "GFL: 3 strides do not fit the neck's 4 levels (model.bbox_head, line 29, column 15).")]
    [InlineData("type='GIoULoss'", "type='BoundedIoULoss'", "model.bbox_head.loss_bbox.type = 'BoundedIoULoss' is not supported")]
    [InlineData("use_sigmoid=True", "use_sigmoid=False", "model.bbox_head.loss_cls.use_sigmoid = False is not supported")]
    [InlineData("loss_weight=0.25", "loss_weight=float('nan')", "model.bbox_head.loss_dfl.loss_weight = NaN must be a finite number")]
    [InlineData("type='ATSSAssigner'", "type='SimOTAAssigner'", "model.train_cfg.assigner.type = 'SimOTAAssigner' is not supported")]
    [InlineData("pos_weight=-1", "pos_weight=2.0", "model.train_cfg.pos_weight = 2.0 is not supported")]
    [InlineData("nms_pre=1000,", "", "model.test_cfg.nms_pre is missing (line 55, column 14).")]
    [InlineData("max_per_img=100", "max_per_img=0", "model.test_cfg.max_per_img = 0 must be from 1 to 2147483647")]
    [InlineData("type='nms'", "type='nms_match'", "model.test_cfg.nms.type = 'nms_match' is not supported")]
    [InlineData("iou_threshold=0.6", "iou_threshold=0.6, max_num=5", "model.test_cfg.nms.max_num = 5 is not supported")]
    [InlineData("score_thr=0.1", "score_thr=0.1, tta=1", "model.test_cfg.tta = 1 is not supported")]
    [InlineData("pad_size_divisor=32", "pad_size_divisor=0",
        "model.data_preprocessor.pad_size_divisor = 0 must be from 1 to 1024 (line 9, column 26).")]
    [InlineData("pad_size_divisor=32", "pad_size_divisor=32, pad_value=114", "model.data_preprocessor.pad_value = 114 is not supported")]
    [InlineData("std=[58.395, 57.12, 57.375]", "std=[58.395, 0, 57.375]",
        "model.data_preprocessor.std = [58.395, 0, 57.375] must not be 0")]
    [InlineData("mean=[123.675, 116.28, 103.53]", "mean=[1.0]", "model.data_preprocessor.mean = [1.0] needs 3 numbers")]
    [InlineData("scale=(128, 96), keep_ratio=True", "scale=(128, 96), keep_ratio=False",
        "test_dataloader.dataset.pipeline[1].keep_ratio = False is not supported")]
    [InlineData("scale=(128, 96), keep_ratio=True", "scale=(128, 96)", "test_dataloader.dataset.pipeline[1].keep_ratio is missing")]
    [InlineData("scale=(128, 96)", "scale=[(128, 96), (64, 64)]",
        "test_dataloader.dataset.pipeline[1].scale = [(128, 96), (64, 64)] is not supported")]
    [InlineData("type='Resize', scale=(128, 96), keep_ratio=True", "type='FixShapeResize', width=3",
        "test_dataloader.dataset.pipeline[1].type = 'FixShapeResize' is not supported")]
    [InlineData("backend_args=None", "backend_args=None, to_float32=True",
        "test_dataloader.dataset.pipeline[0].to_float32 = True is not supported")]
    [InlineData("model = dict(", "modell = dict(", "model is missing (line 1, column 1).")]
    [InlineData("model = dict(", "_base_ = 'x.py'\nmodel = dict(", "line 2, column 1: '_base_' names other files")]
    public void What_is_not_supported_is_named_with_its_place(string part, string replacement, string expected) {
        string message = Assert.Throws<ConfigException>(() => Read(With(Three, part, replacement))).Message;
        Assert.True(message.StartsWith(expected, StringComparison.Ordinal), message);
        Assert.Matches("line [0-9]+, column [0-9]+", message);
        Assert.True(message.Length < 300, message);
    }

    [Theory]
    [InlineData("flip=False", "flip=True", "data.test.pipeline[1].flip = True is not supported")]
    [InlineData("flip=False", "flip=False, scale_factor=2.0", "data.test.pipeline[1].scale_factor = 2.0 is not supported")]
    [InlineData("dict(type='RandomFlip'),", "dict(type='Pad', size_divisor=32),",
        "data.test.pipeline[1].transforms[2].type = 'Normalize' is not supported in this order of steps")]
    [InlineData("dict(type='Pad', size_divisor=32)", "dict(type='Pad', size=(64, 64))",
        "data.test.pipeline[1].transforms[3].size = (64, 64) is not supported")]
    [InlineData("dict(type='Pad', size_divisor=32)", "dict(type='Pad', size_divisor=32, pad_val=dict(img=(114, 114, 114)))",
        "data.test.pipeline[1].transforms[3].pad_val.img = (114, 114, 114) is not supported")]
    [InlineData("dict(type='Resize', keep_ratio=True)", "dict(type='Resize', keep_ratio=False)",
        "data.test.pipeline[1].transforms[0].keep_ratio = False is not supported")]
    [InlineData("dict(type='Resize', keep_ratio=True)", "dict(type='RandomFlip')", "data.test.pipeline = [")]
    public void Pipelines_of_mmdetection_2_are_judged_step_by_step(string part, string replacement, string expected) {
        string message = Assert.Throws<ConfigException>(() => Read(With(Two, part, replacement))).Message;
        Assert.True(message.StartsWith(expected, StringComparison.Ordinal), message);
        Assert.Matches(@"\(line [0-9]+, column [0-9]+\)\.$", message);
    }

    [Fact]
    public void Recipes_of_both_generations_are_read() {
        const string resize = "dict(type='Resize', img_scale=(128, 96), keep_ratio=True)";
        string two = With(With(With(With(Two, "grad_clip=None", "grad_clip=dict(max_norm=35, norm_type=2)"), "warmup='linear'",
            "warmup='constant'"), "lr=0.01", "lr=0.01, paramwise_cfg=dict(bias_lr_mult=2., bias_decay_mult=0.)"), resize,
            "dict(type='Resize', img_scale=[(128, 96), (64, 48), (32, 24)], multiscale_mode='value', keep_ratio=True)");
        two = With(With(two, "type='EpochBasedRunner', max_epochs=12", "type='IterBasedRunner', max_iters=90000"), "[8, 11]",
            "[60000, 80000]");
        string three = With(With(With(Three, "type='OptimWrapper'", "type='OptimWrapper', clip_grad=dict(max_norm=35, norm_type=2), "
            + "paramwise_cfg=dict(bias_lr_mult=2., bias_decay_mult=0.)"), "type='LinearLR', start_factor", "type='ConstantLR', factor"),
            "dict(type='Resize', scale=(128, 96), keep_ratio=True),\n            dict(type='RandomFlip'",
            "dict(type='RandomChoiceResize', scales=[(128, 96), (64, 48), (32, 24)], keep_ratio=True), dict(type='RandomFlip'");
        foreach (string text in (string[])[two, three]) {
            TrainingRecipe recipe = Read(text).Training;
            Assert.Empty(recipe.NotRead);
            Assert.Equal((35, 2, 0, true, ScaleMode.Value), (recipe.ClipNorm!.Value, recipe.BiasRateFactor, recipe.BiasDecayFactor,
                recipe.ConstantWarmup, recipe.ScaleMode));
            Assert.Equal([128, 96, 64, 48, 32, 24], recipe.Scales.SelectMany(pair => pair));
            Assert.Equal(text == two ? 90_000 : null, recipe.Iterations);
        }
        Assert.Equal([60_000, 80_000], Read(two).Training.Steps);
    }

    [Fact]
    public void Adam_is_read_with_its_betas() {
        TrainingRecipe plain = Read(With(Two, "type='SGD', lr=0.01, momentum=0.9, weight_decay=0.0001", "type='Adam', lr=0.0005")).Training,
            full = Read(With(Two, "type='SGD', lr=0.01, momentum=0.9, weight_decay=0.0001",
                "type='Adam', lr=0.0005, betas=(0.8, 0.99), eps=1e-6, weight_decay=0.01")).Training;
        Assert.Equal((new AdamConfig(), 0.0005f, 0f), (plain.Adam, plain.LearningRate, plain.WeightDecay));
        Assert.Equal((new AdamConfig(0.8, 0.99, 1e-6f), 0.01f), (full.Adam, full.WeightDecay));
        Assert.Empty(full.NotRead);
    }

    [Fact]
    public void Recipes_that_do_not_fit_are_listed() {
        string text = With(With(With(Two, "type='SGD'", "type='AdamW', paramwise_cfg=None"), "policy='step'", "policy='CosineAnnealing'"),
            "grad_clip=None", "grad_clip=dict(max_norm=35, norm_type=1)") + "\nfp16 = dict(loss_scale=512.)\n";
        text = With(text, "dict(type='RandomFlip', flip_ratio=0.5)",
            "dict(type='Expand'), dict(type='RandomFlip', flip_ratio=0.5)");
        Assert.Equal(["optimizer.type = 'AdamW' is not supported", "optimizer_config.grad_clip.norm_type = 1 is not supported",
            "fp16.loss_scale = 512.0 is not supported", "lr_config.policy = 'CosineAnnealing' is not supported",
            "data.train.pipeline[3].type = 'Expand' is not supported"],
            Read(text).Training.NotRead.Select(each => each[..each.IndexOf(" (", StringComparison.Ordinal)]));
    }

    [Fact]
    public void Changes_of_the_text_change_the_detections() {
        Detections given = Detect(Two);
        Assert.Equal(40, given.Count);
        Detections high = Detect(With(Two, "score_thr=0.17", "score_thr=0.2"));
        Assert.Equal(given.Where(found => found.Score > 0.2f), high);
        Assert.InRange(high.Count, 1, 39);
        Assert.Equal(given.Take(5), Detect(With(Two, "max_per_img=100", "max_per_img=5")));
        Detections few = Detect(With(Two, "iou_threshold=0.6", "iou_threshold=0.1"));
        Assert.InRange(few.Count, 1, given.Count - 1);
        for (int i = 0; i < few.Count; i++)
            for (int j = 0; j < i; j++) Assert.True(few[i].Label != few[j].Label || few[i].Box.Iou(few[j].Box) <= 0.1001f);
        Assert.NotEqual(given, Detect(With(Two, "mean=[123.675, 116.28, 103.53]", "mean=[0, 0, 0]")));
        Assert.NotEqual(given, Detect(With(Two, "to_rgb=True", "to_rgb=False")));
        Assert.NotEqual(given, Detect(With(Two, "img_scale=(128, 96)", "img_scale=(160, 120)")));
        Detections soft = Detect(With(Two, "type='nms', iou_threshold=0.6", "type='soft_nms', iou_threshold=0.3, min_score=0.17"));
        Assert.All(soft, found => Assert.True(found.Score >= 0.17f));
        Assert.Equal(given[0], soft[0]);
        Assert.NotEqual(given, soft);
        Assert.Equal(given, Detect(With(Two, "min_bbox_size=0", "min_bbox_size=25")));   // 2.x does not look at it
    }

    [Fact]
    public void Mmdetection_3_drops_small_boxes() {
        Detections all = Detect(Three, "gfl_r18_mmdet3"), large = Detect(With(Three, "min_bbox_size=0",
            "min_bbox_size=25"), "gfl_r18_mmdet3");
        Assert.InRange(large.Count, 1, all.Count - 1);
        Assert.All(large, found => Assert.True(found.Box.Width > 25 && found.Box.Height > 25));
        Assert.Contains(all, found => found.Box.Width <= 25);
    }

    private static Detections Detect(string text, string name = "gfl_r18") {
        using Detector detector = Detector.Load(Path.Combine(Folder, name, "checkpoint.pth"), Read(text));
        return detector.Detect(Picture.Load(Path.Combine(Folder, "gfl_r18", "image0.png")));
    }
}
