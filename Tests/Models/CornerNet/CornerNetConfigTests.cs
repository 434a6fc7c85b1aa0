using DenseEngine.Models;
using Xunit;

namespace DenseEngine.Tests;

/// <summary>CornerNet's texts: mmdetection 3's, and what is refused.</summary>
public class CornerNetConfigTests {
    private static string Two {
        get {
            using CheckpointFile file = CheckpointFile.Open(
                Path.Combine(Fixtures.Repository, "Tests", "Fixtures", "detectors", "cornernet_hg2", "checkpoint.pth"));
            return file.Text("meta/config")!;
        }
    }

    /// <summary>mmdetection 3 normalises in the model and mirrors elsewhere (<c>tta_pipeline</c>); all else is the same network.</summary>
    [Fact]
    public void A_text_of_mmdetection_3_is_the_same_network() {
        string model = Two[..Two.IndexOf("dataset_type", StringComparison.Ordinal)].Replace("type='CornerNet',", """
            type='CornerNet', data_preprocessor=dict(type='DetDataPreprocessor', mean=[123.675, 116.28, 103.53],
                std=[58.395, 57.12, 57.375], bgr_to_rgb=True),
            """, StringComparison.Ordinal);
        const string pipeline = """

            default_scope = 'mmdet'
            test_pipeline = [
                dict(type='LoadImageFromFile', to_float32=True, backend_args=None),
                dict(type='RandomCenterCropPad', crop_size=None, ratios=None, border=None, test_mode=True, test_pad_mode=['logical_or', 31],
                    mean=[123.675, 116.28, 103.53], std=[58.395, 57.12, 57.375], to_rgb=True),
                dict(type='PackDetInputs', meta_keys=('img_id', 'img_path', 'ori_shape', 'img_shape', 'border'))]
            """;
        DetectorConfig two = MmdetConfig.Read(Two), three = MmdetConfig.Read(model + pipeline, two.Classes);
        Assert.True(two.Input.FlipTest);
        DetectorConfig plain = two with { Input = two.Input with { FlipTest = false }, Training = new() };
        Assert.Equal(plain.ToJson(), (three with { Training = new() }).ToJson());
    }

    [Theory]
    [InlineData("corner_emb_channels=1", "corner_emb_channels=2", "corner_emb_channels = 2 is not supported")]
    [InlineData("num_feat_levels=2", "num_feat_levels=1", "does not fit the backbone's 2 stacks")]
    [InlineData("in_channels=2", "in_channels=4", "in_channels = 4")]
    [InlineData("neck=None", "neck=dict(type='FPN')", "neck")]
    [InlineData("distance_threshold=0.5", "distance=0.5", "distance_threshold")]
    [InlineData("corner_topk=40", "corner_topk=0", "corner_topk")]
    [InlineData("local_maximum_kernel=3", "local_maximum_kernel=4", "localMaximumKernel 4")]
    [InlineData("type='AssociativeEmbeddingLoss'", "type='L1Loss'", "L1Loss")]
    public void What_the_network_cannot_be_is_refused(string from, string to, string message) {
        Assert.Contains(from, Two, StringComparison.Ordinal);
        string text = Two.Replace(from, to, StringComparison.Ordinal);
        Assert.Contains(message, Assert.Throws<ConfigException>(() => MmdetConfig.Read(text)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_configuration_survives_its_file() {
        var config = (CornerNetConfig)MmdetConfig.Read(Two) with {
            EmbeddingLoss = new(0.2f, 0.3f, EmbeddingNorm.Padded),
            OfficialRadius = true,
            Training = new() { Adam = new(0.8), Crop = new(), Colors = new(16) },
        };
        Assert.Equal(config.ToJson(), DetectorConfig.FromJson(config.ToJson()).ToJson());
        Assert.Throws<ConfigException>(() => Detector.Build(config with { Training = new() { Crop = new() { Ratios = [0] } } }));
    }
}
