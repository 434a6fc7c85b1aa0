namespace DenseEngine.Models;

public sealed partial record CornerNetConfig {
    /// <inheritdoc/>
    public static IReadOnlyDictionary<string, DetectorConfig> Presets { get; } = Published();

    /// <inheritdoc/>
    public static IReadOnlyDictionary<string, string> Unsupported { get; } = new Dictionary<string, string>();

    private static Dictionary<string, DetectorConfig> Published() {
        var published = new CornerNetConfig {
            Input = new() {
                ScaleFactors = [1],
                FlipTest = true,
                CenterPad = new() { Value = 127, Fill = [103.53f, 116.28f, 123.675f] },
                SizeDivisor = 128,
            },
            Training = new() {
                Adam = new(),
                LearningRate = 0.0005f,
                WeightDecay = 0,
                ClipNorm = 35,
                Epochs = 210,
                Steps = [180],
                WarmupRatio = 1f / 3,
                Colors = new(),
                Crop = new() { Ratios = [0.6, 0.7, 0.8, 0.9, 1, 1.1, 1.2, 1.3], Fill = [103.53f, 116.28f, 123.675f] },
                Scales = [[511, 511]],
            },
        };
        DetectorConfig Of(int devices, int batch) =>
            published with { Training = published.Training with { BatchSize = batch, ReferenceBatch = devices * batch } };
        return new Dictionary<string, DetectorConfig> {
            ["cornernet/cornernet_hourglass104_mstest_10x5_210e_coco"] = Of(10, 5),
            ["cornernet/cornernet_hourglass104_mstest_32x3_210e_coco"] = Of(32, 3),
            ["cornernet/cornernet_hourglass104_mstest_8x6_210e_coco"] = Of(8, 6),
            ["cornernet/CornerNet_500000"] = Official,
            ["cornernet/cornernet_hg_demo"] = Small(DenseConfig.DemoClasses),
        };
    }

    /// <summary>The same network small, for pictures of 160×160 pixels.</summary>
    private static CornerNetConfig Small(IReadOnlyList<string> classes) => new() {
        Classes = classes,
        Backbone = new() {
            DownsampleTimes = 3,
            Stacks = 1,
            StageChannels = [32, 32, 48, 64],
            StageBlocks = [1, 1, 1, 1],
            FeatChannels = 32,
        },
        PoolChannels = 32,
        FeatChannels = 32,
        TopK = 40,
        Input = new() { LongSide = 160, ShortSide = 160 },
        Training = new() {
            Adam = new(),
            LearningRate = 0.002f,
            ReferenceBatch = 8,
            WeightDecay = 0,
            BatchSize = 8,
            ClipNorm = 35,
            Epochs = 20,
            Steps = [14, 18],
            Scales = [[160, 160]],
        },
    };
}
