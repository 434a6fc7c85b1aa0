using DenseEngine.Ops;

namespace DenseEngine.Models;

/// <summary>A dense head that predicts one box from each point, and whose losses are of all levels together.</summary>
public abstract class PointHead : AnchorHead {
    private readonly PointConfig config;

    /// <summary>A head with the configuration's points.</summary>
    protected PointHead(PointConfig config)
        : base(config, config.Priors(), config.PriorAssigner(), ofBoxes: null, config.Border) => this.config = config;

    /// <summary>What all levels' points are to learn.</summary>
    protected BatchTargets Together(IReadOnlyList<HeadOutput> outputs, int[][] assigned, IReadOnlyList<GroundTruth> truths) =>
        BatchTargets.Join(Targets(outputs, assigned, truths).Levels, config.LevelWeights);

    /// <summary>The rows [R,K] of all levels' maps [N,h,w,K]: level, then picture, then cell.</summary>
    protected static Tensor AllRows(IReadOnlyList<HeadOutput> outputs, Func<HeadOutput, Tensor> map) =>
        Op.Concat([.. outputs.Select(map).Select(each => Rows(each, each.Shape[3]))], 0);
}
