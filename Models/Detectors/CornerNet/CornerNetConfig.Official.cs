namespace DenseEngine.Models;

public sealed partial record CornerNetConfig {
    /// <summary>The official repository's model (princeton-vl/CornerNet). Its checkpoint loads by <see cref="KeyAliases"/>. One thing stays
    /// ours: suppression measures boxes without the extra pixel that the official one gives them.</summary>
    private static CornerNetConfig Official => new() {
        MinOverlap = 0.7,
        OfficialRadius = true,
        OfficialBoxes = true,
        EmbeddingLoss = new(0.1f, 0.1f, EmbeddingNorm.Padded),
        Input = new() {
            Mean = [104.01362f, 114.03422f, 119.91659f],
            Std = [73.60276f, 69.89082f, 70.91508f],
            ToRgb = false,
            ScaleFactors = [1],
            FlipTest = true,
            CenterPad = new() { Value = 127 },
            SizeDivisor = 128,
        },
        Training = new() {
            Adam = new(),
            LearningRate = 0.00025f,
            WeightDecay = 0,
            BatchSize = 5,
            ReferenceBatch = 49,
            Iterations = 500_000,
            Steps = [450_000],
            WarmupIterations = 0,
            Scales = [[511, 511]],
        },
    };
}
