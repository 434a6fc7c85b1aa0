namespace DenseEngine.Models;

/// <summary>A head that predicts at every cell of every level. Its file reads in this order: forward, targets, loss, decode.</summary>
public abstract class DenseHead : Module {
    /// <summary>The predictions of each level, from the neck's maps.</summary>
    public abstract IReadOnlyList<HeadOutput> Forward(IReadOnlyList<Tensor> levels);

    /// <summary>The terms of the loss.</summary>
    /// <param name="outputs">What <see cref="Forward"/> gave.</param>
    /// <param name="images">The pictures' places in the batch.</param>
    /// <param name="truths">The pictures' objects.</param>
    public abstract IReadOnlyList<LossTerm> Losses(IReadOnlyList<HeadOutput> outputs, IReadOnlyList<ImageInfo> images,
        IReadOnlyList<GroundTruth> truths);

    /// <summary>Probabilities, and how to get the boxes.</summary>
    public abstract IReadOnlyList<LevelPrediction> Decode(IReadOnlyList<HeadOutput> outputs);
}
