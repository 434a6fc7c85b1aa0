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
                Colors = new(),
                Crop = new() { Width = 512, Height = 512, Ratios = [0.6, 0.7, 0.8, 0.9, 1, 1.1, 1.2, 1.3] },
                Scales = [[512, 512]],
            },
        };
        return new Dictionary<string, DetectorConfig>(Official()) {
            ["centernet/centernet_resnet18_140e_coco"] = plain,
            ["centernet/centernet_resnet18_dcnv2_140e_coco"] = plain with { Neck = new CtResNetNeckConfig { Dcn = new(Modulated: true) } },
            ["centernet/centernet_r18_demo"] = Demo,
        };
    }

    /// <summary>A small network for pictures of 160×160 pixels, trained from scratch on a processor in minutes.</summary>
    private static CenterNetConfig Demo => new() {
        Classes = DenseConfig.DemoClasses,
        // Without lateral connections, what the coarsest map does not hold is lost: three stages lose less.
        Backbone = new ResNetConfig {
            Depth = 18,
            BaseChannels = 24,
            Strides = [1, 2, 2],
            Dilations = [1, 1, 1],
            OutIndices = [0, 1, 2],
            NormEval = false,
        },
        Neck = new CtResNetNeckConfig { Filters = [64, 48], Kernels = [4, 4] },
        FeatChannels = 48,
        Input = new() { LongSide = 160, ShortSide = 160 },
        Training = new() {
            Adam = new(),
            LearningRate = 2e-3f,
            ReferenceBatch = 8,
            BatchSize = 8,
            Epochs = 40,
            Steps = [27, 36],
            Scales = [[160, 160]],
        },
    };
}
