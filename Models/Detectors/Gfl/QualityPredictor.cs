using DenseEngine.Ops;

namespace DenseEngine.Models;

/// <summary>How GFL v2 reads a box's quality off its edge distributions.</summary>
/// <param name="TopK">How many of the highest probabilities of each edge are looked at (<c>reg_topk</c>).</param>
/// <param name="Channels">Channels between the two layers (<c>reg_channels</c>).</param>
/// <param name="AddMean">Whether their mean is looked at, too.</param>
public sealed record QualityPredictorConfig(int TopK = 4, int Channels = 64, bool AddMean = true) {
    internal void Validate(int regMax) {
        if (TopK < 1 || TopK > regMax + 1 || Channels is < 1 or > 4096) {
            throw new ConfigException(
                $"GFL: topK {TopK} must be from 1 to the {regMax + 1} bins, the quality's channels {Channels} from 1 to "
                + "4096.");
        }
    }
}

/// <summary>The distribution-guided quality predictor (Li et al., 2021, section 3.2): flat edge distributions mean a poor box. The highest
/// probabilities of the four edges go through two 1×1 convolutions to one probability. The gradient reaches the edges' logits.</summary>
public sealed class QualityPredictor : Module {
    private readonly QualityPredictorConfig config;
    private readonly int bins;
    private readonly Conv2d hidden, quality;

    /// <summary>A predictor for edges of regMax + 1 bins.</summary>
    public QualityPredictor(QualityPredictorConfig config, int regMax) {
        (this.config, bins) = (config, regMax + 1);
        hidden = new Conv2d(4 * (config.TopK + (config.AddMean ? 1 : 0)), config.Channels, 1);
        quality = new Conv2d(config.Channels, 1, 1);
    }

    /// <inheritdoc/>
    public override IEnumerable<(string Name, Module Module)> Children => [("0", hidden), ("2", quality)];   // 1 is a ReLU

    /// <summary>Edge logits [N,h,w,4·(regMax + 1)] to probabilities [N,h,w,1].</summary>
    public Tensor Forward(Tensor edges) {
        using var scope = new TensorScope();
        (int pictures, int height, int width) = (edges.Shape[0], edges.Shape[1], edges.Shape[2]);
        Tensor best = Op.TopK(Op.Softmax(Op.Reshape(edges, edges.Count / bins, bins), -1), config.TopK).Values;
        Tensor seen = config.AddMean ? Op.Concat([best, Op.Mean(best, [1], keepDims: true)], 1) : best;
        Tensor statistics = Op.Reshape(seen, pictures, height, width, 4 * seen.Shape[1]);
        return scope.Keep(Op.Sigmoid(quality.Forward(Op.Relu(hidden.Forward(statistics)))));
    }
}
