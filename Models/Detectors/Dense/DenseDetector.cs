namespace DenseEngine.Models;

/// <summary>A detector of one stage: normalised pictures, backbone, neck, dense head, selection. What its parts do not need for the
/// gradient is freed on the way.</summary>
public sealed class DenseDetector : Detector {
    /// <summary>A detector of these parts.</summary>
    public DenseDetector(DetectorConfig config, Backbone backbone, Neck neck, DenseHead head) : base(config) =>
        (Backbone, Neck, Head) = (backbone, neck, head);

    /// <summary>From pictures to maps.</summary>
    public Backbone Backbone { get; }

    /// <summary>From maps to levels.</summary>
    public Neck Neck { get; }

    /// <summary>From levels to predictions.</summary>
    public DenseHead Head { get; }

    /// <inheritdoc/>
    public override IEnumerable<(string Name, Module Module)> Children => [("backbone", Backbone), ("neck", Neck), ("bbox_head", Head)];

    /// <summary>The head's predictions by level, for normalised, padded pictures [N,H,W,3].</summary>
    public IReadOnlyList<HeadOutput> Forward(Tensor batch) {
        using var scope = new TensorScope();
        IReadOnlyList<HeadOutput> outputs = View(batch).Outputs;
        foreach (HeadOutput output in outputs) output.KeptFrom(scope);
        return outputs;
    }

    /// <summary>The neck's levels, and the head's predictions from them.</summary>
    internal (Tensor[] Levels, IReadOnlyList<HeadOutput> Outputs) View(Tensor batch) {
        Tensor[] maps = Backbone.Forward(batch), levels = Neck.Forward(maps);
        foreach (Tensor map in maps) map.Dispose();   // large, and what the gradient needs of them it has
        return (levels, Head.Forward(levels));
    }

    /// <inheritdoc/>
    protected override IReadOnlyList<LossTerm> BatchLosses(Tensor batch, IReadOnlyList<ImageInfo> images, IReadOnlyList<GroundTruth> truths,
        RandomChoice? choice) => Config is DenseConfig { Distillation: not null }
        ? throw new GraphException("Losses: this configuration learns from a teacher; train it as a DistilledDetector.")
        : Head.Losses(Forward(batch), images, truths);

    /// <inheritdoc/>
    protected override IReadOnlyList<Detections> DetectBatch(Tensor batch, IReadOnlyList<ImageInfo> images, bool rescale) =>
        NmsPostprocess.Select(Head.Decode(Forward(batch)), images, Config.Test, rescale, Config.Classes.Count);
}
