using System.IO.Compression;
using System.Text.Json;
using DenseEngine.Models;
using Xunit;

namespace DenseEngine.Tests;

/// <summary>Presets against the published configurations' values, and against the originals' state dictionaries.</summary>
public class PresetTests {
    private static readonly JsonElement Configs = Read("configs.json.gz").GetProperty("configs"), Keys = Read("keys.json.gz");

    /// <summary>All but the demonstration's, and those of official repositories.</summary>
    public static TheoryData<string> Published => [.. Presets.Names.Where(name => Configs.TryGetProperty(name, out _))];

    /// <summary>Those whose state the originals' list holds.</summary>
    public static TheoryData<string> Listed =>
        [.. Presets.Names.Where(name => Keys.GetProperty("configs").TryGetProperty(name, out _))];

    /// <summary>One configuration for each different state.</summary>
    public static TheoryData<string> ResNetsWithFpn => [.. Configs.EnumerateObject().Where(config => IsResNetWithFpn(config.Value)
        && Keys.GetProperty("configs").TryGetProperty(config.Name, out _)).Select(config => config.Name)
        .DistinctBy(name => Keys.GetProperty("configs").GetProperty(name).GetInt32())];

    [Theory]
    [MemberData(nameof(Listed))]
    public void Preset_has_the_originals_state(string name) {
        using Detector detector = Presets.Find(name).Make();   // to draw weights would take a minute for all
        Assert.Equal(Expected(name, ""), detector.State().Select(entry => $"{entry.Name} {entry.Value.TorchShape}"));
    }

    [Fact]
    public void Every_published_config_of_a_family_is_a_preset_or_named_as_not_supported() {
        string[] families = [.. Presets.Names.Select(name => name[..(name.IndexOf('/', StringComparison.Ordinal) + 1)]).Distinct()],
            published = [.. Configs.EnumerateObject().Select(config => config.Name)
                .Where(name => families.Any(family => name.StartsWith(family, StringComparison.Ordinal)))];
        Assert.NotEmpty(published);
        foreach (string name in published) {
            if (Presets.Names.Contains(name)) continue;
            Assert.Contains("not supported", Assert.Throws<ConfigException>(() => Presets.Find(name)).Message, StringComparison.Ordinal);
            bool excepted = name.Contains("_c4_", StringComparison.Ordinal) || name.Contains("_dc5_", StringComparison.Ordinal)
                || name.Contains("libra_fast_", StringComparison.Ordinal);   // other heads; proposals from files
            Assert.True(excepted || !Keys.GetProperty("configs").TryGetProperty(name, out _), name);
        }
        Assert.Contains("There is no configuration 'gfl_r51'", Assert.Throws<ConfigException>(() => Presets.Find("gfl_r51")).Message,
            StringComparison.Ordinal);
        Assert.Same(Presets.Find("gfl/gfl_r50_fpn_1x_coco"), Presets.Find("gfl_r50_fpn_1x_coco"));
    }

    /// <summary>Of the recipes, what the published files say where the values leave them out: the batch of the whole, by
    /// <c>auto_scale_lr</c> or name, and how often the data set is repeated.</summary>
    private static readonly Dictionary<string, (int Batch, int Repeats)> Elsewhere = new() {
        ["retinanet/retinanet_r18_fpn_1x8_1x_coco"] = (8, 1),
        ["fcos/fcos_r50_caffe_fpn_gn-head_4x4_1x_coco"] = (16, 1),
        ["retinanet/retinanet_r50_fpn_mstrain_640-800_3x_coco"] = (16, 3),
        ["retinanet/retinanet_r101_fpn_mstrain_640-800_3x_coco"] = (16, 3),
        ["cornernet/cornernet_hourglass104_mstest_10x5_210e_coco"] = (50, 1),
        ["cornernet/cornernet_hourglass104_mstest_32x3_210e_coco"] = (96, 1),
        ["cornernet/cornernet_hourglass104_mstest_8x6_210e_coco"] = (48, 1),
        ["faster_rcnn/faster_rcnn_r50_fpn_mstrain_3x_coco"] = (16, 3),
        ["faster_rcnn/faster_rcnn_r101_fpn_mstrain_3x_coco"] = (16, 3),
        ["faster_rcnn/faster_rcnn_r50_caffe_fpn_mstrain_3x_coco"] = (16, 3),
        ["faster_rcnn/faster_rcnn_r101_caffe_fpn_mstrain_3x_coco"] = (16, 3),
    };

    /// <summary>A preset is what the published text gives, but for what a recipe cannot hold.</summary>
    [Theory]
    [MemberData(nameof(Published))]
    public void Preset_has_the_published_values(string name) {
        JsonElement config = Configs.GetProperty(name);
        DetectorConfig preset = Presets.Find(name), read = MmdetConfig.Read(PythonOf(config), NamesElsewhere(name));
        if (Elsewhere.TryGetValue(name, out (int Batch, int Repeats) given))
            read = read with { Training = read.Training with { ReferenceBatch = given.Batch, Repeats = given.Repeats } };
        int epochs = config.TryGetProperty("runner", out _) ? read.Training.Epochs : preset.Training.Epochs;   // the collection lacks some
        Assert.Equal((read with { Training = read.Training with { NotRead = [], Epochs = epochs } }).ToJson(),
            (preset with { Training = preset.Training with { NotRead = [] } }).ToJson());
    }

    /// <summary>The classes' names where the collection has their number only.</summary>
    private static string[]? NamesElsewhere(string name) => name.EndsWith("-person", StringComparison.Ordinal) ? ["person"]
        : name.EndsWith("-person-bicycle-car", StringComparison.Ordinal) ? ["person", "bicycle", "car"] : null;

    [Theory]
    [MemberData(nameof(ResNetsWithFpn))]
    public void Backbone_and_pyramid_have_the_originals_state(string name) {
        JsonElement model = Configs.GetProperty(name).GetProperty("model"), backbone = model.GetProperty("backbone"),
            neck = model.GetProperty("neck");
        bool deforms = backbone.TryGetProperty("dcn", out JsonElement dcn);
        using var net = new ResNet(new() {
            Depth = backbone.GetProperty("depth").GetInt32(),
            Dcn = deforms ? new(dcn.GetProperty("type").GetString() == "DCNv2") : null,
            StageWithDcn = deforms ? [.. backbone.GetProperty("stage_with_dcn").EnumerateArray().Select(stage => stage.GetBoolean())]
                : [false, false, false, false],
        });
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
        && model.TryGetProperty("neck", out JsonElement neck) && neck.ValueKind == JsonValueKind.Object
            && neck.GetProperty("type").GetString() == "FPN";

    private static IEnumerable<string> Expected(string name, string prefix) =>
        Keys.GetProperty("lists")[Keys.GetProperty("configs").GetProperty(name).GetInt32()].EnumerateObject()
        .Where(key => key.Name.StartsWith(prefix, StringComparison.Ordinal))
            .Select(key => $"{key.Name} [{string.Join(", ", Ints(key.Value))}]");

    /// <summary>A configuration's values as the text that they came from.</summary>
    private static string PythonOf(JsonElement config) =>
        string.Join('\n', [.. Settings(config), .. config.EnumerateObject().Select(entry => $"{entry.Name} = {Literal(entry.Value)}")]);

    /// <summary>The older official texts have these beside the model, where the collection left them out; they are ATSS'.</summary>
    private static IEnumerable<string> Settings(JsonElement config) => config.GetProperty("model").TryGetProperty("test_cfg", out _) ? []
        : Configs.GetProperty("atss/atss_r50_fpn_1x_coco").GetProperty("model").EnumerateObject()
            .Where(entry => entry.Name is "train_cfg" or "test_cfg").Select(entry => $"{entry.Name} = {Literal(entry.Value)}");

    private static string Literal(JsonElement value) => value.ValueKind switch {
        JsonValueKind.Object => $"{{{string.Join(", ", value.EnumerateObject().Select(entry => $"'{entry.Name}': {Literal(entry.Value)}"))}}}",
        JsonValueKind.Array => $"[{string.Join(", ", value.EnumerateArray().Select(Literal))}]",
        JsonValueKind.True => "True",
        JsonValueKind.False => "False",
        JsonValueKind.Null => "None",
        JsonValueKind.String => $"'{value.GetString()}'",
        _ => value.GetRawText(),
    };

    private static int[] Ints(JsonElement list) => [.. list.EnumerateArray().Select(value => value.GetInt32())];

    private static JsonElement Read(string file) {
        using var stream =
            new GZipStream(File.OpenRead(Path.Combine(Fixtures.Repository, "Tests", "Fixtures", file)), CompressionMode.Decompress);
        return JsonDocument.Parse(stream).RootElement;
    }
}
