using DenseEngine.Ops;

namespace DenseEngine.Models;

/// <summary>A dense head that predicts one box from each point, and whose losses are of all levels together.</summary>
public abstract class PointHead : AnchorHead {
    private readonly PointConfig config;

    /// <summary>A head with the configuration's points.</summary>
    protected PointHead(PointConfig config)
        : base(config, config.Priors(), config.PriorAssigner(), config.AssignerOfBoxes, config.Border) => this.config = config;

    /// <summary>What all levels' points are to learn in the class branch, and in the box branch.</summary>
    protected (BatchTargets OfClasses, BatchTargets OfBoxes) Together(IReadOnlyList<HeadOutput> outputs, HeadAssignment[] assigned,
        IReadOnlyList<GroundTruth> truths) {
        LevelTargets[] levels = Targets(outputs, [.. assigned.Select(each => each.ForClasses)], truths).Levels;
        float[]? factors = FactorsOf(ClassTerm, outputs.Count);
        var ofClasses = BatchTargets.Join(levels, factors);
        if (config.AssignerOfBoxes is null && factors is null) return (ofClasses, ofClasses);
        if (config.AssignerOfBoxes is not null) levels = Targets(outputs, [.. assigned.Select(each => each.ForBoxes)], truths).Levels;
        return (ofClasses, BatchTargets.Join(levels, FactorsOf("loss_bbox", outputs.Count)));
    }

    /// <summary>The rows [R,K] of all levels' maps [N,h,w,K]: level, then picture, then cell.</summary>
    protected static Tensor AllRows(IReadOnlyList<HeadOutput> outputs, Func<HeadOutput, Tensor> map) =>
        Op.Concat([.. outputs.Select(map).Select(each => Rows(each, each.Shape[3]))], 0);
}
