using System.IO.Compression;
using System.Text.Json;
using DenseEngine.Models;
using Xunit;

namespace DenseEngine.Tests;

/// <summary>Presets against the published configurations' values, and against the originals' state dictionaries.</summary>
public class PresetTests {
    private static readonly JsonElement Configs = Read("configs.json.gz").GetProperty("configs"), Keys = Read("keys.json.gz");

    public static TheoryData<string> Published => [.. Presets.Names.Where(name => !name.EndsWith("_demo", StringComparison.Ordinal))];

    /// <summary>One configuration for each different state.</summary>
    public static TheoryData<string> ResNetsWithFpn => [.. Configs.EnumerateObject().Where(config => IsResNetWithFpn(config.Value)
        && Keys.GetProperty("configs").TryGetProperty(config.Name, out _)).Select(config => config.Name)
        .DistinctBy(name => Keys.GetProperty("configs").GetProperty(name).GetInt32())];

    [Theory]
    [MemberData(nameof(Published))]
    public void Preset_has_the_originals_state(string name) {
        using Detector detector = Detector.Build(Presets.Find(name));
        Assert.Equal(Expected(name, ""), detector.State().Select(entry => $"{entry.Name} {entry.Value.TorchShape}"));
    }

    [Fact]
    public void Every_published_config_of_gfl_is_a_preset_or_named_as_not_supported() {
        string[] published =
            [.. Configs.EnumerateObject().Select(config => config.Name).Where(name => name.StartsWith("gfl/", StringComparison.Ordinal))];
        Assert.NotEmpty(published);
        foreach (string name in published) Assert.True(Presets.Names.Contains(name) != GflConfig.Unsupported.ContainsKey(name), name);
        Assert.Contains("deformable convolution", Assert.Throws<ConfigException>(() =>
            Presets.Find("gfl_r101_fpn_dconv_c3-c5_mstrain_2x_coco")).Message, StringComparison.Ordinal);
        Assert.Contains("There is no configuration 'gfl_r51'", Assert.Throws<ConfigException>(() => Presets.Find("gfl_r51")).Message,
            StringComparison.Ordinal);
        Assert.Same(Presets.Find("gfl/gfl_r50_fpn_1x_coco"), Presets.Find("gfl_r50_fpn_1x_coco"));
    }

    [Theory]
    [MemberData(nameof(Published))]
    public void Preset_has_the_published_values(string name) {
        var preset = (GflConfig)Presets.Find(name);
        JsonElement all = Configs.GetProperty(name), model = all.GetProperty("model"), backbone = model.GetProperty("backbone"),
            neck = model.GetProperty("neck"),
            head = model.GetProperty("bbox_head"), test = model.GetProperty("test_cfg"), train = model.GetProperty("train_cfg"),
                anchors = head.GetProperty("anchor_generator");
        Assert.Equal((backbone.GetProperty("depth").GetInt32(), backbone.GetProperty("frozen_stages").GetInt32(),
            backbone.GetProperty("norm_eval").GetBoolean()),
            (preset.Backbone.Depth, preset.Backbone.FrozenStages, preset.Backbone.NormEval));
        Assert.Equal((backbone.GetProperty("norm_cfg").GetProperty("requires_grad").GetBoolean(),
            backbone.GetProperty("style").GetString() == "caffe"), (preset.Backbone.NormTrains, preset.Backbone.CaffeStyle));
        Assert.Equal(Ints(backbone.GetProperty("out_indices")), preset.Backbone.OutIndices);
        Assert.Equal((neck.GetProperty("out_channels").GetInt32(), neck.GetProperty("start_level").GetInt32(),
            neck.GetProperty("num_outs").GetInt32(), "on_output"),
            (preset.Neck.OutChannels, preset.Neck.StartLevel, preset.Neck.Levels,
                preset.Neck.ExtraLevels == ExtraLevels.OnOutput ? neck.GetProperty("add_extra_convs").GetString() : ""));
        Assert.Equal(Ints(neck.GetProperty("in_channels")), preset.Backbone.StageChannels());
        Assert.Equal((head.GetProperty("num_classes").GetInt32(), head.GetProperty("stacked_convs").GetInt32(),
            head.GetProperty("feat_channels").GetInt32(), head.GetProperty("reg_max").GetInt32()),
            (preset.Classes.Count, preset.StackedConvs, preset.FeatChannels, preset.RegMax));
        Assert.Equal(Ints(anchors.GetProperty("strides")), preset.Strides);
        Assert.Equal(anchors.GetProperty("octave_base_scale").GetInt32(), preset.OctaveBaseScale);
        Assert.Equal(new QualityFocalLoss(head.GetProperty("loss_cls").GetProperty("beta").GetSingle(),
            head.GetProperty("loss_cls").GetProperty("loss_weight").GetSingle()), preset.ClassLoss);
        Assert.Equal(new GiouLoss(head.GetProperty("loss_bbox").GetProperty("loss_weight").GetSingle()), preset.BoxLoss);
        Assert.Equal(new DistributionFocalLoss(head.GetProperty("loss_dfl").GetProperty("loss_weight").GetSingle()),
            preset.DistributionLoss);
        Assert.Equal((train.GetProperty("assigner").GetProperty("topk").GetInt32(), train.GetProperty("allowed_border").GetSingle()),
            (preset.Assigner.TopK, preset.AllowedBorder));
        Assert.Equal(new TestConfig(test.GetProperty("score_thr").GetSingle(), test.GetProperty("nms_pre").GetInt32(),
            test.GetProperty("nms").GetProperty("iou_threshold").GetSingle(), test.GetProperty("max_per_img").GetInt32()), preset.Test);
        JsonElement optimizer = all.GetProperty("optimizer"), schedule = all.GetProperty("lr_config"),
            norm = all.GetProperty("img_norm_cfg");
        Assert.Equal((optimizer.GetProperty("lr").GetSingle(), optimizer.GetProperty("momentum").GetSingle(),
            optimizer.GetProperty("weight_decay").GetSingle()),
            (preset.Training.LearningRate, preset.Training.Momentum, preset.Training.WeightDecay));
        Assert.Equal((schedule.GetProperty("warmup_iters").GetInt32(), schedule.GetProperty("warmup_ratio").GetSingle()),
            (preset.Training.WarmupIterations, preset.Training.WarmupRatio));
        Assert.Equal(Ints(schedule.GetProperty("step")), preset.Training.Steps);
        Assert.Equal((all.GetProperty("runner").GetProperty("max_epochs").GetInt32(), all.GetProperty("samples_per_gpu").GetInt32()),
            (preset.Training.Epochs, preset.Training.BatchSize));
        Assert.Equal([.. norm.GetProperty("mean").EnumerateArray().Select(value => value.GetSingle())], preset.Input.Mean);
        Assert.Equal([.. norm.GetProperty("std").EnumerateArray().Select(value => value.GetSingle())], preset.Input.Std);
        JsonElement resize = all.GetProperty("train_pipeline").EnumerateArray()
            .Single(step => step.GetProperty("type").GetString() == "Resize"), scale = resize.GetProperty("img_scale");
        int[][] scales = scale[0].ValueKind == JsonValueKind.Array ? [.. scale.EnumerateArray().Select(Ints)] : [Ints(scale)];
        Assert.Equal(scales, preset.Training.Scales.Select(pair => pair.ToArray()));
        Assert.Equal((int[])[preset.Input.LongSide, preset.Input.ShortSide],
            Ints(all.GetProperty("test_pipeline")[1].GetProperty("img_scale")));
    }

    [Theory]
    [MemberData(nameof(ResNetsWithFpn))]
    public void Backbone_and_pyramid_have_the_originals_state(string name) {
        JsonElement model = Configs.GetProperty(name).GetProperty("model"), backbone = model.GetProperty("backbone"),
            neck = model.GetProperty("neck");
        using var net = new ResNet(new() { Depth = backbone.GetProperty("depth").GetInt32() });
        ExtraLevels extra = !neck.TryGetProperty("add_extra_convs", out JsonElement rule) ? ExtraLevels.Subsample
            : rule.ValueKind == JsonValueKind.True ? ExtraLevels.OnOutput   // with extra_convs_on_inputs false
            : rule.GetString() == "on_input" ? ExtraLevels.OnInput : ExtraLevels.OnOutput;
        using var pyramid = new Fpn(new() {
            OutChannels = neck.GetProperty("out_channels").GetInt32(),
            Levels = neck.GetProperty("num_outs").GetInt32(),
            StartLevel = neck.TryGetProperty("start_level", out JsonElement start) ? start.GetInt32() : 0,
            ExtraLevels = extra,
        }, net.Channels);
        Assert.Equal(Expected(name, "backbone."), net.State().Select(entry => $"backbone.{entry.Name} {entry.Value.TorchShape}"));
        Assert.Equal(Expected(name, "neck."), pyramid.State().Select(entry => $"neck.{entry.Name} {entry.Value.TorchShape}"));
    }

    [Fact]
    public void A_configuration_survives_its_file_and_unknown_members_are_refused() {
        DetectorConfig demo = GflConfig.Demo(["a", "b"]) with { BoxLoss = new CiouLoss(3) };
        var back = (GflConfig)DetectorConfig.FromJson(demo.ToJson());
        Assert.Equal(demo.ToJson(), back.ToJson());
        Assert.Equal((new CiouLoss(3), 16, 4), (back.BoxLoss, back.Backbone.BaseChannels, back.Strides.Count));
        Assert.Throws<ConfigException>(() => DetectorConfig.FromJson("""{ "type": "GFL", "RegMaxi": 3 }"""));
        Assert.Throws<ConfigException>(() => DetectorConfig.FromJson("""{ "type": "YOLO" }"""));
        Assert.Throws<ConfigException>(() => DetectorConfig.FromJson("null"));
        Assert.Throws<ConfigException>(() => DetectorConfig.FromJson("""{ "type": "GFL", "Backbone": null }"""));
        Assert.Throws<ConfigException>(() => Detector.Build(new GflConfig { Backbone = new() { BaseChannels = 1 << 20 } }));
        Assert.Throws<ConfigException>(() => Detector.Build(new GflConfig { FeatChannels = 1 << 20 }));
        Assert.Throws<ConfigException>(() => Detector.Build(new GflConfig { Classes = [] }));
        Assert.Throws<ConfigException>(() => Detector.Build(new GflConfig { Strides = [8, 16] }));
    }

    private static bool IsResNetWithFpn(JsonElement config) => config.TryGetProperty("model", out JsonElement model)
        && model.TryGetProperty("backbone", out JsonElement backbone) && backbone.GetProperty("type").GetString() == "ResNet"
            && !backbone.TryGetProperty("dcn", out _)
        && model.TryGetProperty("neck", out JsonElement neck) && neck.ValueKind == JsonValueKind.Object
            && neck.GetProperty("type").GetString() == "FPN";

    private static IEnumerable<string> Expected(string name, string prefix) =>
        Keys.GetProperty("lists")[Keys.GetProperty("configs").GetProperty(name).GetInt32()].EnumerateObject()
        .Where(key => key.Name.StartsWith(prefix, StringComparison.Ordinal))
            .Select(key => $"{key.Name} [{string.Join(", ", Ints(key.Value))}]");

    private static int[] Ints(JsonElement list) => [.. list.EnumerateArray().Select(value => value.GetInt32())];

    private static JsonElement Read(string file) {
        using var stream =
            new GZipStream(File.OpenRead(Path.Combine(Fixtures.Repository, "Tests", "Fixtures", file)), CompressionMode.Decompress);
        return JsonDocument.Parse(stream).RootElement;
    }
}
