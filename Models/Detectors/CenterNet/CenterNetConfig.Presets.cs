namespace DenseEngine.Models;

public sealed partial record CenterNetConfig {
    /// <inheritdoc/>
    public static IReadOnlyDictionary<string, DetectorConfig> Presets { get; } = Published();

    /// <inheritdoc/>
    public static IReadOnlyDictionary<string, string> Unsupported { get; } = new Dictionary<string, string>();

    private static Dictionary<string, DetectorConfig> Published() {
        var plain = new CenterNetConfig {
            Input = new() {
                ScaleFactors = [1],
                CenterPad = new() { Value = 31, AddedPixels = 1 },
            },
            Test = new() { MaxPerImage = 100 },
            Training = new() {
                LearningRate = 0.02f,
                BatchSize = 16,
                ReferenceBatch = 128,
                ClipNorm = 35,
                Steps = [18, 24],
                Epochs = 28,
                WarmupIterations = 1000,
                Scales = [[512, 512]],
            },
        };
        return new Dictionary<string, DetectorConfig> {
            ["centernet/centernet_resnet18_140e_coco"] = plain,
            ["centernet/centernet_resnet18_dcnv2_140e_coco"] = plain with { Neck = plain.Neck with { Dcn = new(Modulated: true) } },
        };
    }
}
