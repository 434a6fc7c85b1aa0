namespace DenseEngine.Models;

public sealed partial record CenterNetConfig {
    /// <summary>The official repository's models (xingyizhou/CenterNet), by the names of their files: DLA-34 and ResNet-18 with deformable
    /// convolutions, and Hourglass-104. Their checkpoints load by <see cref="KeyAliases"/>.</summary>
    private static IEnumerable<KeyValuePair<string, DetectorConfig>> Official() {
        var dla = new CenterNetConfig {
            Backbone = new DlaConfig(),
            Neck = new DlaUpConfig(),
            FeatChannels = 256,
            MinOverlap = 0.7f,
            OfficialRadius = true,
            ProbabilityClamp = 1e-4f,
            Input = new() {
                Mean = [104.04f, 113.985f, 119.85f],
                Std = [73.695f, 69.87f, 70.89f],
                ToRgb = false,
                ScaleFactors = [1],
                CenterPad = new() { Value = 31, AddedPixels = 1 },
            },
            Test = new() { MaxPerImage = 100 },
            Training = new() {
                Adam = new(),
                LearningRate = 5e-4f,
                WeightDecay = 0,
                WarmupIterations = 0,
                BatchSize = 16,
                ReferenceBatch = 128,
                Epochs = 230,
                Steps = [180, 210],
                Scales = [[512, 512]],
            },
        };
        CenterNetConfig residual = dla with {
            Backbone = new ResNetConfig { Depth = 18, NormEval = false },
            Neck = new CtResNetNeckConfig { Dcn = new(Modulated: true), DcnBias = true },
            FeatChannels = 64,
            Training = dla.Training with { ReferenceBatch = 114, Epochs = 140, Steps = [90, 120] },
        }, hourglass = dla with {
            Backbone = new HourglassConfig(),
            Neck = null,
            Input = dla.Input with { CenterPad = new() { Value = 127, AddedPixels = 1 }, SizeDivisor = 128 },
            Training = dla.Training with { LearningRate = 2.5e-4f, BatchSize = 4, ReferenceBatch = 24, Epochs = 50, Steps = [40] },
        };
        return [new("centernet/ctdet_coco_dla_2x", dla), new("centernet/ctdet_coco_resdcn18", residual),
            new("centernet/ctdet_coco_hg", hourglass)];
    }
}
